/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the library has to tell without having been asked (danests_next_event()):
 * a queue from those that find something out to the caller's log. Bounded: when
 * nobody reads it, what says that a policy changed is merged into one event for all
 * domains, and of the rest the newest are dropped.
 */
#ifndef SOURCE_EVENTS_H
#define SOURCE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/list.h"
#include "danests.h"

struct events {
	struct list queue;
	size_t count;
	struct event *given;  /* what the last events_next() gave out */
	bool all_changed;     /* the queue was full when a domain changed */
	unsigned long dropped;
	/* Who hears of each at once, whether there is room for it or not; or NULL. */
	void (*heard)(void *arg, enum danests_event_kind kind, const char *domain);
	void *arg;
};

void events_init(struct events *events);
void events_clear(struct events *events); /* frees all */

/* domain may be "" for what concerns no domain. fmt gives the text, which may be
 * "" and must be printable. Without memory it counts as dropped. */
void events_add(struct events *events, enum danests_event_kind kind, const char *domain,
    const char *fmt, ...) ATTR_PRINTF(4, 5);

/* The oldest; false when there is none. Its strings are valid until the next call. */
bool events_next(struct events *events, struct danests_event *out);

#endif
