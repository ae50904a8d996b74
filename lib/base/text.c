/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool text_equal_nocase_n(const char *a, size_t alen, const char *b)
{
	size_t i;

	for (i = 0; i < alen; i++) {
		if (b[i] == '\0' || text_lower(a[i]) != text_lower(b[i]))
			return false;
	}
	return b[alen] == '\0';
}

bool text_equal_nocase(const char *a, const char *b)
{
	return text_equal_nocase_n(a, strlen(a), b);
}

bool text_number(const char *text, size_t len, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t value = 0, digit;
	size_t i;

	if (len < 1 || len > 20)
		return false;
	for (i = 0; i < len; i++) {
		if (!text_is_digit(text[i]))
			return false;
		digit = (uint64_t)(text[i] - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

size_t text_printable(char *out, size_t size, const char *text, size_t len)
{
	size_t i;

	if (size == 0)
		return 0;
	for (i = 0; i < len && i < size - 1; i++)
		out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	out[i] = '\0';
	return i;
}

void text_format(char *out, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (size == 0)
		return;
	va_start(ap, fmt);
	n = vsnprintf(out, size, fmt, ap);
	va_end(ap);
	if (n < 0)
		out[0] = '\0';
	else if ((size_t)n >= size && size >= sizeof("..."))
		memcpy(out + size - sizeof("..."), "...", sizeof("..."));
}
