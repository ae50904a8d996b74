/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The second table of the two: host states to a destination's policy (spec.md
 * section 4). The first, a host's way to its state, is in plan/host.c.
 */
#include "plan/decide.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "parse/tlsa.h"
#include "plan/evidence.h"
#include "plan/host.h"
#include "plan/mx.h"
#include "plan/policy.h"
#include "plan/sts.h"

/* Sets of host states. G hosts are in no set: they are ignored. */
enum { N = 1 << DANESTS_HOST_NONE, U = 1 << DANESTS_HOST_USABLE,
       X = 1 << DANESTS_HOST_UNUSABLE, F = 1 << DANESTS_HOST_FAILED,
       G = 1 << DANESTS_HOST_GONE };

enum {
	NONE = DANESTS_LEVEL_NONE, ENCRYPT = DANESTS_LEVEL_ENCRYPT, STS = DANESTS_LEVEL_STS,
	DANE = DANESTS_LEVEL_DANE, DEFER = DANESTS_LEVEL_DEFER,
};

/*
 * The first row whose needed states are all there and that allows every state
 * that is there. ERROR turns into BOGUS when a failure that mattered was bogus.
 */
static const struct row {
	unsigned char mx, need, allow, dane, level, level_enforce;
} table[] = {
	/* MX          there at most   DANE                   without, with STS enforce */
	{ MX_FAILED,   0,   U|X|N|F,  DANESTS_DANE_ERROR,    DEFER,   DEFER  }, /* 7672 2.1.2, N6 */
	{ MX_NO_MAIL,  0,   U|X|N|F,  DANESTS_DANE_NONE,     NONE,    NONE   }, /* 7505 3, L3, L4 */
	{ MX_SECURE,   F,   F,        DANESTS_DANE_ERROR,    DEFER,   DEFER  }, /* 7672 2.1.2, N8 */
	{ MX_SECURE,   U,   U|F,      DANESTS_DANE_FULL,     DANE,    DANE   }, /* 7672 2.2, L17 */
	{ MX_SECURE,   U,   U|X|N|F,  DANESTS_DANE_PARTIAL,  DANE,    DANE   }, /* 8461 2, S1 */
	{ MX_SECURE,   X,   X|N|F,    DANESTS_DANE_UNUSABLE, ENCRYPT, STS    }, /* 7672 2.2, L18 */
	{ MX_SECURE,   N|F, N|F,      DANESTS_DANE_UNKNOWN,  DANE,    DEFER  }, /* 7672 2.1.2, N7 */
	{ MX_SECURE,   0,   N,        DANESTS_DANE_NONE,     NONE,    STS    }, /* 7672 2.2, L19 */
	{ MX_INSECURE, F,   F,        DANESTS_DANE_ERROR,    DEFER,   DEFER  }, /* 7672 2.1.2, N8 */
	{ MX_INSECURE, U,   U|X|N|F,  DANESTS_DANE_HALF,     DANE,    STS    }, /* 7672 2.2.1, L6 */
	{ MX_INSECURE, 0,   X|N|F,    DANESTS_DANE_NONE,     NONE,    STS    }, /* 7672 2.2.1, L6 */
};

struct decision_facts {
	const struct facts *facts;
	danests_policy *policy;
	struct sts_view sts;
	enum mx_class mx;
	unsigned states;                 /* set of host states */
	const struct facts_slot *failed; /* the first failure, bogus before others */
	const char *words;               /* why, when no lookup says it */
	bool bogus;
};

static bool is_bogus(const struct facts_slot *slot)
{
	return slot != NULL && slot->answer != NULL && slot->answer->failure == FAILURE_BOGUS;
}

static const char *slot_words(const struct facts_slot *slot)
{
	const struct answer *a = slot->answer;

	if (a == NULL)
		return "no answer";
	if (a->state != ANSWER_FAILED)
		return "changed while we looked";
	return a->reason != NULL ? a->reason : answer_failure_text(a->failure);
}

/* "TLSA _25._tcp.mx1.example.com: SERVFAIL", owned by the caller; NULL without memory.
 * No question: the words alone. */
static char *explain(const struct question *q, const char *words)
{
	char text[QUESTION_TEXT_MAX + 1];
	struct buf out = {0};

	if (q != NULL) {
		question_text(q, text);
		buf_printf(&out, "%s: ", text);
	}
	buf_str(&out, words);
	return buf_steal(&out);
}

static void note_failure(struct decision_facts *d, const struct facts_slot *slot,
    const char *words)
{
	bool bogus = is_bogus(slot);

	if (d->words == NULL || (bogus && !d->bogus)) {
		d->failed = slot;
		d->words = words;
	}
	d->bogus = d->bogus || bogus;
}

