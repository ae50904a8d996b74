/* SPDX-License-Identifier: BSD-2-Clause */
/* Between overrides.c and overrides_read.c: the table. */
#ifndef PLUGIN_OVERRIDES_IMPL_H
#define PLUGIN_OVERRIDES_IMPL_H

#include "base/attr.h"
#include "base/map.h"
#include "plugin/overrides.h"

/* What the left side of a line is, and so how it is kept: "example.com",
 * ".example.com", "[mx.example.com]:587", "example.com:25". */
struct override_entry {
	struct map_node node;
	struct override what;
	uint16_t key_len;
	char text[]; /* the key, and then the reply */
};

struct overrides {
	struct map map;
	bool has_below, has_port_25; /* to be spared look-ups for them */
	uint64_t print;
	bool ending;                 /* what is left to free: */
	struct map_node *left;
	size_t cursor;
	char path[];
};

static inline struct override_entry *override_entry(struct map_node *node)
{
	return CONTAINER_OF(node, struct override_entry, node);
}

#endif
