/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Questions of kind MX, ADDR, CNAME, TLSA and STSTXT, through a back end that
 * knows DNSSEC: libunbound validating in process, or the AD-trusting stub in a
 * process of its own. Whatever is not a clean answer is FAILED (N3).
 */
#ifndef SOURCE_DNS_H
#define SOURCE_DNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/loop.h"
#include "danests.h"
#include "source/source.h"

enum dns_mode { DNS_VALIDATE, DNS_TRUST_AD };

struct dns_conf {
	enum dns_mode mode;
	const char *resolver;     /* "system", "recursive", or addresses: 127.0.0.1, 192.0.2.1:5353, [::1]:53 */
	const char *resolv_conf;  /* for "system"; NULL: /etc/resolv.conf */
	const char *root_hints;   /* for "recursive"; NULL: built in */
	const char *trust_anchor; /* NULL: the first of the usual places */
	const char *stub;         /* program of the trust-ad helper; NULL: where it was installed */
	int timeout_ms;           /* one question, its retries included */
	size_t cache_bytes;       /* what libunbound may remember */
	struct counts *counts;    /* outlives the source; NULL: none */
};

struct dns;

/*
 * DANESTS_OK; DANESTS_ENOMEM; DANESTS_ESYSTEM; DANESTS_EINVAL (bad resolver, trust-ad with a
 * resolver that is not on a loopback address: names N2); DANESTS_ERESOLVER (no
 * trust anchor, no stub): problem[] says what and what to do. Copies conf.
 */
#define DNS_PROBLEM 256
int dns_new(struct dns **out, struct loop *loop, const struct dns_conf *conf,
    char problem[DNS_PROBLEM]) ATTR_MUST_CHECK;
void dns_free(struct dns *dns); /* pending asks never arrive; NULL is fine */

/* *same: one made with conf now would be like this one in all it is, and in what the
 * files say that it was made from. Errors as dns_new(). */
int dns_like(const struct dns *dns, const struct dns_conf *conf, bool *same,
    char problem[DNS_PROBLEM]) ATTR_MUST_CHECK;

/* Do the answers of both rest on the same resolvers and trust anchors? Not when one of
 * them has found other resolvers in /etc/resolv.conf since it was made. */
bool dns_same_judge(const struct dns *a, const struct dns *b);

/* No question is under way: nobody misses it. */
bool dns_idle(const struct dns *dns);

/* The same checks without opening anything: for danestsd -t. */
int dns_check(const struct dns_conf *conf, char problem[DNS_PROBLEM]) ATTR_MUST_CHECK;

enum source_result dns_ask(struct dns *dns, struct ask *ask);

/* Self-test: see danests_status. Strings live until the next call. */
enum danests_trust_state dns_trust(struct dns *dns, const char **text,
    const char **resolvers);

#endif
