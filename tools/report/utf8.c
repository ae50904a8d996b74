/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/utf8.h"

/* Which second octets a first one takes, and how many follow in all: RFC 3629 section 4. */
static const struct lead {
	unsigned char first, last, more, low, high;
} leads[] = {
	{ 0xc2, 0xdf, 1, 0x80, 0xbf }, { 0xe0, 0xe0, 2, 0xa0, 0xbf }, { 0xe1, 0xec, 2, 0x80, 0xbf },
	{ 0xed, 0xed, 2, 0x80, 0x9f }, { 0xee, 0xef, 2, 0x80, 0xbf }, { 0xf0, 0xf0, 3, 0x90, 0xbf },
	{ 0xf1, 0xf3, 3, 0x80, 0xbf }, { 0xf4, 0xf4, 3, 0x80, 0x8f },
};

static const struct lead *find_lead(unsigned char c)
{
	for (size_t i = 0; i < COUNT_OF(leads); i++)
		if (c >= leads[i].first && c <= leads[i].last)
			return &leads[i];
	return NULL;
}

uint32_t utf8_take(struct slice *s)
{
	const unsigned char *p = (const unsigned char *)s->p;
	const struct lead *lead;
	uint32_t c = p[0];
	size_t n;

	if (c < 0x80) {
		*s = slice_after(*s, 1);
		return c;
	}
	lead = find_lead(p[0]);
	if (lead == NULL) {
		*s = slice_after(*s, 1);
		return UTF8_BAD;
	}
	c &= 0x3fu >> lead->more;
	for (n = 1; n <= lead->more && n < s->len; n++) {
		if (p[n] < (n == 1 ? lead->low : 0x80) || p[n] > (n == 1 ? lead->high : 0xbf))
			break;
		c = c << 6 | (p[n] & 0x3f);
	}
	*s = slice_after(*s, n);
	return n == (size_t)lead->more + 1 ? c : UTF8_BAD;
}

void utf8_put(struct buf *to, uint32_t c)
{
	if (c < 0x80) {
		buf_char(to, (char)c);
	} else if (c < 0x800) {
		buf_char(to, (char)(0xc0 | c >> 6));
		buf_char(to, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_char(to, (char)(0xe0 | c >> 12));
		buf_char(to, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(to, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_char(to, (char)(0xf0 | c >> 18));
		buf_char(to, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_char(to, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(to, (char)(0x80 | (c & 0x3f)));
	}
}

size_t utf8_length(struct slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

/* Marks, embeddings, overrides and isolates of direction; characters without a width. */
static bool is_unseen(uint32_t c)
{
	static const struct { uint32_t first, last; } ranges[] = {
		{ 0xad, 0xad }, { 0x61c, 0x61c }, { 0x180e, 0x180e }, { 0x200b, 0x200f },
		{ 0x202a, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f },
	};

	for (size_t i = 0; i < COUNT_OF(ranges); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

void utf8_clean(struct buf *to, struct slice text, bool visible)
{
	size_t plain;
	uint32_t c;

	while (text.len > 0) {
		for (plain = 0; plain < text.len; plain++)
			if (text.p[plain] < ' ' || text.p[plain] > '~')
				break;
		if (plain > 0) {
			buf_add(to, text.p, plain);
			text = slice_after(text, plain);
			continue;
		}
		c = utf8_take(&text);
		if (is_control(c))
			buf_char(to, '?');
		else if (visible && is_unseen(c))
			buf_printf(to, "<U+%04X>", (unsigned)c);
		else
			utf8_put(to, c);
	}
}
