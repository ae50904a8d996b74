/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/hex.h"

static const char digits[] = "0123456789abcdef";

void hex_encode(char *out, const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		*out++ = digits[data[i] >> 4];
		*out++ = digits[data[i] & 15];
	}
	*out = '\0';
}

static int value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool hex_decode(uint8_t *out, size_t outlen, const char *text, size_t len)
{
	size_t i;

	if (len % 2 != 0 || len / 2 != outlen)
		return false;
	for (i = 0; i < len; i++) {
		if (value(text[i]) < 0)
			return false;
	}
	for (i = 0; i < outlen; i++)
		out[i] = (uint8_t)(value(text[2 * i]) << 4 | value(text[2 * i + 1]));
	return true;
}
