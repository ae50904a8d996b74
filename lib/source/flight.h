/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Questions under way. Who asks what is being asked already joins in, so that a
 * burst of mail to one domain is one question to the world (rules.md 5.22).
 */
#ifndef SOURCE_FLIGHT_H
#define SOURCE_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/list.h"
#include "base/map.h"
#include "source/source.h"

#define FLIGHT_SEATS 2 /* waiters without an allocation of their own */

struct flight {
	struct map_node node;
	struct ask ask;
	void *seat[FLIGHT_SEATS];
	void **more;            /* those beyond the seats */
	size_t waiters, told, more_cap;
	bool landed, outdated;
	unsigned era;
	struct list fetch;      /* STS: in flights->fetches; else on its own */
	size_t key_len;
	char key[];             /* the era, then question_text() */
};

struct flights {
	struct map map;
	unsigned era;           /* see flights_part() */
	struct list fetches;    /* of policies, in the order in which they began */
	struct list *arrivals;
};

void flights_init(struct flights *flights, struct list *arrivals);

/* All flights still in the table, with their answers. Sources that hold asks must
 * be gone. Zeroed flights are fine. */
void flights_free(struct flights *flights);

/*
 * Wait for the answer of q. *fresh: nobody has asked yet, so the caller gives
 * flight->ask to the sources. NULL without memory; nothing has changed then.
 * q->addr is counted by the flight.
 */
struct flight *flight_join(struct flights *flights, const struct question *q, void *waiter,
    bool *fresh) ATTR_MUST_CHECK;

/*
 * From now on nobody joins what is under way: its answers come from sources that are
 * out of favour, and flight_is_past() tells so. They land as if nothing had been.
 */
void flights_part(struct flights *flights);
bool flight_is_past(const struct flights *flights, const struct flight *flight);

/*
 * The policy that this one has fetched, and that has not landed yet, counts from now on:
 * what began earlier for the same domain, and is still under way, is outdated. The id of
 * such a one may be of long ago, and its host slow on purpose.
 */
void flights_outdate(struct flights *flights, const struct flight *fetched);

/* Its ask has arrived: take it out, so that who asks from now on asks anew. */
void flight_land(struct flights *flights, struct flight *flight);

/* The next waiter in the order of joining; NULL: all have been named. */
void *flight_waiter(struct flight *flight);

/* A landed flight, its answer and its addresses. NULL is fine. */
void flight_free(struct flight *flight);

#endif
