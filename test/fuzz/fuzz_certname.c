/* SPDX-License-Identifier: BSD-2-Clause */
/* Input: a name from a certificate, a line end, the host we want. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parse/certname.h"

#define HOST_MAX 300

static void require(bool law)
{
	if (!law)
		abort();
}

static size_t dots(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '.';
	return n;
}

/* What a match promises, found out another way. */
static void check_match(const char *name, size_t len, const char *host)
{
	const char *dot = strchr(host, '.');

	require(len > 0 && len <= 253 && memchr(name, '\0', len) == NULL);
	require(dots(name, len) == dots(host, strlen(host))); /* label by label */
	if (memchr(name, '*', len) == NULL) {
		require(strlen(host) == len && text_equal_nocase_n(name, len, host));
		return;
	}
	require(name[0] == '*' && name[1] == '.' && memchr(name + 1, '*', len - 1) == NULL);
	require(dot != NULL && dot != host && dots(name, len) >= 2);
	require(strlen(dot) == len - 1 && text_equal_nocase_n(name + 1, len - 1, dot));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
	char *name, host[HOST_MAX];
	size_t len, left;
	bool match;

	if (end == NULL)
		return 0;
	len = (size_t)(end - data);
	left = size - len - 1;
	if (left >= sizeof(host) || memchr(end + 1, '\0', left) != NULL)
		return 0;
	memcpy(host, end + 1, left);
	host[left] = '\0';
	name = malloc(len > 0 ? len : 1); /* no NUL after it: reading on is an error */
	if (name == NULL)
		return 0;
	memcpy(name, data, len);
	match = certname_match(name, len, host);
	if (match)
		check_match(name, len, host);

	const struct certname names[] = {
		{ name, len, true }, { "a.test", 6, false }, { name, len, false },
	};
	require(certname_any(names, 1, host, true) == match);
	require(!certname_any(names, 1, host, false));
	require(certname_any(names, 2, host, true) == text_equal_nocase(host, "a.test"));
	require(certname_any(names + 2, 1, host, false) == match);
	free(name);
	return 0;
}
