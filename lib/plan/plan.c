/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "parse/owner.h"
#include "plan/extra.h"
#include "plan/host.h"

static facts_id ask(struct facts *facts, enum question_kind kind, const char *name)
{
	struct question q = { .kind = kind };

	return domain_copy(&q.name, name) ? facts_ask(facts, &q) : FACTS_NEVER;
}

/* L14: at the port that mail will really use. */
static facts_id ask_tlsa(struct facts *facts, const char *base)
{
	struct question q = { .kind = QUESTION_TLSA };
	struct domain domain = {{0}};

	if (!domain_copy(&domain, base) ||
	    owner_tlsa(&q.name, &domain, facts->nexthop.port) != DANESTS_OK)
		return FACTS_NEVER;
	return facts_ask(facts, &q);
}

static void start(struct facts *facts)
{
	const char *domain = facts->nexthop.domain.name;

	if (!facts->nexthop.bracketed && !facts->only_sts)
		facts->mx = ask(facts, QUESTION_MX, domain);
	facts->ststxt = ask(facts, QUESTION_STSTXT, domain);
	if (facts->only_sts)
		return;
	facts->stsheld = ask(facts, QUESTION_STSHELD, domain);
}

static uint32_t sum_of(const char *name)
{
	uint32_t sum = 0;

	for (; *name != '\0'; name++)
		sum = sum * 31 + (uint8_t)*name;
	return sum;
}

/* The second record of the same host changes nothing. */
static bool is_known(const struct facts *facts, const char *name, uint32_t sum)
{
	for (size_t i = 0; i < facts->host_count; i++) {
		const struct facts_host *host = &facts->hosts[i];

		if (host->sum == sum && host->name != NULL && strcmp(host->name, name) == 0)
			return true;
	}
	return false;
}

static void add_host(struct facts *facts, const char *name, uint16_t preference)
{
	uint32_t sum;

	if (name != NULL && strlen(name) > DOMAIN_MAX)
		name = NULL;
	sum = name != NULL ? sum_of(name) : 0;
	if (name != NULL && is_known(facts, name, sum))
		return;
	facts->hosts[facts->host_count] = (struct facts_host){
		.name = name, .sum = sum, .preference = preference,
		.beyond = facts->host_count == FACTS_MAX_HOSTS,
	};
	facts->host_count++;
}

/* MX hosts; the domain itself when it has no MX records (L3) or is a [host]. */
static void find_hosts(struct facts *facts)
{
	const struct answer *mx = facts_answer(facts, facts->mx);
	size_t count = mx != NULL && mx->count > 0 ? mx->count : 1;

	if (facts->hosts_known || (mx == NULL && !facts->nexthop.bracketed))
		return;
	facts->hosts_known = true;
	if (mx != NULL && (mx->state == ANSWER_FAILED || mx->nxdomain || mx->null_mx))
		return;
	if (count > FACTS_MAX_HOSTS + 1)
		count = FACTS_MAX_HOSTS + 1;
	facts->hosts = calloc(count, sizeof(*facts->hosts));
	if (facts->hosts == NULL) {
		facts->bad = true;
		return;
	}
	if (mx == NULL || mx->state == ANSWER_ABSENT_SECURE ||
	    mx->state == ANSWER_ABSENT_INSECURE) {
		add_host(facts, facts->nexthop.domain.name, 0);
		return;
	}
	for (size_t i = 0; i < mx->count && facts->host_count < count; i++)
		add_host(facts, mx->mx[i].host, mx->mx[i].preference);
}

/* A question without a record to find is answered on the spot, and may raise
 * the next one: hence the loop, at most four turns. */
static void step_host(struct facts *facts, struct facts_host *host)
{
	facts_id *id;

	do {
		const struct answer *addr = facts_answer(facts, host->addr);

		switch (host_step(facts, host)) {
		case HOST_ASK_ADDR:
			id = &host->addr;
			if (*id == FACTS_UNASKED)
				*id = ask(facts, QUESTION_ADDR, host->name);
			break;
		case HOST_ASK_CNAME:
			id = &host->cname;
			if (*id == FACTS_UNASKED)
				*id = ask(facts, QUESTION_CNAME, host->name);
			break;
		case HOST_ASK_TARGET:
			id = &host->target;
			if (*id == FACTS_UNASKED)
				*id = ask_tlsa(facts, addr->alias);
			break;
		case HOST_ASK_OWN:
			id = &host->own;
			if (*id == FACTS_UNASKED)
				*id = ask_tlsa(facts, host->name);
			break;
		default:
			host->settled = true;
			return;
		}
	} while (*id == FACTS_NEVER || facts_answer(facts, *id) != NULL);
	host->waits = *id;
}

/* Answers come one by one, hosts are many: look only at those that can go on. */
static void step_hosts(struct facts *facts)
{
	for (size_t i = 0; i < facts->host_count; i++) {
		struct facts_host *host = &facts->hosts[i];

		if (!host->settled && (host->waits == FACTS_UNASKED ||
		    facts_answer(facts, host->waits) != NULL))
			step_host(facts, host);
	}
}

/* Is there a policy behind the TXT record's id that we do not hold? (S13, S26) */
static bool wants_policy(const struct facts *facts, const struct answer *txt)
{
	const struct answer *held = facts_answer(facts, facts->stsheld);

	if (txt == NULL || txt->id == NULL ||
	    (txt->state != ANSWER_SECURE && txt->state != ANSWER_INSECURE))
		return false;
	if (held == NULL)
		return facts->only_sts;
	return held->id == NULL || strcmp(held->id, txt->id) != 0;
}

static void ask_policy_host(struct facts *facts)
{
	struct question q = { .kind = QUESTION_ADDR };

	facts->stsaddr = owner_stshost(&q.name, &facts->nexthop.domain) == DANESTS_OK ?
	    facts_ask(facts, &q) : FACTS_NEVER;
}

static void step_sts(struct facts *facts)
{
	const struct answer *txt = facts_answer(facts, facts->ststxt), *addr;
	struct question q = { .kind = QUESTION_STS, .name = facts->nexthop.domain };

	if (!wants_policy(facts, txt))
		return;
	if (facts->stsaddr == FACTS_UNASKED)
		ask_policy_host(facts);
	addr = facts_answer(facts, facts->stsaddr);
	if (addr == NULL || addr->count == 0 || facts->sts != FACTS_UNASKED ||
	    (addr->state != ANSWER_SECURE && addr->state != ANSWER_INSECURE))
		return;
	if (strlen(txt->id) > STSTXT_ID_MAX)
		return;
	memcpy(q.id, txt->id, strlen(txt->id) + 1);
	q.addr = addr;
	facts->sts = facts_ask(facts, &q);
}

size_t plan_next(struct facts *facts, struct question *out, size_t max)
{
	size_t n = 0;

	if (facts->news) {
		facts->news = false;
		if (facts->slot_count == 0)
			start(facts);
		find_hosts(facts);
		step_hosts(facts);
		step_sts(facts);
		extra_step(facts);
	}
	if (facts->bad)
		return 0;
	while (n < max && facts->given < facts->slot_count)
		out[n++] = facts->slots[facts->given++].q;
	return n;
}
