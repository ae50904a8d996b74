/* SPDX-License-Identifier: BSD-2-Clause */
#include "verify/dane.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "cert/cert.h"
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

static void refuse_mismatch(struct dane *d)
{
	const struct danests_tlsa *rec = misused(d);
	const uint8_t *digest = match_digest(&d->leaf, 1, 1);
	char reason[DANESTS_REASON_SIZE], more[CERT_WHY], hex[65] = "?";

	if (rec != NULL) {
		text_format(reason, sizeof(reason), "TLSA 2 %u %u matches the server's own "
		    "certificate, which is no anchor for itself: use 3 %u %u for that",
		    rec->selector, rec->mtype, rec->selector, rec->mtype);
	} else {
		if (digest != NULL)
			hex_encode(hex, digest, 32);
		describe(d, more, sizeof(more));
		text_format(reason, sizeof(reason),
		    "no TLSA record matches; the server's certificate would be 3 1 1 %s%s", hex,
		    more);
	}
	verdict_fail(d->out, FAULT_TLSA, reason);
}

int dane_judge(const danests_policy *policy, const struct danests_host *host,
    const struct danests_der *ders, size_t count, time_t now, struct danests_judgement *out)
{
	struct dane d = { .policy = policy, .host = host, .ders = ders, .count = count,
		.now = now, .out = out };
	int r;

	if (!match_certificate(&d.leaf, &ders[0])) {
		verdict_fail(out, FAULT_TLSA, "malformed certificate");
		return DANESTS_OK;
	}
	r = start(&d);
	if (r == DANESTS_OK)
		r = judge_leaf(&d);
	if (r == DANESTS_OK && out->state == DANESTS_NOT_JUDGED)
		r = dane_anchors(&d);
	if (r == DANESTS_OK && out->state == DANESTS_NOT_JUDGED)
		refuse_mismatch(&d);
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
	}
	free(d.drop);
	return r;
}
