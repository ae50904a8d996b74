/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a message was held or bounced: Postfix's statement says what went wrong, and
 * classify_basis.c who asked for it. Where nothing tells, the type is "TLS required" or
 * "Unknown".
 */
#include "base/attr.h"
#include "tools/report/classify_impl.h"

#define DOUBT_REQUIRED "Postfix before 3.11 does not log which of DANE, MTA-STS and local policy" \
    " required TLS"
#define DOUBT_HANDSHAKE "Postfix before 3.11 does not log whether a handshake that failed was" \
    " one that had to work"
#define DOUBT_CERT "Postfix before 3.11 does not log which of DANE, MTA-STS and local policy the" \
    " certificate failed"
#define DOUBT_CAUSE "the log does not have the line that says what was wrong with the certificate"
#define DOUBT_LOOKUP "Postfix does not log whether the answer was bogus or there was none;" \
    " danestsd's lines would tell"

/* What speaks for itself: only DANE brings these statements about. */
static void block_dane(const struct delivery *d, struct verdict *out, enum problem problem,
    const char *doubt)
{
	struct basis basis = { FAMILY_DANE,
		d->tls.level != LEVEL_ABSENT ? EVIDENCE_FEATURE : EVIDENCE_TEXT };

	classify_block(out, &basis, problem, SECURITY_DANE, doubt);
}

/* Neither DANE nor MTA-STS. With tls= it is known whether anything was demanded; else the
 * statements say so themselves, and it was the administrator. */
static bool not_blocked(const struct delivery *d, const struct basis *basis, struct verdict *out)
{
	if (basis->family != FAMILY_POLICY && basis->family != FAMILY_OPEN)
		return false;
	out->kind = d->tls.requiretls ? VERDICT_REQUIRETLS
	    : basis->family == FAMILY_OPEN && basis->evidence == EVIDENCE_FEATURE ? VERDICT_NONE
	    : VERDICT_POLICY;
	out->evidence = basis->evidence;
	return true;
}

/*
 * TLSA records of which none is usable demand TLS, of any kind (RFC 7672, 2.2). Postfix then
 * calls the level "encrypt", like one of the administrator's.
 */
static bool all_unusable(const struct delivery *d, struct basis *basis)
{
	enum level level = classify_level(&d->tls);
	bool known = classify_known(d) == FAMILY_DANE && d->known.dane == DANE_UNUSABLE;
	bool from_dane = d->tls.level == LEVEL_DANE || d->tls.level == LEVEL_DANE_ONLY;

	if (level != LEVEL_ENCRYPT && level != LEVEL_ABSENT)
		return false;
	if (level == LEVEL_ENCRYPT && from_dane)
		*basis = (struct basis){ FAMILY_DANE, EVIDENCE_FEATURE };
	else if (d->unusable)
		*basis = (struct basis){ FAMILY_DANE, EVIDENCE_CAUSE };
	else if (known)
		*basis = (struct basis){ FAMILY_DANE, EVIDENCE_JOIN };
	else
		return false;
	return true;
}

static const char *doubt_level(const struct delivery *d)
{
	return classify_level(&d->tls) == LEVEL_SECURE ? classify_doubt(d) : NULL;
}

static void starttls(const struct delivery *d, struct verdict *out)
{
	struct basis basis = classify_basis(d, CAUSE_NONE);

	if (all_unusable(d, &basis))
		classify_block(out, &basis, PROBLEM_MATCH, SECURITY_DANE, NULL);
	else if (!not_blocked(d, &basis, out))
		classify_block(out, &basis, PROBLEM_STARTTLS, SECURITY_REQUIRED,
		    basis.family == FAMILY_UNTOLD ? DOUBT_REQUIRED : doubt_level(d));
}

/* The one statement that does not say that TLS is required: where neither DANE nor MTA-STS was
 * in force the next try is most likely in the clear. */
static void handshake(const struct delivery *d, struct verdict *out)
{
	struct basis basis = classify_basis(d, CAUSE_NONE);

	if (d->no_proxy) {
		out->kind = VERDICT_LOCAL;
		out->evidence = EVIDENCE_TEXT;
	} else if (all_unusable(d, &basis)) {
		classify_block(out, &basis, PROBLEM_MATCH, SECURITY_DANE, NULL);
	} else if (basis.family != FAMILY_OPEN && !not_blocked(d, &basis, out)) {
		classify_block(out, &basis, PROBLEM_HANDSHAKE, SECURITY_UNKNOWN,
		    basis.family == FAMILY_UNTOLD ? DOUBT_HANDSHAKE : doubt_level(d));
	}
}

