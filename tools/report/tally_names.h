/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts that come again and again, kept once and counted. */
#ifndef REPORT_TALLY_NAMES_H
#define REPORT_TALLY_NAMES_H

#include "base/map.h"
#include "tools/report/slice.h"

struct name {
	struct map_node node;
	uint32_t refs, len;
	char text[];
};

struct names {
	struct map map;
	size_t bytes;
};

void names_init(struct names *n);
struct name *names_get(struct names *n, struct slice text); /* counted; NULL: no memory */
struct name *names_find(const struct names *n, struct slice text);
struct name *name_ref(struct name *name);
void names_drop(struct names *n, struct name *name); /* NULL is fine */
void names_free(struct names *n);                    /* all of them */

static inline struct slice name_slice(const struct name *name)
{
	return name == NULL ? (struct slice){ "", 0 } : (struct slice){ name->text, name->len };
}

#endif
