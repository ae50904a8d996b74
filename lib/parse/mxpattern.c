/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/mxpattern.h"

#include <string.h>

#include "danests.h"
#include "parse/domain.h"

static bool is_wildcard(const char *text, size_t len)
{
	return len >= 2 && text[0] == '*' && text[1] == '.';
}

int mxpattern_parse(char out[256], const char *text, size_t len)
{
	struct domain domain;
	size_t star = is_wildcard(text, len) ? 2 : 0, i;

	/* S16: A-labels only; elsewhere U-labels would be converted. */
	for (i = 0; i < len; i++) {
		if ((unsigned char)text[i] >= 0x80)
			return DANESTS_EINVAL;
	}
	if (domain_parse(&domain, text + star, len - star) != DANESTS_OK)
		return DANESTS_EINVAL;
	memcpy(out, "*.", star);
	memcpy(out + star, domain.name, strlen(domain.name) + 1);
	return DANESTS_OK;
}

const char *mxpattern_bad(const char *text, size_t len)
{
	size_t star = is_wildcard(text, len) ? 2 : 0, i;

	if (len == star)
		return "there is no name";
	for (i = 0; i < len; i++) {
		if ((unsigned char)text[i] >= 0x80)
			return "a pattern must be in A-labels (xn--...)";
	}
	if (memchr(text + star, '*', len - star) != NULL)
		return "\"*\" must be the whole first label and stand there only, as in *.example.com";
	return "the pattern is no host name, nor \"*.\" and a host name";
}

bool mxpattern_match(const char *pattern, const char *host)
{
	const char *dot;

	if (!is_wildcard(pattern, strlen(pattern)))
		return strcmp(pattern, host) == 0;
	/* RFC 8461 4.1: '*' stands for exactly one label, the leftmost. */
	dot = strchr(host, '.');
	return dot != NULL && dot != host && strcmp(dot + 1, pattern + 2) == 0;
}
