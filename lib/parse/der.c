/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/der.h"

/* X.690 10.1: definite, and in as few octets as possible. */
static size_t der_length(struct span *s)
{
	size_t n = span_u8(s), value = 0, i;

	if (n < 0x80)
		return n;
	n &= 0x7f;
	if (n == 0 || n > 4)
		s->bad = true;
	for (i = 0; i < n && !s->bad; i++) {
		value = value << 8 | span_u8(s);
		if (i == 0 && value == 0)
			s->bad = true;
	}
	if (value < 0x80)
		s->bad = true;
	return value;
}

struct span der_take(struct span *s, uint8_t tag)
{
	struct span in = {0};
	size_t len;

	if (span_u8(s) != tag)
		s->bad = true;
	len = der_length(s);
	in.p = span_take(s, len);
	in.end = in.p == NULL ? NULL : in.p + len;
	in.bad = s->bad;
	return in;
}

/* From *s the element that comes next, as it stands there. */
static struct span take_whole(struct span *s, uint8_t tag)
{
	const uint8_t *start = s->p;

	(void)der_take(s, tag);
	return s->bad ? (struct span){ .bad = true } : span_of(start, (size_t)(s->p - start));
}

bool der_body(struct span *body, const void *cert, size_t len)
{
	struct span s = span_of(cert, len), in, bits;

	in = der_take(&s, DER_SEQUENCE);
	if (s.bad || span_left(&s) > 0)
		return false;
	*body = take_whole(&in, DER_SEQUENCE);
	(void)der_take(&in, DER_SEQUENCE);
	bits = der_take(&in, DER_BIT_STRING);
	return span_u8(&bits) <= 7 && !bits.bad && !in.bad && span_left(&in) == 0;
}

/* RFC 5280 4.1: the key is the sixth part of the body, not counting the version. */
bool der_spki(struct span *spki, const void *cert, size_t len)
{
	static const uint8_t before[] = {
		DER_INTEGER,  /* serial number */
		DER_SEQUENCE, /* signature */
		DER_SEQUENCE, /* issuer */
		DER_SEQUENCE, /* validity */
		DER_SEQUENCE, /* subject */
	};
	struct span whole, body;

	if (!der_body(&whole, cert, len))
		return false;
	body = der_take(&whole, DER_SEQUENCE);
	if (span_left(&body) > 0 && body.p[0] == DER_EXPLICIT_0)
		(void)der_take(&body, DER_EXPLICIT_0);
	for (size_t i = 0; i < sizeof(before); i++)
		(void)der_take(&body, before[i]);
	*spki = take_whole(&body, DER_SEQUENCE);
	return !spki->bad;
}