static const enum problem by_cause[] = {
	[CAUSE_NONE] = PROBLEM_UNTOLD, [CAUSE_NO_MATCH] = PROBLEM_MATCH,
	[CAUSE_HOSTNAME] = PROBLEM_NAME, [CAUSE_EXPIRED] = PROBLEM_EXPIRED,
	[CAUSE_UNTRUSTED] = PROBLEM_UNTRUSTED, [CAUSE_OTHER] = PROBLEM_UNTRUSTED,
	[CAUSE_STS_FETCH] = PROBLEM_FETCH, [CAUSE_STS_INVALID] = PROBLEM_INVALID,
	[CAUSE_STS_WEBPKI] = PROBLEM_WEBPKI,
};

static const enum problem by_tlsrpt[] = {
	[TLSRPT_SUCCESS] = PROBLEM_UNTOLD, [TLSRPT_STARTTLS] = PROBLEM_UNTOLD,
	[TLSRPT_HOSTNAME] = PROBLEM_NAME, [TLSRPT_UNTRUSTED] = PROBLEM_UNTRUSTED,
	[TLSRPT_EXPIRED] = PROBLEM_EXPIRED, [TLSRPT_HANDSHAKE] = PROBLEM_UNTOLD,
	[TLSRPT_TLSA] = PROBLEM_MATCH, [TLSRPT_OTHER] = PROBLEM_UNTOLD,
};

/*
 * Up to 3.5 Postfix logs no cause when it is the name; but "not trusted" is then another
 * statement, and a chain that is trusted leaves the name alone. Not so with DANE, where records
 * that match nothing look the same.
 */
static enum problem problem_of(const struct delivery *d, const struct basis *basis)
{
	enum problem problem = PROBLEM_UNTOLD;

	if ((unsigned)d->cause < COUNT_OF(by_cause))
		problem = by_cause[d->cause];
	if (problem == PROBLEM_UNTOLD && d->tlsrpt && (unsigned)d->tlsrpt_word < COUNT_OF(by_tlsrpt))
		problem = by_tlsrpt[d->tlsrpt_word];
	if (problem == PROBLEM_UNTOLD && d->statement == STATEMENT_NOT_TRUSTED)
		problem = PROBLEM_UNTRUSTED;
	if (problem == PROBLEM_UNTOLD && basis->family == FAMILY_STS && d->trust == TRUST_TRUSTED)
		problem = PROBLEM_NAME;
	return problem;
}

/*
 * A wrong name, a date or an unknown authority alone does not tell who wanted the
 * certificate to be right: DANE-TA records, MTA-STS or the administrator. It is likely MTA-STS,
 * and likely is not known: the type is Unknown and the token that which belongs to neither.
 */
static void certificate(const struct delivery *d, struct verdict *out)
{
	struct basis basis = classify_basis(d, d->cause);
	enum problem problem = problem_of(d, &basis);
	const char *doubt = NULL;

	if (not_blocked(d, &basis, out))
		return;
	if (basis.family == FAMILY_UNTOLD)
		doubt = DOUBT_CERT;
	else if (problem == PROBLEM_UNTOLD)
		doubt = DOUBT_CAUSE;
	else if (basis.evidence == EVIDENCE_FEATURE)
		doubt = doubt_level(d);
	classify_block(out, &basis, problem, SECURITY_UNKNOWN, doubt);
}

static void no_dnssec(const struct delivery *d, struct verdict *out)
{
	block_dane(d, out, PROBLEM_NO_DNSSEC, NULL);
}

static void no_tlsa(const struct delivery *d, struct verdict *out)
{
	block_dane(d, out, PROBLEM_NO_TLSA, NULL);
}

static void unusable(const struct delivery *d, struct verdict *out)
{
	block_dane(d, out, PROBLEM_MATCH, NULL);
}

static bool known_bogus(const struct delivery *d)
{
	const struct known *k = &d->known;

	return k->there && !d->smarthost &&
	    (k->dane == DANE_BOGUS || slice_equal(k->token, SLICE("dnssec-invalid")));
}

static bool known_error(const struct delivery *d)
{
	const struct known *k = &d->known;

	return k->there && !d->smarthost &&
	    (k->dane == DANE_ERROR || slice_equal(k->token, SLICE("dns-query-failed")));
}

