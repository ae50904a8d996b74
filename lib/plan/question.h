/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A question is a value: what we want to know, and of which name. Its text form
 * is the cache key, the syntax of scenario files, and what people read.
 *
 *	MX example.com            the MX records
 *	ADDR mx1.example.com      A and AAAA together
 *	CNAME mx1.example.com     is this name, itself, in a signed zone? (N12)
 *	TLSA _25._tcp.mx1.example.com
 *	STSTXT example.com        TXT at _mta-sts.example.com
 *	STSHELD example.com       the unexpired policy we remember
 *	STS example.com id=20260101   the policy behind that id, over HTTPS
 *	TXT _smtp._tls.example.com    the TXT records, as they are
 *	DS example.com          does DNSSEC go on from the zone above to this one?
 *
 * The last two are evidence for people (facts_extra()): nothing is decided by them.
 */
#ifndef PLAN_QUESTION_H
#define PLAN_QUESTION_H

#include <stdbool.h>
#include <stddef.h>

#include "parse/domain.h"
#include "parse/ststxt.h"

enum question_kind {
	QUESTION_MX, QUESTION_ADDR, QUESTION_CNAME, QUESTION_TLSA,
	QUESTION_STSTXT, QUESTION_STSHELD, QUESTION_STS,
	QUESTION_TXT, QUESTION_DS,
};

struct answer;

struct question {
	enum question_kind kind;
	struct domain name;             /* STSTXT, STSHELD, STS: the policy domain */
	char id[STSTXT_ID_MAX + 1];     /* STS only, else "" */
	const struct answer *addr;      /* STS only: where the policy host is; borrowed,
	                                 * not part of what is asked */
};

#define QUESTION_TEXT_MAX (8 + DOMAIN_MAX + 4 + STSTXT_ID_MAX)

/* The text form; returns its length. */
size_t question_text(const struct question *q, char out[QUESTION_TEXT_MAX + 1]);
/* Only evidence: it decides nothing, and what became of it does not matter. */
static inline bool question_is_extra(enum question_kind kind)
{
	return kind == QUESTION_TXT || kind == QUESTION_DS;
}

bool question_equal(const struct question *a, const struct question *b);
const char *question_kind_name(enum question_kind kind);
/* From text: DANESTS_OK or DANESTS_EINVAL. */
int question_parse(struct question *out, const char *text, size_t len) ATTR_MUST_CHECK;

#endif
