/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is asked of the world, counted: how much is under way, how it ended, how long
 * it took. Belongs to the context, so that it goes on when a change of settings puts
 * other sources in.
 */
#ifndef SOURCE_TIMES_H
#define SOURCE_TIMES_H

#include <stddef.h>
#include <stdint.h>

#include "danests.h"
#include "plan/answer.h"

/* As in struct danests_status. */
struct counts {
	size_t queries, fetches;
	uint64_t queries_done, queries_failed;
	uint64_t fetched, fetch_errors, fetch_invalid, fetch_webpki;
	struct danests_times query_times, fetch_times;
};

/* The upper limit in ms of place i; 0: none. */
unsigned int times_limit(size_t i);

void times_add(struct danests_times *times, int64_t us);

/* A question of this kind goes out. */
void counts_begin(struct counts *counts, enum question_kind kind);

/* It has ended after that long; a may be NULL for want of memory. */
void counts_end(struct counts *counts, enum question_kind kind, const struct answer *a,
    int64_t us);

void counts_status(const struct counts *counts, struct danests_status *out);

#endif
