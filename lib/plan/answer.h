/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An answer is immutable once given away, counted (atomically: policies that
 * cross threads hold answers), and carries its own security and expiry. Five
 * states, never a boolean: "nothing there" and "could not find out" must not
 * be mistaken for each other.
 */
#ifndef PLAN_ANSWER_H
#define PLAN_ANSWER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attr.h"
#include "danests.h"
#include "parse/stsbody.h"
#include "plan/question.h"

enum answer_state {
	ANSWER_SECURE,          /* data, DNSSEC vouches for all of it */
	ANSWER_INSECURE,        /* data, some link of it is in an unsigned zone */
	ANSWER_ABSENT_SECURE,   /* DNSSEC proves that there is none */
	ANSWER_ABSENT_INSECURE, /* there is none, unproved */
	ANSWER_FAILED,          /* could not find out: N3 */
};

enum answer_failure {
	FAILURE_NONE,
	FAILURE_BOGUS,      /* DNSSEC: forged or broken */
	FAILURE_SERVFAIL,   /* the resolver says so, or any rcode but 0 and 3 */
	FAILURE_TIMEOUT,
	FAILURE_MALFORMED,
	FAILURE_LOCAL,      /* no memory, helper died, no resolver */
	FAILURE_STS_FETCH,  /* no HTTP 200: sts-policy-fetch-error */
	FAILURE_STS_INVALID,/* the body, its type or size: sts-policy-invalid */
	FAILURE_STS_WEBPKI, /* the policy host's certificate: sts-webpki-invalid */
};

struct answer_mx {
	uint16_t preference;
	char *host;         /* A-labels; NULL: not a host name (nor ".") */
};

struct answer_addr {
	uint8_t family;     /* 4 or 6 */
	uint8_t bytes[16];
};

struct answer_raw {     /* TXT: its strings, joined; DS: the record, 4 octets at least */
	size_t len;
	uint8_t *data;
};

struct answer {
	atomic_uint refs;
	enum question_kind kind;
	enum answer_state state;
	enum answer_failure failure;
	bool nxdomain;      /* absent, and so is everything below */
	bool null_mx;       /* MX: the one record "0 ." (RFC 7505) */
	bool null_beside;   /* MX: it stands beside others, and counts for nothing */
	time_t expires;     /* wall time; 0: never use it again */
	char *alias;        /* end of the CNAME chain, or NULL */
	char *reason;       /* printable ASCII: what is shown after "KIND name: "; or NULL */
	size_t count;       /* of the array that the kind uses */
	struct answer_mx *mx;       /* by preference, then as received */
	struct answer_addr *addr;   /* AAAA first, then A */
	struct danests_tlsa *tlsa;  /* data owned */
	struct answer_raw *raw;     /* as received */
	char *id;           /* STSTXT, STS, STSHELD */
	char *text;         /* STS, STSHELD: as fetched, NUL after it */
	size_t text_len;
	struct stsbody body;/* STS, STSHELD */
	size_t bytes;       /* all memory of this answer, for accounting */
};

/* Smallest and largest time we believe a DNS answer; how long we believe that
 * it failed (spec.md section 4). */
enum { ANSWER_TTL_MIN = 30, ANSWER_TTL_MAX = 86400, ANSWER_TTL_FAILED = 15,
       ANSWER_FETCH_RETRY = 300 };

/* Build: each returns DANESTS_OK or DANESTS_ENOMEM; strings and data are copied.
 * MX records are kept by preference (L1), addresses AAAA first, others as added.
 * family is 4 or 6. */
struct answer *answer_new(enum question_kind kind, enum answer_state state, time_t expires);
int answer_add_mx(struct answer *a, uint16_t preference, const char *host) ATTR_MUST_CHECK;
int answer_add_addr(struct answer *a, int family, const uint8_t *bytes) ATTR_MUST_CHECK;
int answer_add_tlsa(struct answer *a, const struct danests_tlsa *rec) ATTR_MUST_CHECK;
int answer_add_raw(struct answer *a, const uint8_t *data, size_t len) ATTR_MUST_CHECK;
int answer_set_alias(struct answer *a, const char *name) ATTR_MUST_CHECK;
int answer_set_reason(struct answer *a, const char *reason) ATTR_MUST_CHECK;
int answer_set_id(struct answer *a, const char *id) ATTR_MUST_CHECK;
/* Takes over body (also on failure); copies text. */
int answer_set_policy(struct answer *a, const char *text, size_t len,
    struct stsbody *body) ATTR_MUST_CHECK;

/*
 * A failed answer. fmt gives the detail, which may be remote text of any kind:
 * "signature expired" becomes the reason "DNSSEC bogus (signature expired)"; NULL
 * or "" just "DNSSEC bogus"; a detail that begins with the failure's own text
 * ("no answer within 5 s") is the whole reason. Never NULL: without memory it is
 * a static one.
 */
struct answer *answer_failed(enum question_kind kind, enum answer_failure failure,
    time_t expires, const char *fmt, ...) ATTR_PRINTF(4, 5);

struct answer *answer_ref(const struct answer *a);
void answer_unref(const struct answer *a); /* NULL is fine */

/* plan/answer_merge.c.
 * The A and the AAAA answer of one name become its ADDR answer (spec.md section
 * 4, rules.md 5.13): a bogus half fails the whole; secure data outweighs the
 * rest; an insecure half settles it when the other merely failed; a denial does
 * not stand in for a failed half. Takes over neither. Never NULL.
 */
struct answer *answer_merge_addr(const struct answer *a, const struct answer *aaaa);

/* "ABSENT_SECURE", "TIMEOUT": for tests and logs. "no answer": for people. */
const char *answer_state_name(enum answer_state state);
const char *answer_failure_name(enum answer_failure failure);
const char *answer_failure_text(enum answer_failure failure);

#endif
