/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What has changed since something was found out, without a list of what was: domains
 * share a fixed number of counters, chosen by a keyed hash. Who remembers a thing keeps
 * the mark of its domain from before it was found out; once a change of that domain is
 * counted, the mark holds no longer. To ask is to read one number. That a counter is
 * shared costs what is remembered of one domain in CHANGES_PLACES now and then, which is
 * then found out again; never the other way round.
 */
#ifndef PLUGIN_CHANGES_H
#define PLUGIN_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/* A power of two. A megabyte, of which only changes touch a part. */
#define CHANGES_PLACES ((uint32_t)1 << 18)

struct changes {
	uint32_t *count;  /* of changes, by place; wraps around */
	uint32_t all;     /* changes of everything; likewise */
	uint64_t seed[2]; /* nobody chooses whose place a domain of his shares */
};

struct changes_mark {
	uint32_t place, count;
};

/* DANESTS_OK, DANESTS_ENOMEM. */
int changes_init(struct changes *changes) ATTR_MUST_CHECK;
void changes_free(struct changes *changes); /* zeroed is fine */

/* For a key of danests_nexthop_key(): of its domain, whatever port and brackets it has. */
struct changes_mark changes_mark(const struct changes *changes, const char *key, size_t len);

/* Of this domain, or "": of all. No mark from before holds. */
void changes_add(struct changes *changes, const char *domain);

/* Nothing has changed since. A sum of two that only grow is the same only if neither has. */
static inline bool changes_hold(const struct changes *changes, struct changes_mark mark)
{
	return changes->count[mark.place] + changes->all == mark.count;
}

#endif
