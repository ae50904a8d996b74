/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole resolver without a socket: the input picks an answer for every
 * question. Laws: it ends within plan.h's bounds; nothing is asked twice; the
 * order of arrival does not matter; what is asked for people changes nothing; a
 * failure on the way never makes a secure destination unprotected; an MTA-STS policy
 * in force is never forgotten; what Postfix gets is well-formed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "plan/decide.h"
#include "plan/extra.h"
#include "plan/plan.h"
#include "plan_laws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW ((time_t)1000000)
#define MAX_ASKED 128
struct known {
	struct question q;
	struct answer *answer;
	unsigned sum; /* of the name: most comparisons end here */
	bool learnt;
};

struct world {
	const uint8_t *data;
	size_t size, at;
	struct known known[MAX_ASKED];
	size_t count;
};

static struct world world;

static unsigned pick(unsigned below)
{
	return world.at < world.size ? world.data[world.at++] % below : 0;
}

static const char *pick_name(void)
{
	static const char *const names[] = {
		"mx1.example.com", "mx2.example.com", "example.com", "host.example.net",
		"mta-sts.example.com",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
		NULL,
	};

	return names[pick(COUNT_OF(names))];
}

/* Few: what a long list does is in test_plan, and it would take all the time. */
static void fill_mx(struct answer *a)
{
	unsigned count = pick(8);

	a->null_mx = count == 7;
	for (unsigned i = 0; i < count && !a->null_mx; i++) {
		unsigned preference = pick(256);

		DEMAND(answer_add_mx(a, (uint16_t)preference, pick_name()) == DANESTS_OK);
	}
}

static void fill_addr(struct answer *a)
{
	uint8_t bytes[16] = { 192, 0, 2, 1 };

	DEMAND(answer_add_addr(a, pick(2) ? 6 : 4, bytes) == DANESTS_OK);
	DEMAND(answer_set_alias(a, pick_name()) == DANESTS_OK);
}

static void fill_tlsa(struct answer *a)
{
	static const uint8_t data[64];
	unsigned count = pick(4);

	for (unsigned i = 0; i < count; i++) {
		struct danests_tlsa rec = { .selector = 1, .mtype = 1, .data = data };

		rec.usage = (uint8_t)(2 + pick(3));
		rec.len = pick(2) ? 32 : 5;
		DEMAND(answer_add_tlsa(a, &rec) == DANESTS_OK);
	}
}

/* One of ours, or the rest of the input if it is a policy. */
static void fill_policy(struct answer *a)
{
	static const char *const texts[] = {
		"version: STSv1\nmode: enforce\nmx: mx1.example.com\nmx: *.example\nmax_age: 9\n",
		"version: STSv1\r\nmode: testing\r\nmx: *.example.com\r\nmax_age: 86400\r\n",
		"version: STSv1\nmode: none\nmax_age: 86400\n",
		"version: STSv1\nmode: enforce\nmx: 192.0.2.1\nmax_age: 0\n",
	};
	unsigned which = pick(5);
	const char *text = texts[which % 4];
	size_t len = strlen(text);
	struct stsbody body;
	char why[STSBODY_WHY];

	if (which == 4) {
		const char *rest = (const char *)world.data + world.at;

		if (stsbody_parse(&body, rest, world.size - world.at, why) == DANESTS_OK) {
			DEMAND(answer_set_policy(a, rest, world.size - world.at, &body) ==
			    DANESTS_OK);
			world.at = world.size;
			return;
		}
	}
	DEMAND(stsbody_parse(&body, text, len, why) == DANESTS_OK);
	DEMAND(answer_set_policy(a, text, len, &body) == DANESTS_OK);
}

static const char long_words[] = "x\n{}\xff and more words than anybody wants to read, "
    "again and again and again and again and again, until it is far too long";

static void fill_raw(struct answer *a)
{
	static const uint8_t data[] = { 0x4f, 0x66, 8, 2, 0xe0, '"', '\\', '\n' };
	unsigned count = pick(3);

	for (unsigned i = 0; i < count; i++)
		DEMAND(answer_add_raw(a, data, 4 + pick(5)) == DANESTS_OK);
}

static struct answer *make_answer(const struct question *q)
{
	enum answer_state state = (enum answer_state)pick(ANSWER_FAILED + 1);
	time_t expires = NOW + (time_t)pick(200);
	struct answer *a;

	if (state == ANSWER_FAILED) {
		enum answer_failure failure = (enum answer_failure)(1 + pick(8));

		return answer_failed(q->kind, failure, expires, "%.*s", (int)pick(200), long_words);
	}
	a = answer_new(q->kind, state, expires);
	DEMAND(a != NULL);
	if (state == ANSWER_ABSENT_SECURE || state == ANSWER_ABSENT_INSECURE) {
		a->nxdomain = pick(2);
		return a;
	}
	if (q->kind == QUESTION_MX)
		fill_mx(a);
	else if (q->kind == QUESTION_ADDR)
		fill_addr(a);
	else if (q->kind == QUESTION_TLSA)
		fill_tlsa(a);
	else if (question_is_extra(q->kind))
		fill_raw(a);
	else if (q->kind == QUESTION_CNAME)
		DEMAND(answer_set_alias(a, "host.example.net") == DANESTS_OK);
	else
		DEMAND(answer_set_id(a, q->kind == QUESTION_STS ? q->id :
		    pick(2) ? "a" : "b") == DANESTS_OK);
	if (q->kind == QUESTION_STS || q->kind == QUESTION_STSHELD)
		fill_policy(a);
	return a;
}

static unsigned sum_of(const char *name)
{
	unsigned sum = 0;

	while (*name != '\0')
		sum = sum * 31 + (unsigned char)*name++;
	return sum;
}

