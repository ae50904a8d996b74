/* SPDX-License-Identifier: BSD-2-Clause */
/* Laws: what is accepted is in the one form that struct domain promises, and parsing
 * that again changes nothing; every key is a nexthop of the same meaning. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "danests.h"
#include "parse/domain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_form(const struct domain *d)
{
	size_t len = strlen(d->name), label = 0, i;
	bool digits = true;

	if (len < 1 || len > DOMAIN_MAX)
		abort();
	for (i = 0; i <= len; i++) {
		char c = d->name[i];

		if (c == '.' || c == '\0') {
			if (label < 1 || label > 63 || d->name[i - 1] == '-')
				abort();
			label = 0;
			digits = digits && c == '\0';
			if (c == '.')
				digits = true;
			continue;
		}
		if (!text_is_alnum(c) && c != '-' && c != '_')
			abort();
		if (text_is_upper(c) || (label == 0 && c == '-'))
			abort();
		digits = digits && text_is_digit(c);
		label++;
	}
	if (digits)
		abort();
}

static void check_domain(const char *text, size_t len)
{
	struct domain one, two;

	if (domain_parse(&one, text, len) != DANESTS_OK)
		return;
	check_form(&one);
	if (domain_parse(&two, one.name, strlen(one.name)) != DANESTS_OK ||
	    strcmp(one.name, two.name) != 0)
		abort();
}

static void check_nexthop(const char *text, size_t len)
{
	char key[NEXTHOP_KEY_MAX + 1], again[NEXTHOP_KEY_MAX + 1];
	struct nexthop one, two;
	size_t n;

	if (nexthop_parse(&one, text, len) != DANESTS_OK)
		return;
	check_form(&one.domain);
	n = nexthop_key(&one, key);
	if (one.port == 0 || n != strlen(key) || n > NEXTHOP_KEY_MAX)
		abort();
	if (nexthop_parse(&two, key, n) != DANESTS_OK || one.port != two.port ||
	    one.bracketed != two.bracketed || strcmp(one.domain.name, two.domain.name) != 0)
		abort();
	(void)nexthop_key(&two, again);
	if (strcmp(key, again) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_domain((const char *)data, size);
	check_nexthop((const char *)data, size);
	return 0;
}
