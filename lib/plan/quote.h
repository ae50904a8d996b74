/* SPDX-License-Identifier: BSD-2-Clause */
/* Remote text inside a reply to Postfix. A header of its own so that it can be
 * tested octet by octet. */
#ifndef PLAN_QUOTE_H
#define PLAN_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The character at p, of *len octets; 0 when it is not UTF-8 (RFC 3629). */
static inline uint32_t quote_char(const unsigned char *p, size_t left, size_t *len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = p[0];

	*len = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (*len == 1)
		return c;
	if (c < 0xc2 || c > 0xf4 || *len > left)
		return 0;
	c &= 0xffu >> (*len + 1);
	for (size_t i = 1; i < *len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	return c < least[*len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : c;
}

/*
 * May this line of a remote policy stand in "{ policy_string = LINE }"? One that
 * Postfix would stumble over stops mail (rules.md 5.16): no braces, no control
 * characters, nothing but UTF-8, since Postfix refuses a whole table answer that
 * is not. And not blank, which would say nothing.
 */
static inline bool quote_allowed(const char *line, size_t len)
{
	const unsigned char *p = (const unsigned char *)line;
	bool blank = true;
	size_t step;

	for (size_t i = 0; i < len; i += step) {
		uint32_t c = quote_char(p + i, len - i, &step);

		if (c < ' ' || (c >= 0x7f && c <= 0x9f) || c == '{' || c == '}')
			return false;
		blank = blank && c == ' ';
	}
	return !blank;
}

#endif