/* first: nothing was asked before, or nothing of this kind. */
static struct known *known_of(const struct question *q, bool first)
{
	unsigned sum = sum_of(q->name.name);

	for (size_t i = 0; i < world.count; i++) {
		if (world.known[i].sum == sum && question_equal(&world.known[i].q, q)) {
			DEMAND(!first); /* asked twice */
			return &world.known[i];
		}
	}
	DEMAND(first); /* another order raises no other question */
	DEMAND(world.count < MAX_ASKED);
	world.known[world.count] = (struct known){ .q = *q, .answer = make_answer(q),
		.sum = sum };
	return &world.known[world.count++];
}

/* The first run: round by round, making up the answers. */
static void run_first(struct facts *facts)
{
	static struct question round[MAX_ASKED];
	size_t n, rounds = 0;

	while ((n = plan_next(facts, round, MAX_ASKED)) > 0) {
		DEMAND(++rounds <= 4);
		for (size_t i = 0; i < n; i++) {
			DEMAND((round[i].kind == QUESTION_STS) == (round[i].addr != NULL));
			DEMAND(facts_learn(facts, &round[i],
			    known_of(&round[i], true)->answer) == DANESTS_OK);
		}
	}
}

/* Later ones: last come first served, or as a seed says. */
static void run_again(struct facts *facts, unsigned seed)
{
	static struct question pending[MAX_ASKED];
	size_t count = 0, i;

	for (;;) {
		struct known *known;
		struct question q;

		while (plan_next(facts, pending + count, 1) > 0)
			count++;
		if (count == 0)
			break;
		seed = seed == 0 ? 0 : seed * 1664525u + 1013904223u;
		i = seed == 0 ? count - 1 : (seed >> 8) % count;
		q = pending[i];
		pending[i] = pending[--count];
		known = known_of(&q, false);
		DEMAND(!known->learnt);
		known->learnt = true;
		DEMAND(facts_learn(facts, &q, known->answer) == DANESTS_OK);
	}
	for (i = 0; i < world.count; i++) {
		DEMAND(world.known[i].learnt);
		world.known[i].learnt = false;
	}
}

/* S13: a held policy counts unless a newer one was fetched. */
static void check_held(const danests_policy *p)
{
	const struct answer *held = NULL, *fetched = NULL;

	for (size_t i = 0; i < world.count; i++) {
		const struct answer *a = world.known[i].answer;

		if (a->text != NULL && a->kind == QUESTION_STSHELD)
			held = a;
		if (a->text != NULL && a->kind == QUESTION_STS)
			fetched = a;
	}
	if (held == NULL && fetched == NULL)
		DEMAND(danests_policy_sts(p) == NULL);
	else
		DEMAND(strcmp(danests_policy_sts(p)->text, (fetched != NULL ? fetched : held)->text)
		    == 0);
}

/* As the first run, with what was found out there: only what is extra is new. */
static void run_extra(struct facts *facts)
{
	static struct question round[MAX_ASKED];
	size_t n, rounds = 0, before = world.count;

	while ((n = plan_next(facts, round, MAX_ASKED)) > 0) {
		DEMAND(++rounds <= 4);
		for (size_t i = 0; i < n; i++) {
			struct known *known = known_of(&round[i], question_is_extra(round[i].kind));

			DEMAND(facts_learn(facts, &round[i], known->answer) == DANESTS_OK);
		}
	}
	DEMAND(world.count - before <= EXTRA_MAX);
}

/* Orders 0 to 3 without, 4 and 5 with what is asked for people. */
static danests_policy *play(const struct nexthop *nexthop, int order)
{
	struct facts *facts = facts_new(nexthop);
	danests_policy *policy;

	DEMAND(facts != NULL);
	if (order >= 4)
		facts_extra(facts, DANESTS_EXTRA_TEXTS | DANESTS_EXTRA_CHAIN);
	if (order == 0)
		run_first(facts);
	else if (order == 4)
		run_extra(facts);
	else
		run_again(facts, (unsigned)order - 1);
	DEMAND(facts_open(facts) == 0 && facts_asked(facts) == world.count);
	DEMAND(decide(&policy, facts, NOW) == DANESTS_OK);
	facts_free(facts);
	check_evidence(policy, world.count);
	return policy;
}

static void check(const danests_policy *p)
{
	DEMAND(world.count <= 5 + 4 * danests_policy_hosts(p));
	DEMAND(danests_policy_expires(p) >= NOW && danests_policy_expires(p) <= NOW + 255);
	check_held(p);
	for (unsigned i = 0; i < 64; i++) {
		struct danests_postfix opt = { (i & 1) != 0, (i & 2) != 0, (i & 4) != 0,
			(i & 8) != 0, (i & 16) != 0, (i & 32) != 0 };

		check_reply(p, &opt);
		if (i < 16) /* the last two are there to take protection away */
			check_protection(p, &opt);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nexthop nexthop = { { "example.com" }, 25, false };
	struct buf first = {0}, other = {0};

	world.data = data;
	world.size = size;
	world.at = world.count = 0;
	nexthop.bracketed = pick(4) == 3;
	for (int order = 0; order < 6; order++) {
		danests_policy *policy = play(&nexthop, order);

		buf_reset(&other);
		describe(order == 0 ? &first : &other, policy);
		if (order == 0)
			check(policy);
		else
			DEMAND(strcmp(first.data, other.data) == 0);
		danests_policy_unref(policy);
	}
	for (size_t i = 0; i < world.count; i++)
		answer_unref(world.known[i].answer);
	buf_free(&first);
	buf_free(&other);
	return 0;
}
