/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a source of answers promises. The asker does not know who answers, and a
 * source does not know who asked: it puts the answer into the ask and the ask on
 * the context's list of arrivals.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/map.h"
#include "plan/answer.h"
#include "plan/question.h"
#include "source/times.h"

enum source_result {
	SOURCE_PASS,     /* not mine: ask the next source */
	SOURCE_PENDING,  /* the ask will arrive later; its owner keeps it until then */
	SOURCE_ANSWERED, /* it has arrived already */
};

/* One question under way. Owned by source/flight; sources fill answer only
 * through ask_arrive(). */
struct ask {
	struct question q;     /* q.addr is counted while the ask lives */
	struct answer *answer; /* NULL until it arrives */
	struct list arrived;   /* link in the arrivals list */
	struct list *arrivals; /* that list */
	bool from_cache;       /* so the cache need not be told */
	struct counts *counts; /* while the question is out; NULL: nobody counts */
	int64_t sent_us;
};

/* The question goes out to the world. */
static inline void ask_send(struct ask *ask, struct counts *counts)
{
	ask->counts = counts;
	if (counts == NULL)
		return;
	ask->sent_us = clock_mono_us();
	counts_begin(counts, ask->q.kind);
}

/* Give the answer (its count goes over to the ask) and put it on the list. */
static inline void ask_arrive(struct ask *ask, struct answer *a)
{
	if (ask->counts != NULL)
		counts_end(ask->counts, ask->q.kind, a, clock_mono_us() - ask->sent_us);
	ask->counts = NULL;
	ask->answer = a;
	list_append(ask->arrivals, &ask->arrived);
}

#endif
