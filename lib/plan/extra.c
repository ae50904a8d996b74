/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/extra.h"

#include <string.h>

#include "parse/owner.h"

static void ask_text(struct facts *facts,
    int (*owner)(struct domain *out, const struct domain *domain))
{
	struct question q = { .kind = QUESTION_TXT };

	if (owner(&q.name, &facts->nexthop.domain) == DANESTS_OK)
		(void)facts_ask(facts, &q);
}

/* The name and those above it, the shortest last; of a longer one its last labels. */
static void ask_chain(struct facts *facts, const char *name)
{
	struct question q = { .kind = QUESTION_DS };
	size_t labels = 1;

	for (const char *p = name; *p != '\0'; p++)
		labels += *p == '.';
	for (; name != NULL; labels--) {
		const char *dot = strchr(name, '.');

		if (labels <= EXTRA_LABELS && domain_copy(&q.name, name))
			(void)facts_ask(facts, &q);
		name = dot != NULL ? dot + 1 : NULL;
	}
}

/* A name, of which this answer says whether it is an alias. */
static void ask_chains(struct facts *facts, const char *name, const struct answer *a)
{
	const char *above;

	if (a->alias == NULL) {
		ask_chain(facts, name);
		return;
	}
	above = strchr(name, '.');
	if (above != NULL)
		ask_chain(facts, above + 1);
	ask_chain(facts, a->alias);
}

static void step_domain(struct facts *facts)
{
	const struct answer *mx = facts_answer(facts, facts->mx);

	if (facts->chained || mx == NULL) /* a relay is its own host */
		return;
	facts->chained = true;
	ask_chains(facts, facts->nexthop.domain.name, mx);
}

static void step_host(struct facts *facts, struct facts_host *host)
{
	const struct answer *addr = facts_answer(facts, host->addr);

	if (host->chained || addr == NULL)
		return;
	host->chained = true;
	ask_chains(facts, host->name, addr);
}

void extra_step(struct facts *facts)
{
	if ((facts->extra & DANESTS_EXTRA_TEXTS) != 0) {
		facts->extra &= ~(unsigned)DANESTS_EXTRA_TEXTS;
		ask_text(facts, owner_ststxt);
		ask_text(facts, owner_tlsrpt);
	}
	if ((facts->extra & DANESTS_EXTRA_CHAIN) == 0)
		return;
	step_domain(facts);
	for (size_t i = 0; i < facts->host_count && i < EXTRA_HOSTS; i++)
		step_host(facts, &facts->hosts[i]);
}
