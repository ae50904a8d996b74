/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The policy object behind danests.h. Built by decide() and immutable from then
 * on. It holds the answers it rests on, so that hosts, TLSA records and the
 * MTA-STS policy are borrowed from them and never copied.
 *
 * The level is what a sender with Postfix's view (one decision per destination)
 * and the defaults of danestsd.conf(5) does:
 *
 *	DEFER    where the reply is TEMP
 *	DANE     full, partial and, without MTA-STS enforce, half: hosts that have
 *	         usable records must match one. Also unknown without MTA-STS
 *	         enforce: the hosts that failed may have records and must not get
 *	         mail, the others are NONE each: look at the host states
 *	STS      enforce, where DANE does not decide
 *	ENCRYPT  unusable, without MTA-STS enforce
 *	TESTING  where nothing but an MTA-STS testing policy stands
 *	NONE     all else, and always for a domain that takes no mail
 */
#ifndef PLAN_POLICY_H
#define PLAN_POLICY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "danests.h"
#include "plan/answer.h"
#include "parse/domain.h"

struct danests_policy {
	atomic_uint refs;
	enum danests_level level;
	enum danests_result result;
	enum danests_dane dane;
	enum danests_sts_state sts_state;
	bool mx_secure, no_mail;
	time_t expires;
	const char *token;           /* static */
	char *reason;                /* owned, or NULL */
	const struct danests_sts *sts; /* NULL, or sts_view */
	struct danests_sts sts_view;
	char *nexthop, *domain;      /* in the same block of memory */
	const char *expanded;        /* end of the nexthop's CNAME chain, borrowed from the MX
	                              * answer; or NULL */
	bool made;                   /* by danests_policy_make() */
	char **names;                /* then: reference names besides the base; owned */
	size_t name_count;
	size_t host_count;
	struct danests_host *hosts;  /* in the same block; a FAILED one owns its reason */
	size_t answer_count;
	const struct answer **answers; /* counted; in the same block */
	char *questions;             /* name after name, each with a NUL: of the answers'
	                              * questions; in the same block */
	size_t question_len;         /* of those so far */
};

/* An empty policy with room for so many hosts and answers, and for the names of the
 * questions, NULs included; NULL without memory. */
danests_policy *policy_new(const struct nexthop *nexthop, size_t hosts, size_t answers,
    size_t question_bytes);

/* Count one more answer, to a question with this name; there must be room. The kind is
 * the answer's, and of STS the id, too: so a name is all there is to remember. */
void policy_hold(danests_policy *policy, const struct answer *a, const char *name, size_t len);

#endif
