/* SPDX-License-Identifier: BSD-2-Clause */
/* By which security a message went: tls= where it is, else the session line and what goes
 * with it. */
#include "base/attr.h"
#include "tools/report/classify_impl.h"

#define DOUBT_WORD "tls= has a word that this version of dane-report does not know"
#define DOUBT_BROKEN "tls= says that the policy was broken, and yet the message went"
#define DOUBT_EITHER "Postfix before 3.11 with smtp_tls_loglevel = 1 does not log which of DANE" \
    " and MTA-STS verified the session"
#define DOUBT_HALF "Postfix before 3.1 calls a session verified, too, when the MX records were" \
    " insecure"
#define DOUBT_TRUSTED "Postfix before 3.11 logs a session by TLSA records behind insecure MX" \
    " records like any with a known authority, unless smtp_tls_loglevel = summary,certmatch"
#define DOUBT_SILENT "there is no line about a TLS session, and TLS is logged only with" \
    " smtp_tls_loglevel = 1 or by Postfix 3.11"
#define DOUBT_CUT "the log begins in the middle of the delivery: lines about its TLS session may" \
    " have come before"
#define DOUBT_LOST "danestsd demanded TLS, and there is no line about a TLS session"

/* By the level, once it is known that it was met. */
static const enum security by_level[] = {
	[LEVEL_ABSENT] = SECURITY_UNKNOWN, [LEVEL_UNKNOWN] = SECURITY_UNKNOWN,
	[LEVEL_OTHER] = SECURITY_UNKNOWN,
	[LEVEL_NONE] = SECURITY_NO_TLS,
	[LEVEL_MAY] = SECURITY_TLS, [LEVEL_ENCRYPT] = SECURITY_TLS,
	[LEVEL_FINGERPRINT] = SECURITY_TLS, [LEVEL_VERIFY] = SECURITY_TLS,
	[LEVEL_SECURE] = SECURITY_STS,
	[LEVEL_HALFDANE] = SECURITY_TLS,
	[LEVEL_DANE] = SECURITY_DANE, [LEVEL_DANE_ONLY] = SECURITY_DANE,
};

static void set(struct verdict *out, enum security security, enum evidence evidence,
    const char *doubt)
{
	out->security = security;
	out->evidence = evidence;
	out->doubt = doubt;
}

/* Nothing but danestsd's lines tell it, and not what somebody decided here. */
static void set_both(struct verdict *out)
{
	set(out, SECURITY_BOTH, EVIDENCE_JOIN, NULL);
}

/* The session was authenticated by TLSA records. */
static void set_dane(const struct delivery *d, struct verdict *out, enum evidence evidence)
{
	const struct known *k = &d->known;

	if (k->there && !d->smarthost && !k->override && k->sts == STS_ENFORCE)
		set_both(out);
	else
		set(out, SECURITY_DANE, evidence, NULL);
}

/* The server's name was verified, as MTA-STS asks for, and perhaps others. With "full" each
 * MX host has TLSA records; with "partial" perhaps not the one that took the message. */
static void set_sts(const struct delivery *d, struct verdict *out, enum evidence evidence)
{
	const struct known *k = &d->known;

	if (classify_own_secure(d))
		set(out, SECURITY_TLS, k->there && !d->smarthost ? EVIDENCE_JOIN : evidence, NULL);
	else if (k->there && !k->override && k->dane == DANE_FULL && k->sts == STS_ENFORCE)
		set_both(out);
	else
		set(out, SECURITY_STS, evidence,
		    classify_doubt(d));
}

static void set_halfdane(const struct classify_options *options, const struct delivery *d,
    struct verdict *out, enum evidence evidence)
{
	if (options->halfdane_is_dane)
		set_dane(d, out, evidence);
	else
		set(out, SECURITY_TLS, evidence, NULL);
}

static void verified_as_known(const struct classify_options *options, const struct delivery *d,
    struct verdict *out)
{
	switch (classify_known(d)) {
	case FAMILY_DANE:
		if (d->known.dane == DANE_HALF && !options->halfdane_is_dane)
			set(out, SECURITY_EITHER, EVIDENCE_SUMMARY, DOUBT_HALF);
		else
			set_dane(d, out, EVIDENCE_JOIN);
		break;
	case FAMILY_STS:
		set_sts(d, out, EVIDENCE_JOIN);
		break;
	case FAMILY_POLICY:
	case FAMILY_OPEN:
		set(out, SECURITY_TLS, EVIDENCE_JOIN, NULL);
		break;
	default:
		set(out, SECURITY_EITHER, EVIDENCE_SUMMARY, DOUBT_EITHER);
		break;
	}
}

