/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/times.h"

static const unsigned int limits[DANESTS_TIMES - 1] = {
	1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000,
};

unsigned int times_limit(size_t i)
{
	return i < COUNT_OF(limits) ? limits[i] : 0;
}

void times_add(struct danests_times *times, int64_t us)
{
	size_t i = 0;

	us = us < 0 ? 0 : us;
	while (i < COUNT_OF(limits) && us > (int64_t)limits[i] * 1000)
		i++;
	times->count[i]++;
	times->sum_us += (uint64_t)us;
}

void counts_begin(struct counts *counts, enum question_kind kind)
{
	if (kind == QUESTION_STS)
		counts->fetches++;
	else
		counts->queries++;
}

static void count_fetch(struct counts *counts, enum answer_failure failure)
{
	switch (failure) {
	case FAILURE_NONE:
		counts->fetched++;
		break;
	case FAILURE_STS_INVALID:
		counts->fetch_invalid++;
		break;
	case FAILURE_STS_WEBPKI:
		counts->fetch_webpki++;
		break;
	default: /* our own failures, too: it was not fetched */
		counts->fetch_errors++;
	}
}

void counts_end(struct counts *counts, enum question_kind kind, const struct answer *a,
    int64_t us)
{
	enum answer_failure failure = a != NULL ? a->failure : FAILURE_LOCAL;

	if (kind == QUESTION_STS) {
		counts->fetches--;
		times_add(&counts->fetch_times, us);
		count_fetch(counts, failure);
		return;
	}
	counts->queries--;
	counts->queries_done++;
	counts->queries_failed += failure != FAILURE_NONE;
	times_add(&counts->query_times, us);
}

void counts_status(const struct counts *counts, struct danests_status *out)
{
	out->queries = counts->queries;
	out->fetches = counts->fetches;
	out->queries_done = counts->queries_done;
	out->queries_failed = counts->queries_failed;
	out->fetched = counts->fetched;
	out->fetch_errors = counts->fetch_errors;
	out->fetch_invalid = counts->fetch_invalid;
	out->fetch_webpki = counts->fetch_webpki;
	out->query_times = counts->query_times;
	out->fetch_times = counts->fetch_times;
}
