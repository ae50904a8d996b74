/* SPDX-License-Identifier: BSD-2-Clause */
#include "verify/refs.h"

#include <string.h>

#include "base/text.h"
#include "plan/policy.h"

const char *refs_name(const danests_policy *policy, const struct danests_host *host, size_t i)
{
	/* Behind insecure MX records nothing but the host itself is known to be meant. */
	if (!policy->mx_secure)
		return i == 0 ? host->name : NULL;
	if (i == 0)
		return host->base;
	if (policy->made)
		return i <= policy->name_count ? policy->names[i - 1] : NULL;
	if (i == 1)
		return policy->domain;
	return i == 2 ? policy->expanded : NULL;
}

bool refs_match(const danests_policy *policy, const struct danests_host *host,
    const struct cert *leaf)
{
	const char *name;

	for (size_t i = 0; (name = refs_name(policy, host, i)) != NULL; i++) {
		if (cert_named(leaf, name, true))
			return true;
	}
	return false;
}

static bool seen(const danests_policy *policy, const struct danests_host *host, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(refs_name(policy, host, i), refs_name(policy, host, n)) == 0)
			return true;
	}
	return false;
}

void refs_mismatch(char out[CERT_WHY], const danests_policy *policy,
    const struct danests_host *host, const struct cert *leaf)
{
	char names[CERT_WHY], *comma;
	const char *name;
	size_t used;

	cert_names_text(leaf, true, names);
	/* Both lists matter: of a long one, the beginning. */
	if (strlen(names) > CERT_WHY / 3) {
		names[CERT_WHY / 3] = '\0';
		comma = strrchr(names, ',');
		text_format(comma != NULL ? comma : names + CERT_WHY / 3 - 3, 8, "...");
	}
	text_format(out, CERT_WHY, "certificate %s%s", names[0] != '\0' ? "is for " :
	    "has no names", names);
	for (size_t i = 0; (name = refs_name(policy, host, i)) != NULL; i++) {
		used = strlen(out);
		if (!seen(policy, host, i))
			text_format(out + used, CERT_WHY - used, "%s%s", i == 0 ? ", not for " :
			    " or ", name);
	}
}