static void tlsa_lookup(const struct delivery *d, struct verdict *out)
{
	if (known_bogus(d))
		block_dane(d, out, PROBLEM_BOGUS, NULL);
	else
		block_dane(d, out, PROBLEM_DNS, known_error(d) ? NULL : DOUBT_LOOKUP);
	if (known_bogus(d) || known_error(d))
		out->evidence = EVIDENCE_JOIN;
}

/* MX records that cannot be had are no matter of TLS, unless danestsd knows that they are bogus:
 * that it could not get them either says no more. */
static void dns(const struct delivery *d, struct verdict *out)
{
	struct basis basis = { FAMILY_DANE, EVIDENCE_JOIN };

	if (known_bogus(d))
		classify_block(out, &basis, PROBLEM_BOGUS, SECURITY_DANE, NULL);
}

/* "server unavailable" has many reasons; one is that MTA-STS left no MX host. The line about
 * that host is there only for policies that are MTA-STS by name. */
static void no_server(const struct delivery *d, struct verdict *out)
{
	bool feature = d->tls.level != LEVEL_ABSENT;
	struct basis basis = { FAMILY_STS, feature ? EVIDENCE_FEATURE : EVIDENCE_TEXT };

	if (!d->sts_mx && classify_level(&d->tls) != LEVEL_SECURE)
		return;
	if (!d->sts_mx)
		basis.family = classify_level_family(d);
	if (!not_blocked(d, &basis, out))
		classify_block(out, &basis, PROBLEM_MX, SECURITY_STS,
		    d->sts_mx ? NULL : doubt_level(d));
}

/* Tokens that danestsd holds mail for. */
static const struct held {
	struct slice token;
	enum security security;
	bool begins;
} held[] = {
	{ { "dnssec-invalid", 14 },   SECURITY_DANE, false },
	{ { "dns-query-failed", 16 }, SECURITY_DANE, false },
	{ { "tlsa-invalid", 12 },     SECURITY_DANE, false },
	{ { "dane-required", 13 },    SECURITY_DANE, false },
	{ { "sts-", 4 },              SECURITY_STS,  true },
};

/* danestsd said TEMP, and Postfix can only say that its own configuration is to blame. */
static void local(const struct delivery *d, struct verdict *out)
{
	const struct known *k = &d->known;
	const struct danests_fault *fault = classify_fault(k->token, 0);

	out->kind = VERDICT_LOCAL;
	out->evidence = EVIDENCE_TEXT;
	if (!k->there || d->smarthost || fault == NULL || !slice_equal(k->reply, SLICE("TEMP")) ||
	    !slice_begins(d->text, SLICE("client TLS configuration problem")))
		return;
	for (size_t i = 0; i < COUNT_OF(held); i++) {
		if (!(held[i].begins ? slice_begins(k->token, held[i].token)
		    : slice_equal(k->token, held[i].token)))
			continue;
		*out = (struct verdict){ .kind = VERDICT_BLOCKED, .security = held[i].security,
			.evidence = EVIDENCE_JOIN, .fault = fault };
		return;
	}
}

static void requiretls(const struct delivery *d, struct verdict *out)
{
	out->kind = VERDICT_REQUIRETLS;
	out->evidence = d->tls.level != LEVEL_ABSENT ? EVIDENCE_FEATURE : EVIDENCE_TEXT;
}

static void (*const judges[])(const struct delivery *, struct verdict *) = {
	[STATEMENT_OTHER] = NULL,
	[STATEMENT_NOT_OFFERED] = starttls, [STATEMENT_REFUSED] = starttls,
	[STATEMENT_HANDSHAKE] = handshake,
	[STATEMENT_NOT_TRUSTED] = certificate, [STATEMENT_NOT_VERIFIED] = certificate,
	[STATEMENT_NO_DNSSEC] = no_dnssec, [STATEMENT_MX_INSECURE] = no_dnssec,
	[STATEMENT_NO_TLSA] = no_tlsa,
	[STATEMENT_UNUSABLE] = unusable,
	[STATEMENT_TLSA_LOOKUP] = tlsa_lookup,
	[STATEMENT_NO_SERVER] = no_server,
	[STATEMENT_DNS] = dns,
	[STATEMENT_LOCAL] = local,
	[STATEMENT_REQUIRETLS] = requiretls,
};

void classify_failed(const struct delivery *d, struct verdict *out)
{
	if ((unsigned)d->statement < COUNT_OF(judges) && judges[d->statement] != NULL)
		judges[d->statement](d, out);
}
