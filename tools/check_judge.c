/* SPDX-License-Identifier: BSD-2-Clause */
/* What a server showed, to the verdict: all of it by the library that a sender uses. */
#include <string.h>

#include "tools/check.h"

/* There was no certificate. Is that the server's word on TLS, and which? */
static bool no_tls(const struct probe *probe, enum danests_no_tls *why)
{
	if (probe->plain_tls && probe->stage == PROBE_TLS)
		*why = DANESTS_HANDSHAKE;
	else if (probe->stage < PROBE_STARTTLS)
		return false; /* it never came so far as to offer it */
	else if (!probe->starttls)
		*why = DANESTS_NOT_OFFERED;
	else
		*why = probe->stage == PROBE_STARTTLS ? DANESTS_REFUSED : DANESTS_HANDSHAKE;
	return true;
}

/* The library says itself that it was not offered: only what there is beyond. */
static const char *said(const struct probe *probe, enum danests_no_tls why)
{
	static const char known[] = "STARTTLS is not offered";
	const char *text = probe->said;

	if (why == DANESTS_NOT_OFFERED && strncmp(text, known, sizeof(known) - 1) == 0) {
		text += sizeof(known) - 1;
		text += strncmp(text, ": ", 2) == 0 ? 2 : 0;
	}
	return text;
}

/* By the records it fails, and the sender is told not to look at them. */
static void waive(const struct check_domain *domain, const struct danests_host *host,
    size_t index, struct danests_verdict *verdict)
{
	if (host->state == DANESTS_HOST_FAILED || verdict->by == check_need(domain, index))
		return;
	verdict->by = check_need(domain, index);
	verdict->deliver = true;
}

static int judge_host(struct check_domain *domain, size_t index, struct check_address *address,
    const danests_trust *trust)
{
	const struct danests_host *host = danests_policy_host(domain->policy, index);
	const struct probe *probe = &address->probe;
	enum danests_no_tls why;
	int r = DANESTS_OK;

	if (probe->end == PROBE_LOCAL)
		return DANESTS_OK;
	if (probe->stage == PROBE_DONE && probe->got_raw_key)
		r = danests_verify_key(domain->policy, host->name, &probe->chain[0],
		    &address->verdict);
	else if (probe->stage == PROBE_DONE)
		r = danests_verify(domain->policy, trust, host->name, probe->chain, probe->count,
		    domain->now, &address->verdict);
	else if (no_tls(probe, &why))
		r = danests_verify_no_tls(domain->policy, host->name, why, said(probe, why),
		    &address->verdict);
	else
		return DANESTS_OK;
	address->judged = r == DANESTS_OK;
	waive(domain, host, index, &address->verdict);
	if (r == DANESTS_OK && probe->stage == PROBE_DONE && !probe->got_raw_key)
		r = danests_verify_web(trust, host->name, probe->chain, probe->count, domain->now,
		    &address->web);
	return r;
}

static int judge_web(struct check_domain *domain, struct check_address *address,
    const danests_trust *trust)
{
	int r;

	if (address->probe.stage != PROBE_DONE || address->probe.got_raw_key)
		return DANESTS_OK;
	r = danests_verify_web(trust, domain->web_name, address->probe.chain, address->probe.count,
	    domain->now, &domain->web_verdict);
	address->judged = r == DANESTS_OK;
	return r;
}

int check_judge(struct check_domain *domain, const struct check_host *host,
    struct check_address *address, const danests_trust *trust)
{
	int r;

	if (host == NULL)
		r = judge_web(domain, address, trust);
	else
		r = judge_host(domain, host->index, address, trust);
	return r == DANESTS_ENOMEM ? r : DANESTS_OK;
}
