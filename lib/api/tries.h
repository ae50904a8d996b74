/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains whose policy is being refreshed, or could not be: of those a bounded number. */
#ifndef API_TRIES_H
#define API_TRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/list.h"
#include "base/map.h"

struct try {
	struct map_node node;
	struct list link;  /* in tries->failed; on its own while under way */
	bool running;
	bool retry;        /* under way, and failed the last time */
	time_t again;      /* failed: not before this */
	char domain[];
};

struct tries {
	struct map map;
	struct list failed;   /* oldest first */
	size_t failed_count;
	size_t running;       /* under way */
	size_t retrying;      /* of those, the ones that failed before */
};

void tries_init(struct tries *tries);
void tries_free(struct tries *tries); /* zeroed is fine */

struct try *tries_find(const struct tries *tries, const char *domain);

/* It is under way: t, or a new one when t is NULL. NULL without memory. */
struct try *tries_begin(struct tries *tries, struct try *t, const char *domain);

/* It is not any more. again is 0: forget it; else when to try next. */
void tries_end(struct tries *tries, struct try *t, time_t again);

#endif