/* A question still open counts as failed. */
static enum danests_host_state host_state(const struct facts *facts,
    const struct facts_host *host)
{
	enum host_step step = host_step(facts, host);

	return step > HOST_GONE ? DANESTS_HOST_FAILED : (enum danests_host_state)step;
}

static int fail_host(struct decision_facts *d, const struct facts_host *from,
    struct danests_host *to)
{
	const struct facts_slot *slot = host_failure(d->facts, from);
	const char *words = slot != NULL ? slot_words(slot) : "no answer";
	struct question mx = { .kind = QUESTION_MX, .name = d->facts->nexthop.domain };

	if (from->beyond)
		words = "too many MX hosts";
	note_failure(d, slot, words);
	to->token = is_bogus(slot) ? "dnssec-invalid" : "dns-query-failed";
	to->reason = explain(slot != NULL ? &slot->q : &mx, words);
	if (to->reason != NULL)
		return DANESTS_OK;
	to->reason = "";
	to->token = "";
	to->state = DANESTS_HOST_NONE; /* owns no reason; the policy is thrown away */
	return DANESTS_ENOMEM;
}

static int fill_host(struct decision_facts *d, const struct facts_host *from,
    struct danests_host *to)
{
	const struct answer *addr = facts_answer(d->facts, from->addr), *tlsa;
	bool at_target;

	tlsa = host_tlsa(d->facts, from, &at_target);
	*to = (struct danests_host){
		.name = from->name != NULL ? from->name : "",
		.preference = from->preference,
		.state = host_state(d->facts, from),
		.address_secure = addr != NULL && addr->state == ANSWER_SECURE,
		.reason = "",
		.token = "",
	};
	/* Borrow from what the policy holds, not from the caller's nexthop. */
	if (from->name == d->facts->nexthop.domain.name)
		to->name = d->policy->domain;
	to->base = at_target ? addr->alias : to->name;
	if (tlsa != NULL) {
		to->tlsa_count = tlsa->count;
		to->tlsa = tlsa->tlsa;
	}
	if (to->state == DANESTS_HOST_FAILED)
		return fail_host(d, from, to);
	if (to->state == DANESTS_HOST_UNUSABLE)
		to->reason = tlsa_unusable(&tlsa->tlsa[0]);
	else if (to->state == DANESTS_HOST_GONE)
		to->reason = "no address";
	else if (from->name == NULL)
		to->reason = "not a host name";
	return DANESTS_OK;
}

static int fill_hosts(struct decision_facts *d)
{
	const struct facts *facts = d->facts;
	danests_policy *policy = d->policy;

	for (size_t i = 0; i < facts->host_count; i++) {
		if (fill_host(d, &facts->hosts[i], &policy->hosts[policy->host_count++]) !=
		    DANESTS_OK)
			return DANESTS_ENOMEM;
		d->states |= 1u << policy->hosts[i].state;
	}
	/* Gone ones are ignored, unless nothing else is left. */
	d->states &= ~(unsigned)G;
	if (d->states == 0)
		d->states = N;
	return DANESTS_OK;
}

static const struct row *find_row(enum mx_class mx, unsigned states)
{
	const struct row *row = table;

	while (row->mx != mx || (row->need & ~states) != 0 || (states & ~row->allow) != 0)
		row++; /* the last row of each class fits whatever is left */
	return row;
}

static void fill_sts(danests_policy *policy, const struct sts_view *view)
{
	const struct answer *a = view->policy;

	policy->sts_state = view->state;
	if (a == NULL)
		return;
	policy->sts_view = (struct danests_sts){
		.id = a->id, .max_age = a->body.max_age,
		.mx_count = a->body.mx_count, .mx = (const char *const *)a->body.mx,
		.text = a->text, .text_len = a->text_len, .expires = a->expires,
	};
	policy->sts = &policy->sts_view;
}

static void fill_level(struct decision_facts *d)
{
	danests_policy *policy = d->policy;
	const struct row *row = find_row(d->mx, d->states);
	bool enforce = policy->sts_state == DANESTS_STS_ENFORCE;

	policy->dane = (enum danests_dane)row->dane;
	if (policy->dane == DANESTS_DANE_ERROR && d->bogus)
		policy->dane = DANESTS_DANE_BOGUS;
	policy->level = (enum danests_level)(enforce ? row->level_enforce : row->level);
	policy->no_mail = d->mx == MX_NO_MAIL;
	policy->mx_secure = mx_is_secure(d->facts);
	if (policy->level == DANESTS_LEVEL_NONE && !policy->no_mail &&
	    policy->sts_state == DANESTS_STS_TESTING) /* S20 */
		policy->level = DANESTS_LEVEL_TESTING;
}

