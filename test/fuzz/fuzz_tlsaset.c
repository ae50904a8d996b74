/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLSA sets against chains. Input: how many certificates (an octet), each behind its length
 * (two octets); then records of usage, selector, matching type and source: 0 takes data from
 * the input (a length, two octets), else it is that of the certificate with this number.
 *
 * Laws: the verdict does not depend on the order of records (U14) nor on when it is asked
 * for; what matches the server's own certificate passes whatever else there is (U7); what
 * passes names a record that is usable and not outdone (U6), and a certificate that is not
 * the server's own where usage is 2 (U8).
 */
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "danests.h"
#include "parse/der.h"
#include "parse/tlsa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* So few that the limits of verify/dane_ta.c on work are never reached. */
enum { CERTS = 6, RECORDS = 10, NOW = 1780272000 };

struct input {
	struct danests_der certs[CERTS];
	size_t cert_count;
	struct danests_tlsa records[RECORDS];
	uint8_t digests[RECORDS][64];
	bool of_leaf[RECORDS];   /* made from the server's own certificate */
	size_t record_count;
};

static void law(bool holds)
{
	if (!holds)
		abort();
}

static struct span blob(struct span *s)
{
	size_t len = span_u16(s);

	if (len > span_left(s))
		len = span_left(s);
	return span_of(span_take(s, len), len);
}

/* What a record of this certificate says; false: there is no such. */
static bool associate(struct input *in, struct danests_tlsa *rec, const struct danests_der *cert)
{
	static const gnutls_digest_algorithm_t digests[] = { 0, GNUTLS_DIG_SHA256,
		GNUTLS_DIG_SHA512 };
	struct span part = span_of(cert->data, cert->len);
	uint8_t *digest = in->digests[in->record_count];

	if (rec->selector > 1 || rec->mtype > 2 || !der_spki(&part, cert->data, cert->len))
		return false;
	if (rec->selector == 0)
		part = span_of(cert->data, cert->len);
	rec->data = part.p;
	rec->len = span_left(&part);
	if (rec->mtype == 0)
		return true;
	law(gnutls_hash_fast(digests[rec->mtype], part.p, span_left(&part), digest) == 0);
	rec->data = digest;
	rec->len = rec->mtype == 1 ? 32 : 64;
	return true;
}

static void read_record(struct input *in, struct span *s)
{
	struct danests_tlsa rec = {0};
	struct span raw;
	unsigned source;

	rec.usage = span_u8(s);
	rec.selector = span_u8(s);
	rec.mtype = span_u8(s);
	source = span_u8(s);
	if (source == 0) {
		raw = blob(s);
		rec.data = raw.p;
		rec.len = span_left(&raw);
	} else if (!associate(in, &rec, &in->certs[(source - 1) % in->cert_count])) {
		return;
	}
	in->of_leaf[in->record_count] = source != 0 && (source - 1) % in->cert_count == 0;
	in->records[in->record_count++] = rec;
}

static bool read_input(struct input *in, const uint8_t *data, size_t size)
{
	struct span s = span_of(data, size), cert;
	size_t count = span_u8(&s) % CERTS + 1;

	while (in->cert_count < count && span_left(&s) > 0) {
		cert = blob(&s);
		in->certs[in->cert_count++] = (struct danests_der){ cert.p, span_left(&cert) };
	}
	while (in->cert_count > 0 && span_left(&s) >= 4 && in->record_count < RECORDS)
		read_record(in, &s);
	return in->cert_count > 0;
}

static struct danests_verdict judge(const struct input *in)
{
	const struct danests_made made = { .host = "mx.example.com", .tlsa = in->records,
		.tlsa_count = in->record_count };
	struct danests_verdict v;
	danests_policy *policy;

	law(danests_policy_make(&policy, &made, NULL, 0) == DANESTS_OK);
	law(danests_verify(policy, NULL, "mx.example.com", in->certs, in->cert_count, NOW, &v) ==
	    DANESTS_OK);
	danests_policy_unref(policy);
	return v;
}

static void check_words(const struct danests_verdict *v)
{
	law(v->reason[0] != '\0' && strlen(v->reason) < DANESTS_REASON_SIZE);
	for (const char *p = v->reason; *p != '\0'; p++)
		law(*p >= ' ' && *p <= '~');
	law((v->dane.state == DANESTS_FAIL) == (v->dane.fault != NULL));
	law((v->dane.state == DANESTS_FAIL || v->dane.state == DANESTS_UNUSABLE) ==
	    (v->dane.hint != NULL));
	law(v->hint == v->dane.hint && (v->fault == NULL || v->hint != NULL));
	law(v->deliver == (v->dane.state != DANESTS_FAIL));
}

static void check_pass(const struct input *in, const struct danests_verdict *v,
    const bool *drop)
{
	const struct danests_judgement *j = &v->dane;
	const struct danests_tlsa *rec;

	if (j->state != DANESTS_PASS)
		return;
	law(j->tlsa >= 0 && (size_t)j->tlsa < in->record_count && !drop[j->tlsa]);
	rec = &in->records[j->tlsa];
	law(rec->usage == 3 ? j->depth == 0 : rec->usage == 2 && j->depth != 0);
	law(j->depth < (int)in->cert_count);
	law(j->depth > 0 || rec->usage == 3 || rec->mtype == 0);
	if (j->depth > 0)
		law(in->certs[j->depth].len != in->certs[0].len ||
		    memcmp(in->certs[j->depth].data, in->certs[0].data, in->certs[0].len) != 0);
}

static void check_leaf(const struct input *in, const struct danests_verdict *v,
    const bool *drop)
{
	struct input alone = *in;

	for (size_t i = 0; i < in->record_count; i++) {
		if (in->records[i].usage == 3 && !drop[i] && in->of_leaf[i])
			law(v->dane.state == DANESTS_PASS && v->dane.depth == 0);
	}
	if (v->dane.state != DANESTS_PASS || v->dane.depth != 0)
		return;
	alone.cert_count = 1;
	law(judge(&alone).dane.tlsa == v->dane.tlsa);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {0}, turned;
	struct danests_verdict v, again;
	bool drop[RECORDS];

	if (!read_input(&in, data, size))
		return 0;
	v = judge(&in);
	check_words(&v);
	(void)tlsa_agility(in.records, in.record_count, drop);
	check_pass(&in, &v, drop);
	check_leaf(&in, &v, drop);
	again = judge(&in);
	law(again.dane.tlsa == v.dane.tlsa && strcmp(again.reason, v.reason) == 0);
	turned = in;
	for (size_t i = 0; i < in.record_count; i++)
		turned.records[i] = in.records[in.record_count - 1 - i];
	again = judge(&turned);
	law(again.deliver == v.deliver && again.fault == v.fault && again.by == v.by);
	return 0;
}
