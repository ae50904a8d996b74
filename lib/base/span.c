/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/span.h"

struct span span_of(const void *data, size_t len)
{
	struct span s = {0};

	s.p = data;
	s.end = data == NULL ? NULL : s.p + len;
	return s;
}

size_t span_left(const struct span *s)
{
	return s->p == NULL ? 0 : (size_t)(s->end - s->p);
}

const uint8_t *span_take(struct span *s, size_t n)
{
	const uint8_t *at = s->p;

	if (s->bad || at == NULL || n > span_left(s)) {
		s->bad = true;
		return NULL;
	}
	s->p += n;
	return at;
}

uint8_t span_u8(struct span *s)
{
	const uint8_t *at = span_take(s, 1);

	return at == NULL ? 0 : at[0];
}

uint16_t span_u16(struct span *s)
{
	const uint8_t *at = span_take(s, 2);

	return at == NULL ? 0 : (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t span_u32(struct span *s)
{
	const uint8_t *at = span_take(s, 4);

	if (at == NULL)
		return 0;
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

const uint8_t *span_rest(struct span *s, size_t *len)
{
	const uint8_t *at = s->p;

	*len = s->bad ? 0 : span_left(s);
	s->p = s->end;
	return at;
}
