/* SPDX-License-Identifier: BSD-2-Clause */
/* Would a server get mail, and would any? From the verdicts of the library. */
#include <string.h>

#include "base/text.h"
#include "tools/check.h"

/* The first of its name is for who has no DNSSEC, the second for who has no usable records. */
static const struct danests_fault *dane_required(bool usable)
{
	const struct danests_fault *first = danests_fault("dane-required"), *fault;
	bool passed = false;

	for (size_t i = 0; usable && (fault = danests_fault_at(i)) != NULL; i++) {
		if (passed && strcmp(fault->token, first->token) == 0)
			return fault;
		passed |= fault == first;
	}
	return first;
}

const struct danests_fault *check_dane_required(const struct check_domain *domain,
    const struct danests_host *host)
{
	if (strcmp(danests_postfix_level(domain->policy, &domain->postfix), "dane-only") != 0)
		return NULL;
	if (host->state == DANESTS_HOST_UNUSABLE)
		return dane_required(true);
	if (host->state == DANESTS_HOST_NONE)
		return dane_required(host->address_secure);
	return NULL;
}

bool check_is_waived(const struct check_domain *domain)
{
	const char *level = danests_postfix_level(domain->policy, &domain->postfix);

	return danests_policy_dane(domain->policy) == DANESTS_DANE_HALF &&
	    (strcmp(level, "NOTFOUND") == 0 || strcmp(level, "may") == 0);
}

enum danests_need check_need(const struct check_domain *domain, size_t host)
{
	enum danests_need need = danests_policy_need(domain->policy, host);

	if ((need == DANESTS_NEED_DANE || need == DANESTS_NEED_TLS) && check_is_waived(domain))
		return DANESTS_NEED_NOTHING;
	return need;
}

enum check_fate check_address_fate(const struct check_address *address)
{
	const struct probe *probe = &address->probe;

	if (!address->tried)
		return CHECK_OUT;
	if (probe->end == PROBE_LOCAL)
		return CHECK_UNTOLD;
	if (address->judged && !address->verdict.deliver)
		return CHECK_REFUSED;
	if (address->judged)
		return CHECK_GETS;
	/* What is no SMTP gets no mail from anybody. All else may be meant for us alone. */
	return probe->end == PROBE_GARBAGE ? CHECK_REFUSED : CHECK_UNTOLD;
}

/* Of a host that was tried: one address is enough; what was seen counts more than what
 * was not. */
static enum check_fate tried_fate(const struct check_host *host)
{
	enum check_fate fate = CHECK_UNTOLD;

	for (size_t i = 0; i < host->count; i++) {
		switch (check_address_fate(&host->addresses[i])) {
		case CHECK_GETS:
			return CHECK_GETS;
		case CHECK_REFUSED:
			fate = CHECK_REFUSED;
			break;
		default:
			break;
		}
	}
	return fate;
}

enum check_fate check_host_fate(const struct check_domain *domain, const struct check_host *host)
{
	const struct danests_host *of = danests_policy_host(domain->policy, host->index);
	const struct danests_sts *sts = danests_policy_sts(domain->policy);
	enum danests_need need = check_need(domain, host->index);

	if (of->state == DANESTS_HOST_GONE || of->name[0] == '\0')
		return CHECK_OUT;
	if (need == DANESTS_NEED_WAIT || check_dane_required(domain, of) != NULL)
		return CHECK_REFUSED;
	if (need == DANESTS_NEED_STS && sts != NULL && sts->mx_count <= CHECK_MAX_PATTERNS &&
	    host->pattern < 0)
		return CHECK_REFUSED;
	return domain->smtp ? tried_fate(host) : CHECK_GETS;
}

/* Has any server of this domain talked to us at all? */
static bool is_connected(const struct check_domain *domain)
{
	for (size_t i = 0; i < domain->host_count; i++)
		for (size_t k = 0; k < domain->hosts[i].count; k++) {
			const struct check_address *a = &domain->hosts[i].addresses[k];

			if (a->tried && a->probe.stage > PROBE_CONNECT)
				return true;
		}
	return false;
}

enum check_fate check_domain_fate(const struct check_domain *domain)
{
	size_t refused = 0, untold = 0;

	if (danests_policy_no_mail(domain->policy))
		return CHECK_OUT;
	if (strcmp(danests_postfix_level(domain->policy, &domain->postfix), "TEMP") == 0)
		return CHECK_REFUSED;
	for (size_t i = 0; i < domain->host_count; i++) {
		enum check_fate fate = check_host_fate(domain, &domain->hosts[i]);

		if (fate == CHECK_GETS)
			return CHECK_GETS;
		refused += fate == CHECK_REFUSED;
		untold += fate == CHECK_UNTOLD;
	}
	/* Of so many addresses a sender may yet find one. */
	if (domain->left_out > 0)
		return CHECK_UNTOLD;
	/* One that cannot be reached gets no mail either, unless it is us who reach nobody. */
	if (untold > 0 && (refused == 0 || !is_connected(domain)))
		return CHECK_UNTOLD;
	return CHECK_REFUSED;
}
