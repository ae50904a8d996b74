/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who asked for what a session had to be, in this order: tls=, what the certificate failed by,
 * TLSRPT, danestsd; and what that makes the error.
 */
#include "base/attr.h"
#include "tools/report/classify_impl.h"

/* Tokens by who asked; NULL: the same for all. A chain under DANE-TA that fails for another
 * reason than date and name is one that no record matches. */
static const struct tokens {
	const char *any, *dane, *sts;
} tokens[PROBLEM_COUNT] = {
	[PROBLEM_STARTTLS] = { "starttls-not-supported", NULL, NULL },
	[PROBLEM_HANDSHAKE] = { "tls-handshake-failure", NULL, NULL },
	[PROBLEM_MATCH] = { "cert-not-verified", "tlsa-invalid", NULL },
	[PROBLEM_NAME] = { "cert-not-verified", "certificate-host-mismatch",
	    "sts-cert-host-mismatch" },
	[PROBLEM_EXPIRED] = { "cert-not-verified", "certificate-expired", "sts-cert-expired" },
	[PROBLEM_UNTRUSTED] = { "cert-not-verified", "tlsa-invalid", "sts-cert-untrusted" },
	[PROBLEM_UNTOLD] = { "cert-not-verified", NULL, NULL },
	[PROBLEM_NO_DNSSEC] = { "dane-required", NULL, NULL },
	[PROBLEM_NO_TLSA] = { "dane-required", NULL, NULL },
	[PROBLEM_BOGUS] = { "dnssec-invalid", NULL, NULL },
	[PROBLEM_DNS] = { "dns-query-failed", NULL, NULL },
	[PROBLEM_MX] = { "sts-mx-not-in-policy", NULL, NULL },
	[PROBLEM_FETCH] = { "sts-policy-fetch-error", NULL, NULL },
	[PROBLEM_INVALID] = { "sts-policy-invalid", NULL, NULL },
	[PROBLEM_WEBPKI] = { "sts-webpki-invalid", NULL, NULL },
};

const struct danests_fault *classify_fault(struct slice token, size_t skip)
{
	const struct danests_fault *fault;

	for (size_t i = 0; (fault = danests_fault_at(i)) != NULL; i++) {
		if (slice_equal(token, (struct slice){ fault->token, strlen(fault->token) }) &&
		    skip-- == 0)
			return fault;
	}
	return NULL;
}

/* dane-required has two: the second is of destinations without usable records. */
static const struct danests_fault *fault_of(enum family family, enum problem problem)
{
	const struct tokens *t = &tokens[problem];
	const char *token = family == FAMILY_DANE ? t->dane : family == FAMILY_STS ? t->sts : NULL;

	if (token == NULL)
		token = t->any;
	return classify_fault((struct slice){ token, strlen(token) }, problem == PROBLEM_NO_TLSA);
}

void classify_block(struct verdict *out, const struct basis *basis, enum problem problem,
    enum security untold, const char *doubt)
{
	out->kind = VERDICT_BLOCKED;
	out->security = basis->family == FAMILY_DANE ? SECURITY_DANE
	    : basis->family == FAMILY_STS ? SECURITY_STS : untold;
	out->evidence = basis->evidence;
	out->fault = fault_of(basis->family, problem);
	out->doubt = doubt;
}

static const enum family by_level[] = {
	[LEVEL_ABSENT] = FAMILY_UNTOLD, [LEVEL_UNKNOWN] = FAMILY_UNTOLD,
	[LEVEL_OTHER] = FAMILY_UNTOLD,
	[LEVEL_NONE] = FAMILY_OPEN, [LEVEL_MAY] = FAMILY_OPEN,
	[LEVEL_ENCRYPT] = FAMILY_POLICY, [LEVEL_FINGERPRINT] = FAMILY_POLICY,
	[LEVEL_VERIFY] = FAMILY_POLICY,
	[LEVEL_SECURE] = FAMILY_STS,
	[LEVEL_HALFDANE] = FAMILY_DANE, [LEVEL_DANE] = FAMILY_DANE,
	[LEVEL_DANE_ONLY] = FAMILY_DANE,
};

enum family classify_level_family(const struct delivery *d)
{
	enum level level = classify_level(&d->tls);
	enum family family = (unsigned)level < COUNT_OF(by_level) ? by_level[level]
	    : FAMILY_UNTOLD;

	return family == FAMILY_STS && classify_own_secure(d) ? FAMILY_POLICY : family;
}

static bool is_sts_cause(enum cause cause)
{
	return cause == CAUSE_STS_FETCH || cause == CAUSE_STS_INVALID || cause == CAUSE_STS_WEBPKI;
}

struct basis classify_basis(const struct delivery *d, enum cause cause)
{
	enum family family = classify_level_family(d);

	if (is_sts_cause(cause))
		return (struct basis){ FAMILY_STS, EVIDENCE_CAUSE };
	if (family != FAMILY_UNTOLD)
		return (struct basis){ family, EVIDENCE_FEATURE };
	if (cause == CAUSE_NO_MATCH)
		return (struct basis){ FAMILY_DANE, EVIDENCE_CAUSE };
	if (d->tlsrpt && d->tlsrpt_word == TLSRPT_TLSA)
		return (struct basis){ FAMILY_DANE, EVIDENCE_TLSRPT };
	if (d->smarthost)
		return (struct basis){ FAMILY_OPEN, EVIDENCE_TEXT };
	family = classify_known(d);
	return (struct basis){ family, family != FAMILY_UNTOLD ? EVIDENCE_JOIN : EVIDENCE_TEXT };
}
