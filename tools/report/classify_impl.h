/* SPDX-License-Identifier: BSD-2-Clause */
/* What classify.c, classify_sent.c and classify_failed.c share. */
#ifndef REPORT_CLASSIFY_IMPL_H
#define REPORT_CLASSIFY_IMPL_H

#include "tools/report/classify.h"

/* Who asked for what a session had to be. */
enum family {
	FAMILY_UNTOLD, /* cannot be told */
	FAMILY_DANE,
	FAMILY_STS,
	FAMILY_POLICY, /* the administrator */
	FAMILY_OPEN,   /* neither DANE nor MTA-STS; perhaps the administrator */
};

/* The level that was in force in the end: what stands behind ':' counts. */
enum level classify_level(const struct feature *tls);

/*
 * What danestsd answered. Behind a smarthost that says nothing: it is of the recipient's
 * domain, which was not the next hop.
 */
enum family classify_known(const struct delivery *d);

/* A level "secure" that is not MTA-STS: the administrator's own. */
bool classify_own_secure(const struct delivery *d);

enum problem {
	PROBLEM_STARTTLS, PROBLEM_HANDSHAKE, PROBLEM_MATCH, PROBLEM_NAME, PROBLEM_EXPIRED,
	PROBLEM_UNTRUSTED, PROBLEM_UNTOLD, PROBLEM_NO_DNSSEC, PROBLEM_NO_TLSA, PROBLEM_BOGUS,
	PROBLEM_DNS, PROBLEM_MX, PROBLEM_FETCH, PROBLEM_INVALID, PROBLEM_WEBPKI,
	PROBLEM_COUNT
};

struct basis {
	enum family family;
	enum evidence evidence;
};

/* Who asked; cause: of the certificate, CAUSE_NONE when it did not come to that. */
struct basis classify_basis(const struct delivery *d, enum cause cause);
enum family classify_level_family(const struct delivery *d); /* by tls= alone */

/* untold: the type when nobody knows who asked. */
void classify_block(struct verdict *out, const struct basis *basis, enum problem problem,
    enum security untold, const char *doubt);
/* The fault of that token that comes after `skip` others. */
const struct danests_fault *classify_fault(struct slice token, size_t skip);

/* NULL, or that nobody knows whose "secure" it was. */
const char *classify_doubt(const struct delivery *d);

#define DOUBT_SECURE "the level 'secure' is taken for MTA-STS; danestsd's lines would tell" \
    " whether it was"

void classify_sent(const struct classify_options *options, const struct delivery *d,
    struct verdict *out);
void classify_failed(const struct delivery *d, struct verdict *out);

#endif
