/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lookups came to, for danests_cached(): a table of fixed size that holds
 * references to policies, and gives one out only while a fresh lookup would come to the
 * same. That is until it expires; until something is learnt of its domain that may change
 * it (a policy that is fetched, put or dropped), or of all; and until the clock is put
 * back, since nobody knows when it ends then.
 *
 * A lookup takes a mark when it begins. When something was learnt of its domain since,
 * what it came to may rest on what was known before, and is not remembered.
 */
#ifndef API_CACHED_H
#define API_CACHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attr.h"
#include "danests.h"
#include "parse/domain.h"

#define CACHED_SETS 1024 /* a power of two; a domain's policies are all in one of them */
#define CACHED_WAYS 4

struct cached_set;

struct cached {
	struct cached_set *sets; /* NULL: nobody has asked yet, and nothing is remembered */
	uint64_t seed[2];      /* strangers choose the names */
	uint32_t all;          /* changes of everything; wraps around */
	size_t bytes;          /* of the policies that are held */
	size_t hand;           /* where to drop next, for want of room */
};

struct cached_mark {
	bool on;               /* there was a table */
	uint32_t count;        /* changes of the domain so far */
	time_t wall;           /* the time, by the clock on the wall ... */
	int64_t ms;            /* ... and by the one that never goes back */
};

/* Remember from now on. DANESTS_OK, also when it is so already; DANESTS_ENOMEM. */
int cached_begin(struct cached *cached) ATTR_MUST_CHECK;
void cached_free(struct cached *cached); /* zeroed is fine */

/* The caller owns the reference; NULL: there is none that holds. */
danests_policy *cached_get(struct cached *cached, const struct nexthop *nexthop);

struct cached_mark cached_mark(const struct cached *cached, const struct domain *domain);

/* The policy that a lookup with this mark came to, instead of what was there. All of them
 * take at most so many octets, as far as they do not share. */
void cached_put(struct cached *cached, struct cached_mark mark, const struct nexthop *nexthop,
    danests_policy *policy, size_t limit);

/* Something was learnt of this domain; "": of all. */
void cached_drop(struct cached *cached, const char *domain);

#endif
