/* SPDX-License-Identifier: BSD-2-Clause */
/* Input: a pattern, a line feed, a host. Laws: the canonical form is a fixed point; a
 * match is either equality or exactly one label in the place of '*' (S17). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "danests.h"
#include "parse/domain.h"
#include "parse/mxpattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t dots(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == '.' ? 1 : 0;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *feed = size == 0 ? NULL : memchr(data, '\n', size);
	size_t len = feed == NULL ? size : (size_t)(feed - data), hostlen, tail;
	char pattern[256], again[256];
	struct domain host;

	if (mxpattern_parse(pattern, (const char *)data, len) != DANESTS_OK)
		return 0;
	if (mxpattern_parse(again, pattern, strlen(pattern)) != DANESTS_OK ||
	    strcmp(pattern, again) != 0)
		abort();
	if (feed == NULL || domain_parse(&host, (const char *)feed + 1, size - len - 1) != 0)
		return 0;
	if (pattern[0] != '*') {
		if (mxpattern_match(pattern, host.name) != (strcmp(pattern, host.name) == 0))
			abort();
		return 0;
	}
	if (!mxpattern_match(pattern, host.name))
		return 0;
	hostlen = strlen(host.name);
	tail = strlen(pattern) - 1;
	if (hostlen <= tail || strcmp(host.name + hostlen - tail, pattern + 1) != 0 ||
	    dots(host.name) != dots(pattern))
		abort();
	return 0;
}
