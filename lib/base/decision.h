/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What danestsd logs about one decision, and what dane-report reads again
 * (spec.md section 6). Writer and reader stand side by side so that they cannot
 * drift apart. One line, here broken in two:
 *
 *	policy nexthop=example.com domain=example.com reply=dane-only dane=full sts=absent
 *	sts_id=- hosts=1 expires=3600 source=lookup ms=12 error=- reason=""
 */
#ifndef BASE_DECISION_H
#define BASE_DECISION_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"

struct decision {
	const char *nexthop; /* as Postfix asked, in its one spelling */
	const char *domain;  /* policy domain, A-labels */
	const char *reply;   /* dane-only dane secure may NOTFOUND TEMP PERM, or an override's */
	const char *dane;    /* danests_dane_name() */
	const char *sts;     /* danests_sts_state_name() */
	const char *sts_id;  /* "" is written "-", and "-" read as "" */
	const char *source;  /* lookup, cache, override */
	const char *error;   /* token; "" is written "-", and "-" read as "" */
	const char *reason;  /* in words, or "" */
	uint64_t hosts;
	uint64_t expires;    /* seconds left */
	uint64_t ms;         /* how long it took */
};

#define DECISION_MARK "policy " /* begins the line; what follows are the pairs */

/* Adds the line, without a line end, to the buffer. NULL is written as "". */
void decision_write(struct buf *out, const struct decision *d);

/*
 * The pairs, that is what follows DECISION_MARK. Unknown keys are passed over,
 * of a repeated one the first counts; nexthop, domain, reply, dane and sts must
 * be there, what else is absent is "" or 0. The strings live in *store, which is
 * emptied first. DANESTS_OK, DANESTS_EINVAL (*out is untouched), DANESTS_ENOMEM.
 */
int decision_parse(struct decision *out, struct buf *store, const char *text,
    size_t len) ATTR_MUST_CHECK;

#endif
