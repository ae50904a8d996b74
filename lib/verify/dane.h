/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What DANE says of a server that a host with usable TLSA records showed (RFC 7671 5,
 * RFC 7672 3). DANE-EE first: it is cheap, and one match is enough (U14).
 */
#ifndef VERIFY_DANE_H
#define VERIFY_DANE_H

#include <stdbool.h>
#include <time.h>

#include "base/attr.h"
#include "danests.h"
#include "verify/match.h"

/* DANESTS_OK or DANESTS_ENOMEM. */
int dane_judge(const danests_policy *policy, const struct danests_host *host,
    const struct danests_der *ders, size_t count, time_t now, struct danests_judgement *out)
    ATTR_MUST_CHECK;
int dane_judge_key(const struct danests_host *host, const struct danests_der *key,
    struct danests_judgement *out) ATTR_MUST_CHECK;

/* One judgement in the making. */
struct dane {
	const danests_policy *policy;
	const struct danests_host *host;
	const struct danests_der *ders;
	size_t count;
	time_t now;
	bool *drop;                /* by record: unusable or too weak (U6); owned */
	struct match_subject leaf;
	struct danests_judgement *out;
};

/* verify/dane_ta.c: usage 2. Judges when a record matches; else leaves *out alone. */
int dane_anchors(struct dane *d) ATTR_MUST_CHECK;

#endif
