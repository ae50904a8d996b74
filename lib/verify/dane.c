/* SPDX-License-Identifier: BSD-2-Clause */
#include "verify/dane.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "cert/cert.h"
#include "cert/way.h"
#include "parse/tlsa.h"
#include "verify/verdict.h"

enum { USAGE_TA = 2, USAGE_EE = 3 };

/* U6, U14. DANESTS_OK: there is room for what is decided about each record. */
static int start(struct dane *d)
{
	d->drop = malloc(d->host->tlsa_count);
	if (d->drop == NULL)
		return DANESTS_ENOMEM;
	(void)tlsa_agility(d->host->tlsa, d->host->tlsa_count, d->drop);
	return DANESTS_OK;
}

/* U7: nothing but the match counts, neither dates nor names. */
static int judge_leaf(struct dane *d)
{
	char name[MATCH_NAME];
	bool match = false;
	size_t i;

	for (i = 0; i < d->host->tlsa_count && !match; i++) {
		if (d->drop[i] || d->host->tlsa[i].usage != USAGE_EE)
			continue;
		if (match_record(&d->leaf, &d->host->tlsa[i], &match) != DANESTS_OK)
			return DANESTS_ENOMEM;
	}
	if (!match)
		return DANESTS_OK;
	d->out->state = DANESTS_PASS;
	d->out->tlsa = (int)i - 1;
	d->out->depth = 0;
	match_name(name, &d->host->tlsa[i - 1]);
	text_format(d->out->reason, sizeof(d->out->reason), "TLSA %s matches the server's %s",
	    name, d->host->tlsa[i - 1].selector == 0 ? "certificate" : "key");
	return DANESTS_OK;
}

/* A record of usage 2 that means the server's own certificate; or NULL. */
static const struct danests_tlsa *misused(struct dane *d)
{
	bool match = false;

	for (size_t i = 0; i < d->host->tlsa_count; i++) {
		if (!d->drop[i] && d->host->tlsa[i].usage == USAGE_TA &&
		    match_record(&d->leaf, &d->host->tlsa[i], &match) == DANESTS_OK && match)
			return &d->host->tlsa[i];
	}
	return NULL;
}

/* What the certificate is, for who compares it with the records. */
static void describe(const struct dane *d, char *out, size_t size)
{
	char text[CERT_WHY];
	struct cert leaf;
	size_t used;
	time_t ends;

	out[0] = '\0';
	if (cert_read(&leaf, &d->ders[0]) != DANESTS_OK)
		return;
	ends = gnutls_x509_crt_get_expiration_time(leaf.crt);
	if (ends != (time_t)-1 && ends < d->now) {
		cert_date_text(text, "expired", ends);
		text_format(out, size, "; it %s", text);
	}
	cert_names_text(&leaf, true, text);
	used = strlen(out);
	if (text[0] != '\0')
		text_format(out + used, size - used, "; its names: %s", text);
	cert_free(&leaf);
}

/* U6: matches this one, and is not looked at for a stronger digest beside it. */
static bool is_outranked(const struct dane *d, size_t i, struct match_subject *s)
{
	const struct danests_tlsa *rec = &d->host->tlsa[i];
	bool match = false;

	return d->drop[i] && tlsa_unusable(rec) == NULL &&
	    match_record(s, rec, &match) == DANESTS_OK && match;
}

/* The record that would match by itself; or NULL. */
static const struct danests_tlsa *outranked(struct dane *d)
{
	size_t depths = d->count < CHAIN_MAX ? d->count : CHAIN_MAX;

	for (size_t i = 0; i < d->host->tlsa_count; i++) {
		if (d->host->tlsa[i].usage == USAGE_EE && is_outranked(d, i, &d->leaf))
			return &d->host->tlsa[i];
	}
	for (size_t depth = 1; depth < depths; depth++) {
		struct match_subject s = {0};

		/* Copies of the server's own are no anchors (rules.md 5.12). */
		if (d->ders[depth].len == d->ders[0].len &&
		    memcmp(d->ders[depth].data, d->ders[0].data, d->ders[0].len) == 0)
			continue;
		if (!match_certificate(&s, &d->ders[depth]))
			continue;
		for (size_t i = 0; i < d->host->tlsa_count; i++) {
			if (d->host->tlsa[i].usage == USAGE_TA && is_outranked(d, i, &s))
				return &d->host->tlsa[i];
		}
	}
	return NULL;
}

static void refuse_outranked(struct dane *d, const struct danests_tlsa *rec)
{
	static const char *const hints[2][2] = { /* by usage - 2 and selector */
		{ "Drop the 2 0 2 records, or correct them: SHA2-512 is the stronger digest, and"
		  " where it is published 2 0 1 is not looked at.",
		  "Drop the 2 1 2 records, or correct them: SHA2-512 is the stronger digest, and"
		  " where it is published 2 1 1 is not looked at." },
		{ "Drop the 3 0 2 records, or correct them: SHA2-512 is the stronger digest, and"
		  " where it is published 3 0 1 is not looked at.",
		  "Drop the 3 1 2 records, or correct them: SHA2-512 is the stronger digest, and"
		  " where it is published 3 1 1 is not looked at." },
	};
	char reason[DANESTS_REASON_SIZE], name[MATCH_NAME];

	match_name(name, rec);
	text_format(reason, sizeof(reason), "TLSA %s matches, but is not looked at: beside it "
	    "stands %u %u 2, a stronger digest, and that does not match", name, rec->usage,
	    rec->selector);
	verdict_fail(d->out, FAULT_TLSA, reason);
	verdict_hint(d->out, hints[rec->usage - USAGE_TA][rec->selector]);
}

