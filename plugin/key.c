/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/key.h"

#include <string.h>

/* No other colons and brackets are in a key, for an address is no nexthop of ours. */
const char *key_domain(const char *key, size_t *len)
{
	size_t bracket = *len > 0 && key[0] == '[';
	const char *begin = key + bracket;
	const char *end = memchr(begin, bracket != 0 ? ']' : ':', *len - bracket);

	*len = end != NULL ? (size_t)(end - begin) : *len - bracket;
	return begin;
}