/* "Verified": by TLSA records, by name or by fingerprint. */
static void verified(const struct classify_options *options, const struct delivery *d,
    struct verdict *out)
{
	bool by_tlsa = classify_known(d) == FAMILY_DANE && d->known.dane != DANE_HALF;

	if (d->proof == PROOF_DANE)
		set_dane(d, out, EVIDENCE_PROOF);
	else if (d->proof == PROOF_FINGERPRINT)
		set(out, SECURITY_TLS, EVIDENCE_PROOF, NULL);
	else if (d->proof == PROOF_NAME && by_tlsa) /* DANE-TA: names count, too */
		set_dane(d, out, EVIDENCE_JOIN);
	else if (d->proof == PROOF_NAME)
		set_sts(d, out, EVIDENCE_PROOF);
	else
		verified_as_known(options, d, out);
}

static void trusted(const struct classify_options *options, const struct delivery *d,
    struct verdict *out)
{
	if (d->proof == PROOF_DANE)
		set_halfdane(options, d, out, EVIDENCE_PROOF);
	else
		set(out, SECURITY_TLS, EVIDENCE_SUMMARY,
		    options->halfdane_is_dane ? DOUBT_TRUSTED : NULL);
}

/* Without a session line the message went in the clear if such lines are logged there. Not so
 * when danestsd had just demanded TLS of Postfix: then rather a line got lost. */
static void silent(const struct classify_options *options, const struct delivery *d,
    struct verdict *out)
{
	enum family family = classify_known(d);

	if (family == FAMILY_STS ||
	    (family == FAMILY_DANE && slice_equal(d->known.reply, SLICE("dane-only"))))
		set(out, SECURITY_UNKNOWN, EVIDENCE_CUT, DOUBT_LOST);
	else if (options->assume_tls_logged)
		set(out, SECURITY_NO_TLS, EVIDENCE_SILENCE, NULL);
	else
		set(out, SECURITY_UNLOGGED, EVIDENCE_SILENCE, d->cut ? DOUBT_CUT : DOUBT_SILENT);
}

static void by_session(const struct classify_options *options, const struct delivery *d,
    struct verdict *out)
{
	if (!d->session)
		silent(options, d, out);
	else if (d->trust == TRUST_VERIFIED)
		verified(options, d, out);
	else if (d->trust == TRUST_TRUSTED)
		trusted(options, d, out);
	else
		set(out, SECURITY_TLS, EVIDENCE_SUMMARY, NULL);
}

/*
 * With '?' the connection was there already, and nothing was decided anew. At levels that
 * demand TLS it was had; at "may" the line about the session that is used again tells. There
 * always is one: only tlsproxy keeps sessions, and smtp logs them at any smtp_tls_loglevel.
 */
static void by_feature(const struct classify_options *options, const struct delivery *d,
    enum level level, struct verdict *out)
{
	enum security security = (unsigned)level < COUNT_OF(by_level) ? by_level[level]
	    : SECURITY_UNKNOWN;

	if (d->tls.broken)
		set(out, SECURITY_UNKNOWN, EVIDENCE_FEATURE, DOUBT_BROKEN);
	else if (level == LEVEL_MAY && d->tls.open && d->cut && !options->assume_tls_logged)
		set(out, SECURITY_UNLOGGED, EVIDENCE_SILENCE, DOUBT_CUT);
	else if (level == LEVEL_MAY && d->tls.open && !d->session)
		set(out, SECURITY_NO_TLS, EVIDENCE_SILENCE, NULL);
	else if (level == LEVEL_HALFDANE)
		set_halfdane(options, d, out, EVIDENCE_FEATURE);
	else if (security == SECURITY_DANE)
		set_dane(d, out, EVIDENCE_FEATURE);
	else if (security == SECURITY_STS)
		set_sts(d, out, EVIDENCE_FEATURE);
	else
		set(out, security, EVIDENCE_FEATURE,
		    security == SECURITY_UNKNOWN ? DOUBT_WORD : NULL);
}

void classify_sent(const struct classify_options *options, const struct delivery *d,
    struct verdict *out)
{
	enum level level = classify_level(&d->tls);

	out->kind = VERDICT_SENT;
	if (level == LEVEL_ABSENT || (level == LEVEL_UNKNOWN && !d->tls.broken))
		by_session(options, d, out);
	else
		by_feature(options, d, level, out);
}