static void refuse_misused(struct dane *d, const struct danests_tlsa *rec)
{
	char reason[DANESTS_REASON_SIZE];

	text_format(reason, sizeof(reason), "TLSA 2 %u %u matches the server's own "
	    "certificate, which is no anchor for itself: use 3 %u %u for that",
	    rec->selector, rec->mtype, rec->selector, rec->mtype);
	verdict_fail(d->out, FAULT_TLSA, reason);
	verdict_hint(d->out, "Publish the same record with usage 3 in place of 2: usage 2 is for"
	    " an authority that issued the server's certificate.");
}

/* NULL: there are records of usage 3, so that the server's own may be meant. */
static const char *hint_anchors(const struct dane *d)
{
	bool whole = false;

	for (size_t i = 0; i < d->host->tlsa_count; i++) {
		if (d->drop[i])
			continue;
		if (d->host->tlsa[i].usage != USAGE_TA)
			return NULL;
		whole = whole || d->host->tlsa[i].mtype == 0;
	}
	return whole ? "Send the certificates between the server's own and the anchor of the"
	    " record, publish a record of the anchor that really issued them, or publish 3 1 1." :
	    "No certificate of an issuer that is sent matches: send the anchor's certificate in"
	    " the chain (a digest alone does not tell it), or publish 3 1 1.";
}

static void refuse_mismatch(struct dane *d)
{
	const uint8_t *digest = match_digest(&d->leaf, 1, 1);
	char reason[DANESTS_REASON_SIZE], more[CERT_WHY], hex[65] = "?", many[64] = "";

	if (digest != NULL)
		hex_encode(hex, digest, 32);
	if (d->count > CHAIN_MAX)
		text_format(many, sizeof(many), " in the first %d certificates of %zu", CHAIN_MAX,
		    d->count);
	describe(d, more, sizeof(more));
	text_format(reason, sizeof(reason),
	    "no TLSA record matches%s; the server's certificate would be 3 1 1 %s%s", many, hex,
	    more);
	verdict_fail(d->out, FAULT_TLSA, reason);
	verdict_hint(d->out, d->count > CHAIN_MAX ? way_hint("more than 32 certificates") :
	    hint_anchors(d));
}

static void refuse(struct dane *d)
{
	const struct danests_tlsa *own = misused(d), *weaker = NULL;

	if (own == NULL)
		weaker = outranked(d);
	if (own != NULL)
		refuse_misused(d, own);
	else if (weaker != NULL)
		refuse_outranked(d, weaker);
	else
		refuse_mismatch(d);
}

static void refuse_malformed(struct danests_judgement *out)
{
	verdict_fail(out, FAULT_TLSA, "malformed certificate");
	verdict_hint(out, way_hint("malformed certificate"));
}

int dane_judge(const danests_policy *policy, const struct danests_host *host,
    const struct danests_der *ders, size_t count, time_t now, struct danests_judgement *out)
{
	struct dane d = { .policy = policy, .host = host, .ders = ders, .count = count,
		.now = now, .out = out };
	int r;

	if (!match_certificate(&d.leaf, &ders[0])) {
		refuse_malformed(out);
		return DANESTS_OK;
	}
	r = start(&d);
	if (r == DANESTS_OK)
		r = judge_leaf(&d);
	if (r == DANESTS_OK && out->state == DANESTS_NOT_JUDGED)
		r = dane_anchors(&d);
	if (r == DANESTS_OK && out->state == DANESTS_NOT_JUDGED)
		refuse(&d);
	free(d.drop);
	return r;
}

/* U13: what takes a certificate cannot match. */
int dane_judge_key(const struct danests_host *host, const struct danests_der *key,
    struct danests_judgement *out)
{
	struct dane d = { .host = host, .out = out };
	char reason[DANESTS_REASON_SIZE], hex[65] = "?";
	const uint8_t *digest;
	int r;

	if (!match_key(&d.leaf, key)) {
		verdict_fail(out, FAULT_TLSA, "malformed public key");
		verdict_hint(out, "Have the server show a certificate in place of the raw public"
		    " key (RFC 7250), which cannot be read.");
		return DANESTS_OK;
	}
	r = start(&d);
	if (r == DANESTS_OK)
		r = judge_leaf(&d);
	if (r == DANESTS_OK && out->state == DANESTS_NOT_JUDGED) {
		digest = match_digest(&d.leaf, 1, 1);
		if (digest != NULL)
			hex_encode(hex, digest, 32);
		text_format(reason, sizeof(reason), "no TLSA record 3 1 x matches the server's "
		    "raw public key, which would be 3 1 1 %s", hex);
		verdict_fail(out, FAULT_TLSA, reason);
		verdict_hint(out, "Publish 3 1 1 with the SHA2-256 digest of the raw public key, or"
		    " have the server show a certificate.");
	}
	free(d.drop);
	return r;
}
