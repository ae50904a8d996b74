/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/certname.h"

#include <string.h>

#include "base/text.h"
#include "parse/domain.h"

#define LABEL_MAX 63

/* Non-empty labels of letters, digits, '-' and '_': their number, or 0. */
static unsigned labels(const char *name, size_t len)
{
	unsigned count = 1;
	size_t label = 0;

	for (size_t i = 0; i < len; i++) {
		if (name[i] == '.') {
			if (label == 0)
				return 0;
			count++;
			label = 0;
		} else if (!text_is_alnum(name[i]) && name[i] != '-' && name[i] != '_') {
			return 0;
		} else if (++label > LABEL_MAX) {
			return 0;
		}
	}
	return label == 0 ? 0 : count;
}

bool certname_match(const char *name, size_t len, const char *host)
{
	const char *rest;

	if (len == 0 || len > DOMAIN_MAX || labels(host, strlen(host)) == 0)
		return false;
	if (len < 2 || name[0] != '*' || name[1] != '.')
		return labels(name, len) > 0 && text_equal_nocase_n(name, len, host);
	/* RFC 6125 6.4.3: one label, and no part of one. */
	rest = strchr(host, '.');
	return rest != NULL && labels(name + 2, len - 2) > 1 &&
	    text_equal_nocase_n(name + 2, len - 2, rest + 1);
}

bool certname_any(const struct certname *names, size_t count, const char *host,
    bool allow_cn)
{
	for (size_t i = 0; i < count; i++) {
		/* RFC 6125 6.4.4: next to a DNS-ID the CN says nothing. */
		if (!names[i].cn)
			allow_cn = false;
		if (!names[i].cn && certname_match(names[i].text, names[i].len, host))
			return true;
	}
	for (size_t i = 0; allow_cn && i < count; i++) {
		if (certname_match(names[i].text, names[i].len, host))
			return true;
	}
	return false;
}
