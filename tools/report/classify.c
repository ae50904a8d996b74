/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/classify.h"

#include "base/attr.h"
#include "tools/report/classify_impl.h"

static const char *const names[SECURITY_NAMED] = {
	[SECURITY_DANE] = "SMTP DANE with DNSSEC",
	[SECURITY_STS] = "MTA-STS",
	[SECURITY_BOTH] = "SMTP DANE with DNSSEC and MTA-STS",
	[SECURITY_TLS] = "TLS-only",
	[SECURITY_NO_TLS] = "No TLS",
	[SECURITY_EITHER] = "DANE or MTA-STS",
	[SECURITY_UNKNOWN] = "Unknown",
	[SECURITY_REQUIRED] = "TLS required",
};

const char *security_name(enum security s)
{
	return (unsigned)s < COUNT_OF(names) ? names[s] : names[SECURITY_UNKNOWN];
}

static const char *const evidences[EVIDENCE_COUNT] = {
	[EVIDENCE_FEATURE] = "tls= of Postfix 3.11",
	[EVIDENCE_PROOF] = "what certificates matched (smtp_tls_loglevel = summary,certmatch)",
	[EVIDENCE_JOIN] = "danestsd's lines, with Postfix's",
	[EVIDENCE_TLSRPT] = "Postfix's TLSRPT lines",
	[EVIDENCE_CAUSE] = "why a certificate was refused",
	[EVIDENCE_SUMMARY] = "the line of a TLS session (smtp_tls_loglevel = 1)",
	[EVIDENCE_SILENCE] = "no line of a TLS session, where those are logged",
	[EVIDENCE_TEXT] = "what Postfix says of the delivery alone",
	[EVIDENCE_CUT] = "none: the log begins too late, or lacks lines",
	[EVIDENCE_NONE] = "none: TLS is not in these logs",
};

const char *evidence_text(enum evidence e)
{
	return evidences[(unsigned)e < COUNT_OF(evidences) ? e : EVIDENCE_NONE];
}

enum level classify_level(const struct feature *tls)
{
	return tls->downgrade != LEVEL_ABSENT ? tls->downgrade : tls->level;
}

/* By the MTA-STS state: was it certainly not in force? */
static bool no_sts(enum sts_word sts)
{
	return sts == STS_ABSENT || sts == STS_NONE || sts == STS_TESTING;
}

bool classify_own_secure(const struct delivery *d)
{
	const struct known *k = &d->known;

	/* RFC 8461 is about the MX hosts of a domain: an account on a smarthost is not. */
	if (d->smarthost)
		return true;
	/* An override that switches off DANE alone leaves a real policy in force. */
	return k->there && (no_sts(k->sts) || (k->override && k->sts != STS_ENFORCE));
}

const char *classify_doubt(const struct delivery *d)
{
	if (d->known.there && d->known.sts == STS_ENFORCE)
		return NULL;
	return DOUBT_SECURE;
}

/* Words of reply=; all others are levels of overrides that are neither. */
static const struct reply {
	struct slice word;
	enum family family;
} replies[] = {
	{ { "dane-only", 9 }, FAMILY_DANE },
	{ { "dane", 4 },      FAMILY_DANE },
	{ { "secure", 6 },    FAMILY_STS },
	{ { "NOTFOUND", 8 },  FAMILY_UNTOLD },
	{ { "may", 3 },       FAMILY_UNTOLD },
	{ { "TEMP", 4 },      FAMILY_UNTOLD },
	{ { "PERM", 4 },      FAMILY_UNTOLD },
	{ { "", 0 },          FAMILY_UNTOLD },
};

enum family classify_known(const struct delivery *d)
{
	const struct known *k = &d->known;
	enum family family = FAMILY_POLICY;

	if (!k->there || d->smarthost)
		return FAMILY_UNTOLD;
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		if (slice_equal(k->reply, replies[i].word)) {
			family = replies[i].family;
			break;
		}
	}
	if (family == FAMILY_STS && classify_own_secure(d))
		return FAMILY_POLICY;
	if (family == FAMILY_UNTOLD && k->dane == DANE_NONE && no_sts(k->sts))
		return FAMILY_OPEN;
	return family;
}

void classify(const struct classify_options *options, const struct delivery *d,
    struct verdict *out)
{
	*out = (struct verdict){ .kind = VERDICT_NONE, .security = SECURITY_UNKNOWN,
		.evidence = EVIDENCE_NONE };
	if (d->status == STATUS_PROBE)
		return;
	if (d->status == STATUS_SENT)
		classify_sent(options, d, out);
	else
		classify_failed(d, out);
}
