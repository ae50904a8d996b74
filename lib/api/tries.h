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
	unsigned pass;     /* in which it was found last */
	time_t again;      /* failed: not before this */
	char domain[];
};

struct tries {
	struct map map;
	struct list failed;   /* oldest first */
	size_t failed_count;
	size_t running;       /* under way */
	size_t retrying;      /* of those, the ones that failed before */
	unsigned pass;        /* over all policies that are held: the number of this one */
};

void tries_init(struct tries *tries);
void tries_free(struct tries *tries); /* zeroed is fine */

/* Found: its policy is still there. */
struct try *tries_find(const struct tries *tries, const char *domain);

/* A pass is over: those that failed, and were not found in it, are forgotten. */
void tries_pass(struct tries *tries);

/* So many have failed that further ones are not remembered: what fails without a try
 * may have failed before. */
bool tries_full(const struct tries *tries);

/* It is under way: t, or a new one when t is NULL. NULL without memory. */
struct try *tries_begin(struct tries *tries, struct try *t, const char *domain);

/* It is not any more. again is 0: forget it; else when to try next, as far as there is
 * room. */
void tries_end(struct tries *tries, struct try *t, time_t again);

#endif
