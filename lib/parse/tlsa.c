/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/tlsa.h"

#include "base/span.h"
#include "parse/der.h"

enum { USAGE_PKIX_EE = 1, USAGE_TA = 2, USAGE_EE = 3 };
enum { SELECTOR_CERT = 0, SELECTOR_KEY = 1 };
enum { MTYPE_FULL = 0, MTYPE_SHA256 = 1, MTYPE_SHA512 = 2 };

int tlsa_parse(struct danests_tlsa *out, const uint8_t *rdata, size_t len)
{
	struct span s = span_of(rdata, len);
	struct danests_tlsa rec = {0};

	rec.usage = span_u8(&s);
	rec.selector = span_u8(&s);
	rec.mtype = span_u8(&s);
	rec.data = span_rest(&s, &rec.len);
	if (s.bad)
		return DANESTS_EINVAL;
	*out = rec;
	return DANESTS_OK;
}

/* Certificate: body, algorithm, signature. SubjectPublicKeyInfo: algorithm, key. */
static bool der_plausible(const struct danests_tlsa *rec)
{
	struct span s = span_of(rec->data, rec->len), in, bits;

	in = der_take(&s, DER_SEQUENCE);
	if (s.bad || span_left(&s) > 0)
		return false;
	if (rec->selector == SELECTOR_CERT)
		(void)der_take(&in, DER_SEQUENCE);
	(void)der_take(&in, DER_SEQUENCE);
	bits = der_take(&in, DER_BIT_STRING);
	return span_u8(&bits) <= 7 && !bits.bad && !in.bad && span_left(&in) == 0;
}

const char *tlsa_unusable(const struct danests_tlsa *rec)
{
	if (rec->usage <= USAGE_PKIX_EE) /* U4 */
		return "usage 0 and 1 are not for SMTP (RFC 7672 3.1.3)";
	if (rec->usage > USAGE_EE) /* U1 */
		return "unknown usage";
	if (rec->selector > SELECTOR_KEY)
		return "unknown selector";
	if (rec->mtype > MTYPE_SHA512)
		return "unknown matching type";
	if (rec->len == 0) /* U2 */
		return "no data";
	if (rec->mtype == MTYPE_SHA256 && rec->len != 32)
		return "a SHA2-256 digest has 32 octets";
	if (rec->mtype == MTYPE_SHA512 && rec->len != 64)
		return "a SHA2-512 digest has 64 octets";
	if (rec->mtype == MTYPE_FULL && !der_plausible(rec))
		return rec->selector == SELECTOR_CERT ? "the data is not a certificate in DER"
		    : "the data is not a public key (SubjectPublicKeyInfo) in DER";
	return NULL;
}

size_t tlsa_agility(const struct danests_tlsa *recs, size_t count, bool *drop)
{
	uint8_t strongest[USAGE_EE + 1][SELECTOR_KEY + 1] = {{0}}, *best;
	size_t i, left = 0;

	/* Unusable ones go first, so that a broken SHA2-512 displaces nothing (RFC 7671 9). */
	for (i = 0; i < count; i++) {
		drop[i] = tlsa_unusable(&recs[i]) != NULL;
		if (drop[i])
			continue;
		best = &strongest[recs[i].usage][recs[i].selector];
		if (recs[i].mtype > *best)
			*best = recs[i].mtype;
	}
	for (i = 0; i < count; i++) {
		if (drop[i])
			continue;
		drop[i] = recs[i].mtype != MTYPE_FULL &&
		    recs[i].mtype != strongest[recs[i].usage][recs[i].selector];
		left += drop[i] ? 0 : 1;
	}
	return left;
}