static bool dane_failed(enum danests_dane dane)
{
	return dane == DANESTS_DANE_ERROR || dane == DANESTS_DANE_BOGUS ||
	    dane == DANESTS_DANE_UNKNOWN;
}

/* Token, result and words: of DANE first, since MTA-STS never overrides it (S1). */
static int fill_trouble(struct decision_facts *d)
{
	danests_policy *policy = d->policy;
	const struct question mx = { .kind = QUESTION_MX, .name = d->facts->nexthop.domain };
	const struct question *q = &mx;
	const char *words = NULL;

	if (dane_failed(policy->dane)) {
		policy->token = d->bogus ? "dnssec-invalid" : "dns-query-failed";
		/* RFC 8460 4.3.4: that DNS does not answer is no result to report. */
		policy->result = d->bogus ? DANESTS_DNSSEC_INVALID : DANESTS_SUCCESS;
		words = d->words;
		q = d->failed != NULL ? &d->failed->q : &mx;
	} else if (policy->level == DANESTS_LEVEL_STS && !sts_has_pattern(policy->sts)) {
		policy->token = "sts-mx-not-in-policy";
		policy->result = DANESTS_VALIDATION_FAILURE;
		words = STS_NO_HOST;
		q = NULL;
	} else if (policy->dane == DANESTS_DANE_UNUSABLE) {
		/* RFC 8460 4.3.2.1: none of the records is valid. */
		policy->token = "tlsa-invalid";
		policy->result = DANESTS_TLSA_INVALID;
		words = "all TLSA records are unusable";
	} else if (policy->no_mail) {
		words = facts_answer(d->facts, d->facts->mx)->null_mx ?
		    "null MX, the domain takes no mail" : "no such domain";
	} else if (d->sts.failed != NULL) {
		policy->token = d->sts.token;
		policy->result = d->sts.result;
		words = d->sts.words;
		q = &d->sts.failed->q;
	}
	if (words != NULL)
		policy->reason = explain(q, words);
	return words != NULL && policy->reason == NULL ? DANESTS_ENOMEM : DANESTS_OK;
}

/*
 * No later than anything used, be it that something failed: a new TXT id must
 * be noticed, too. What we hold, and that we hold nothing, counts only when it
 * decides: nothing but a fetch changes it. What is only asked for people, never.
 */
static void fill_expiry(struct decision_facts *d, time_t now)
{
	const struct facts *facts = d->facts;
	time_t least = d->sts.policy != NULL ? d->sts.policy->expires : (time_t)-1;
	bool some = d->sts.policy != NULL;

	for (size_t i = 0; i < facts->slot_count; i++) {
		const struct answer *a = facts->slots[i].answer;
		time_t expires = a != NULL ? a->expires : now;

		if ((a != NULL && a->kind == QUESTION_STSHELD) ||
		    question_is_extra(facts->slots[i].q.kind))
			continue;
		if (!some || expires < least)
			least = expires;
		some = true;
	}
	d->policy->expires = some && least > now ? least : now;
}

/* RFC 7672 3.2.2: it names a server only where DNSSEC vouches for the alias. */
static const char *expanded(const struct facts *facts)
{
	const struct answer *mx = facts_answer(facts, facts->mx);

	return mx != NULL && mx->state == ANSWER_SECURE ? mx->alias : NULL;
}

static int fill(struct decision_facts *d, time_t now)
{
	const struct facts *facts = d->facts;

	evidence_hold(d->policy, facts);
	d->policy->expanded = expanded(facts);
	sts_view(&d->sts, facts);
	d->mx = mx_class(facts, &d->sts);
	if (d->mx == MX_FAILED) {
		const struct facts_slot *mx = facts_slot(facts, facts->mx);

		note_failure(d, mx, mx != NULL ? slot_words(mx) : "no answer");
	}
	fill_sts(d->policy, &d->sts);
	if (fill_hosts(d) != DANESTS_OK)
		return DANESTS_ENOMEM;
	fill_level(d);
	fill_expiry(d, now);
	return fill_trouble(d);
}

int decide(danests_policy **out, const struct facts *facts, time_t now)
{
	struct decision_facts d = { .facts = facts };

	if (facts->bad)
		return DANESTS_ENOMEM;
	d.policy = policy_new(&facts->nexthop, facts->host_count, facts->slot_count,
	    facts->name_bytes);
	if (d.policy == NULL)
		return DANESTS_ENOMEM;
	if (fill(&d, now) != DANESTS_OK) {
		danests_policy_unref(d.policy);
		return DANESTS_ENOMEM;
	}
	*out = d.policy;
	return DANESTS_OK;
}
