/* SPDX-License-Identifier: BSD-2-Clause */
#include "verify/match.h"

#include <gnutls/crypto.h>
#include <string.h>

#include "base/text.h"
#include "cert/cert.h"
#include "parse/der.h"

static bool plausible(const struct danests_der *der)
{
	return der->data != NULL && der->len > 0 && der->len <= CHAIN_BYTES;
}

bool match_certificate(struct match_subject *out, const struct danests_der *der)
{
	*out = (struct match_subject){0};
	if (!plausible(der) || !der_spki(&out->part[1], der->data, der->len))
		return false;
	out->part[0] = span_of(der->data, der->len);
	return true;
}

bool match_key(struct match_subject *out, const struct danests_der *der)
{
	struct span s, in, bits;

	*out = (struct match_subject){0};
	if (!plausible(der))
		return false;
	s = span_of(der->data, der->len);
	in = der_take(&s, DER_SEQUENCE);
	(void)der_take(&in, DER_SEQUENCE);
	bits = der_take(&in, DER_BIT_STRING);
	if (s.bad || in.bad || bits.bad || span_left(&s) > 0 || span_left(&in) > 0)
		return false;
	out->part[1] = span_of(der->data, der->len);
	return true;
}

const uint8_t *match_digest(struct match_subject *s, uint8_t selector, uint8_t mtype)
{
	static const gnutls_digest_algorithm_t algorithms[] = {
		GNUTLS_DIG_SHA256, GNUTLS_DIG_SHA512,
	};
	const struct span *part = &s->part[selector];
	uint8_t *digest = s->digest[selector][mtype - 1];

	if (part->p == NULL)
		return NULL;
	if (!s->done[selector][mtype - 1] &&
	    gnutls_hash_fast(algorithms[mtype - 1], part->p, span_left(part), digest) < 0)
		return NULL;
	s->done[selector][mtype - 1] = true;
	return digest;
}

int match_record(struct match_subject *s, const struct danests_tlsa *rec, bool *match)
{
	const struct span *part = &s->part[rec->selector];
	const uint8_t *want = part->p;
	size_t len = span_left(part);

	*match = false;
	if (want == NULL)
		return DANESTS_OK;
	if (rec->mtype != 0) {
		want = match_digest(s, rec->selector, rec->mtype);
		if (want == NULL)
			return DANESTS_ENOMEM;
		len = rec->len; /* right, or the record would not be usable (U2) */
	}
	*match = rec->len == len && memcmp(rec->data, want, len) == 0;
	return DANESTS_OK;
}

void match_name(char out[MATCH_NAME], const struct danests_tlsa *rec)
{
	text_format(out, MATCH_NAME, "%u %u %u", rec->usage, rec->selector, rec->mtype);
}
