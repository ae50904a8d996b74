/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/tlsvalue.h"

#include <limits.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"

#define HOST_MAX 255
#define LABEL_MAX 63

static bool is_one_of(const char *value, size_t len, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal_nocase_n(value, len, words[i]))
			return true;
	return false;
}

const char *tlsvalue_not_empty(const char *value)
{
	return value[0] == '\0' ? "is empty" : NULL;
}

static bool is_label(const char *label, size_t len)
{
	if (len == 0 || len > LABEL_MAX || label[0] == '-' || label[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!text_is_alnum(label[i]) && label[i] != '-' && label[i] != '_')
			return false;
	return true;
}

/* Postfix's own idea of a host name: no final dot, not digits and dots only. */
const char *tlsvalue_host(const char *value)
{
	const char *at = value;

	if (strlen(value) > HOST_MAX || value[strspn(value, "0123456789.")] == '\0')
		return "is no host name";
	for (;;) {
		size_t len = strcspn(at, ".");

		if (!is_label(at, len))
			return "is no host name";
		if (at[len] == '\0')
			return NULL;
		at += len + 1;
	}
}

const char *tlsvalue_ciphers(const char *value)
{
	static const char *const grades[] = { "high", "medium", "low", "export", "null" };

	return is_one_of(value, strlen(value), grades, COUNT_OF(grades)) ? NULL :
	    "is none of high, medium, low, export, null";
}

const char *tlsvalue_yes_no(const char *value)
{
	static const char *const words[] = { "yes", "no" };

	return is_one_of(value, strlen(value), words, COUNT_OF(words)) ? NULL :
	    "is neither yes nor no";
}

const char *tlsvalue_policy_type(const char *value)
{
	static const char *const types[] = { "sts", "no-policy-found" };

	return is_one_of(value, strlen(value), types, COUNT_OF(types)) ? NULL :
	    "is neither sts nor no-policy-found";
}

const char *tlsvalue_failure(const char *value)
{
	static const char *const failures[] = { "sts-policy-fetch-error", "sts-policy-invalid",
		"sts-webpki-invalid", "validation-failure" };

	return is_one_of(value, strlen(value), failures, COUNT_OF(failures)) ? NULL :
	    "is none of sts-policy-fetch-error, sts-policy-invalid, sts-webpki-invalid,"
	    " validation-failure";
}

const char *tlsvalue_ttl(const char *value)
{
	uint64_t number;

	return text_number(value, strlen(value), 0, INT_MAX, &number) ? NULL :
	    "is no number of seconds";
}

/* The next item of a list; several only in "{ name = a, b }" but for the colons. */
static bool next_item(const char **at, size_t *len)
{
	*at += strspn(*at, ":, \t");
	*len = strcspn(*at, ":, \t");
	return *len > 0;
}

const char *tlsvalue_protocols(const char *value)
{
	static const char *const names[] = { "SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2",
		"TLSv1.3" };
	size_t len;

	for (const char *at = value; next_item(&at, &len); at += len) {
		size_t sign = at[0] == '!' ? 1 : len > 1 && (at[0] == '<' || at[0] == '>') &&
		    at[1] == '=' ? 2 : 0;

		at += sign;
		len -= sign;
		if (!is_one_of(at, len, names, COUNT_OF(names)))
			return "names no protocol that Postfix knows: SSLv3, TLSv1, TLSv1.1,"
			    " TLSv1.2, TLSv1.3, each with !, >= or <= before it";
	}
	return NULL;
}

const char *tlsvalue_exclude(const char *value)
{
	size_t len;

	for (const char *at = value; next_item(&at, &len); at += len)
		if (strchr("!+-@", at[0]) != NULL)
			return "has a cipher that begins with one of ! + - @";
	return NULL;
}

static bool is_hex(char c)
{
	return text_is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

static bool is_fingerprint(const char *text, size_t len)
{
	size_t i = 0;

	while (i + 1 < len && is_hex(text[i]) && is_hex(text[i + 1])) {
		i += 2;
		if (i == len)
			return true;
		i += text[i] == ':' && i + 1 < len;
	}
	return false;
}

/* Postfix passes over a malformed one with a warning, if it does not fall over it: its
 * 3.7 panics at a single digit. */
const char *tlsvalue_fingerprints(const char *value)
{
	const char *at = value + strspn(value, "|");

	if (at[0] == '\0')
		return "is empty";
	while (at[0] != '\0') {
		size_t len = strcspn(at, "|");

		if (!is_fingerprint(at, len))
			return "is not pairs of hex digits, with ':' between them or without,"
			    " and '|' between fingerprints";
		at += len;
		at += strspn(at, "|");
	}
	return NULL;
}
