/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/host.h"

#include "parse/tlsa.h"

/* What a host's four questions look like to the table. */
enum sight {
	ANY = 0,
	OPEN,
	FAILED,
	ABSENT,         /* TLSA: no secure records (RFC 7672 2.2: insecure is absent) */
	SECURE,
	SECURE_ALIAS,
	INSECURE,
	INSECURE_ALIAS,
	USABLE,         /* TLSA: secure, at least one can be used */
	UNUSABLE,       /* TLSA: secure, none can */
};

/*
 * The first row that fits. ADDR comes before any TLSA (L8); a failure on the
 * way is the host's failure (N8), never "none"; the end of the chain before the
 * name itself, intermediate names never (L11).
 */
static const struct row {
	unsigned char addr, cname, target, own, step;
} ladder[] = {
	/* address         CNAME     at target  at name                         */
	{ OPEN,            ANY,      ANY,       ANY,       HOST_ASK_ADDR   }, /* 7672 2.2.2, L8 */
	{ FAILED,          ANY,      ANY,       ANY,       HOST_FAILED     }, /* 7672 2.1.2, N8 */
	{ ABSENT,          ANY,      ANY,       ANY,       HOST_GONE       }, /* 5321 5.1 */
	{ INSECURE,        ANY,      ANY,       ANY,       HOST_NONE       }, /* 7672 2.2.2, L9 */
	{ INSECURE_ALIAS,  OPEN,     ANY,       ANY,       HOST_ASK_CNAME  }, /* 7672 2.1.3, N12 */
	{ INSECURE_ALIAS,  FAILED,   ANY,       ANY,       HOST_FAILED     }, /* 7672 2.2.2, N8 */
	{ INSECURE_ALIAS,  INSECURE, ANY,       ANY,       HOST_NONE       }, /* 7672 2.2.2, L12 */
	/* A signed zone says that the alias is not there, yet it was followed. */
	{ INSECURE_ALIAS,  ABSENT,   ANY,       ANY,       HOST_FAILED     }, /* 7672 2.1.3, N3 */
	{ SECURE_ALIAS,    ANY,      OPEN,      ANY,       HOST_ASK_TARGET }, /* 7672 2.2.3, L11 */
	{ SECURE_ALIAS,    ANY,      FAILED,    ANY,       HOST_FAILED     }, /* 7672 2.2.2, N8 */
	{ SECURE_ALIAS,    ANY,      USABLE,    ANY,       HOST_USABLE     }, /* 7672 2.2.3, L17 */
	{ SECURE_ALIAS,    ANY,      UNUSABLE,  ANY,       HOST_UNUSABLE   }, /* 7672 2.2.3, L18 */
	/* Not an alias (L10), nothing at its end (L11), or only itself secure (L12). */
	{ ANY,             ANY,      ANY,       OPEN,      HOST_ASK_OWN    }, /* 7672 2.2.3, L14 */
	{ ANY,             ANY,      ANY,       FAILED,    HOST_FAILED     }, /* 7672 2.1.1, N3 */
	{ ANY,             ANY,      ANY,       USABLE,    HOST_USABLE     }, /* 7672 2.2, L17 */
	{ ANY,             ANY,      ANY,       UNUSABLE,  HOST_UNUSABLE   }, /* 7672 2.2, L18 */
	{ ANY,             ANY,      ANY,       ABSENT,    HOST_NONE       }, /* 7672 2.2, L19 */
};

static enum sight addr_sight(const struct answer *a)
{
	if (a == NULL)
		return OPEN;
	switch (a->state) {
	case ANSWER_SECURE:
		return a->alias != NULL ? SECURE_ALIAS : SECURE;
	case ANSWER_INSECURE:
		return a->alias != NULL ? INSECURE_ALIAS : INSECURE;
	case ANSWER_ABSENT_SECURE:
	case ANSWER_ABSENT_INSECURE:
		return ABSENT;
	case ANSWER_FAILED:
		break;
	}
	return FAILED;
}

static enum sight cname_sight(const struct answer *a)
{
	if (a == NULL)
		return OPEN;
	switch (a->state) {
	case ANSWER_SECURE:
		return SECURE;
	case ANSWER_INSECURE:
	case ANSWER_ABSENT_INSECURE: /* N4: an unsigned zone, whatever it says */
		return INSECURE;
	case ANSWER_ABSENT_SECURE:
		return ABSENT;
	case ANSWER_FAILED:
		break;
	}
	return FAILED;
}

static enum sight tlsa_sight(const struct answer *a)
{
	if (a == NULL)
		return OPEN;
	if (a->state == ANSWER_FAILED)
		return FAILED;
	if (a->state != ANSWER_SECURE || a->count == 0)
		return ABSENT;
	for (size_t i = 0; i < a->count; i++) {
		if (tlsa_unusable(&a->tlsa[i]) == NULL)
			return USABLE;
	}
	return UNUSABLE;
}

static enum sight tlsa_at(const struct facts *facts, facts_id id)
{
	return id == FACTS_NEVER ? ABSENT : tlsa_sight(facts_answer(facts, id));
}

static bool fits(unsigned char column, enum sight sight)
{
	return column == ANY || column == sight;
}

enum host_step host_step(const struct facts *facts, const struct facts_host *host)
{
	const struct row *row = ladder;
	enum sight addr, cname, target, own;

	if (host->beyond)
		return HOST_FAILED;
	if (host->name == NULL)
		return HOST_NONE; /* L20: DANE does not apply */
	addr = addr_sight(facts_answer(facts, host->addr));
	cname = cname_sight(facts_answer(facts, host->cname));
	target = tlsa_at(facts, host->target);
	own = tlsa_at(facts, host->own);
	while (!fits(row->addr, addr) || !fits(row->cname, cname) ||
	    !fits(row->target, target) || !fits(row->own, own))
		row++; /* the last five rows hold every sight of own */
	return (enum host_step)row->step;
}

const struct facts_slot *host_failure(const struct facts *facts,
    const struct facts_host *host)
{
	const facts_id ids[] = { host->addr, host->cname, host->target, host->own };
	const struct facts_slot *last = NULL;

	/* The last one asked stopped the walk: failed, still open, or in the case
	 * of a CNAME gone in between. */
	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		const struct facts_slot *slot = facts_slot(facts, ids[i]);

		if (slot != NULL)
			last = slot;
	}
	return last;
}

const struct answer *host_tlsa(const struct facts *facts, const struct facts_host *host,
    bool *at_target)
{
	enum host_step step = host_step(facts, host);

	*at_target = false;
	if (step != HOST_USABLE && step != HOST_UNUSABLE)
		return NULL;
	/* The own name is asked only when the target has none. */
	*at_target = host->own == FACTS_UNASKED;
	return facts_answer(facts, *at_target ? host->target : host->own);
}
