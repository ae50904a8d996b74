/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/owner.h"

#include <stdio.h>

#include "danests.h"

static int join(struct domain *out, const char *prefix, const struct domain *base)
{
	struct domain d = {0};
	int n;

	n = snprintf(d.name, sizeof(d.name), "%s.%s", prefix, base->name);
	if (base->name[0] == '\0' || n < 0 || (size_t)n >= sizeof(d.name))
		return DANESTS_ENAME;
	*out = d;
	return DANESTS_OK;
}

int owner_tlsa(struct domain *out, const struct domain *base, uint16_t port)
{
	char prefix[sizeof("_65535._tcp")];

	(void)snprintf(prefix, sizeof(prefix), "_%u._tcp", (unsigned)port);
	return join(out, prefix, base);
}

int owner_ststxt(struct domain *out, const struct domain *domain)
{
	return join(out, "_mta-sts", domain);
}

int owner_tlsrpt(struct domain *out, const struct domain *domain)
{
	return join(out, "_smtp._tls", domain);
}

int owner_stshost(struct domain *out, const struct domain *domain)
{
	return join(out, "mta-sts", domain);
}
