/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plays scenario files (world.h): plan, learn, decide until nothing is left to
 * ask, in several orders of arrival, and compares with what is expected. TAP on
 * stdout; exit 1 when a file fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kv.h"
#include "base/text.h"
#include "plan/decide.h"
#include "plan/plan.h"
#include "world.h"

#define REPLY_ROOM 100000
#define MAX_PENDING 2048

enum { FORWARD, BACKWARD, SHUFFLES = 8, ORDERS = 2 + SHUFFLES };

struct play {
	struct world *world;
	struct facts *facts;
	struct question pending[MAX_PENDING];
	size_t pending_count;
	size_t asked, rounds;
	danests_policy *policy;
	unsigned order;
	uint32_t seed;
	char problem[512];
};

static bool wrong(struct play *p, const char *what, const char *detail)
{
	text_format(p->problem, sizeof(p->problem), "%s: %s", what, detail);
	return false;
}

/* All that the facts raise now; small helpings in some orders, for plan_next(). */
static bool ask_more(struct play *p)
{
	size_t helping = p->order % 3 == 0 ? 64 : p->order % 3, n;
	char text[QUESTION_TEXT_MAX + 1];

	do {
		struct question *new = p->pending + p->pending_count;

		n = plan_next(p->facts, new, helping);
		for (size_t i = 0; i < n; i++) {
			struct world_line *line = world_find(p->world, &new[i]);

			question_text(&new[i], text);
			if (line == NULL)
				return wrong(p, "no line for this question", text);
			if (line->answer == NULL)
				return wrong(p, "must not be asked", text);
			if (line->asked++ > 0)
				return wrong(p, "asked twice", text);
		}
		p->pending_count += n;
		p->asked += n;
	} while (n == helping && p->pending_count + helping < MAX_PENDING);
	return true;
}

static size_t pick(struct play *p)
{
	if (p->order == FORWARD)
		return 0;
	if (p->order == BACKWARD)
		return p->pending_count - 1;
	p->seed = p->seed * 1664525u + 1013904223u;
	return (p->seed >> 8) % p->pending_count;
}

static bool learn_one(struct play *p)
{
	size_t i = pick(p);
	struct question q = p->pending[i];

	p->pending_count--;
	memmove(p->pending + i, p->pending + i + 1,
	    (p->pending_count - i) * sizeof(p->pending[0]));
	return facts_learn(p->facts, &q, world_find(p->world, &q)->answer) == DANESTS_OK ||
	    wrong(p, "facts_learn", "out of memory");
}

/* Forward, a round is answered as a whole: that is how rounds are counted. */
static bool play_out(struct play *p)
{
	bool ok = ask_more(p);

	while (ok && p->pending_count > 0) {
		size_t batch = p->order == FORWARD ? p->pending_count : 1;

		p->rounds++;
		while (ok && batch-- > 0)
			ok = learn_one(p);
		ok = ok && ask_more(p);
	}
	if (!ok)
		return false;
	if (facts_open(p->facts) != 0 || facts_asked(p->facts) != p->asked)
		return wrong(p, "facts_open", "questions left though all are answered");
	return decide(&p->policy, p->facts, WORLD_NOW) == DANESTS_OK ||
	    wrong(p, "decide", "out of memory");
}

static void write_hosts(struct buf *out, const danests_policy *policy)
{
	for (size_t i = 0; i < danests_policy_hosts(policy); i++) {
		const struct danests_host *host = danests_policy_host(policy, i);

		buf_printf(out, "%s%s:%s:%s:%zu", i > 0 ? "," : "", host->name, host->base,
		    danests_host_state_name(host->state), host->tlsa_count);
	}
}

static const char *yes_no(bool yes)
{
	return yes ? "yes" : "no";
}

static void write_reply(struct buf *out, const danests_policy *policy, const char *key)
{
	static const struct {
		const char *key;
		struct danests_postfix options;
	} kinds[] = {
		{ "reply",         { .tlsrpt = false } },
		{ "reply_tlsrpt",  { .tlsrpt = true } },
		{ "reply_testing", { .tlsrpt = true, .report_testing = true } },
		{ "reply_may",     { .insecure_mx_may = true } },
		{ "reply_mixed",   { .mixed_secure = true } },
		{ "reply_no_dane", { .no_dane = true } },
		{ "reply_no_sts",  { .tlsrpt = true, .report_testing = true, .no_sts = true } },
	};
	size_t i = 0;
	char *room = buf_room(out, REPLY_ROOM);

	while (i + 1 < COUNT_OF(kinds) && strcmp(kinds[i].key, key) != 0)
		i++;
	if (room != NULL)
		out->len += danests_postfix_reply(policy, &kinds[i].options, room, REPLY_ROOM);
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->len--;
	buf_add(out, NULL, 0);
}

/* What the policy says under this name; false when there is no such name. */
static bool write_value(struct buf *out, const struct play *p, const char *key)
{
	const danests_policy *policy = p->policy;
	const struct danests_sts *sts = danests_policy_sts(policy);

	if (strncmp(key, "reply", 5) == 0)
		write_reply(out, policy, key);
	else if (strcmp(key, "dane") == 0)
		buf_str(out, danests_dane_name(danests_policy_dane(policy)));
	else if (strcmp(key, "sts") == 0)
		buf_str(out, danests_sts_state_name(danests_policy_sts_state(policy)));
	else if (strcmp(key, "sts_id") == 0)
		buf_str(out, sts != NULL ? sts->id : "-");
	else if (strcmp(key, "level") == 0)
		buf_str(out, danests_level_name(danests_policy_level(policy)));
	else if (strcmp(key, "result") == 0)
		buf_str(out, danests_result_name(danests_policy_result(policy)));
	else if (strcmp(key, "token") == 0)
		buf_str(out, danests_policy_token(policy)[0] != '\0' ?
		    danests_policy_token(policy) : "-");
	else if (strcmp(key, "reason") == 0)
		buf_str(out, danests_policy_reason(policy));
	else if (strcmp(key, "hosts") == 0)
		write_hosts(out, policy);
	else if (strcmp(key, "mx_secure") == 0)
		buf_str(out, yes_no(danests_policy_mx_secure(policy)));
	else if (strcmp(key, "no_mail") == 0)
		buf_str(out, yes_no(danests_policy_no_mail(policy)));
	else if (strcmp(key, "expires") == 0)
		buf_printf(out, "%lld", (long long)(danests_policy_expires(policy) - WORLD_NOW));
	else if (strcmp(key, "asked") == 0)
		buf_printf(out, "%zu", p->asked);
	else
		return false;
	return true;
}

static bool check_pair(struct play *p, const struct kv *kv)
{
	char key[32] = "", want[4096];
	struct buf got = {0};
	bool ok;

	if (kv->key_len >= sizeof(key) || kv->value_len >= sizeof(want))
		return wrong(p, "expect", "too long");
	memcpy(key, kv->key, kv->key_len);
	kv_value(kv, want);
	if (strcmp(key, "rounds") == 0) {
		buf_printf(&got, "%zu", p->rounds);
		ok = p->order != FORWARD || strcmp(got.data, want) == 0;
	} else if (!write_value(&got, p, key)) {
		return wrong(p, "expect: no such name", key);
	} else {
		ok = !got.bad && strcmp(got.data != NULL ? got.data : "", want) == 0;
	}
	if (!ok)
		text_format(p->problem, sizeof(p->problem), "%s is \"%s\", expected \"%s\"", key,
		    got.data != NULL ? got.data : "", want);
	buf_free(&got);
	return ok;
}

static bool check_expectations(struct play *p)
{
	for (size_t i = 0; i < p->world->expect_count; i++) {
		const char *at = p->world->expect[i], *end = at + strlen(at);
		enum kv_status status;
		struct kv kv;

		while ((status = kv_next(&at, end, &kv)) == KV_PAIR) {
			if (!check_pair(p, &kv))
				return false;
		}
		if (status == KV_BAD)
			return wrong(p, "expect: not key=value", at);
	}
	return true;
}

/* plan.h: four rounds, 5 + 4 * hosts questions; and every line was needed. */
static bool check_laws(struct play *p)
{
	char text[QUESTION_TEXT_MAX + 1];

	if (p->asked > 5 + 4 * danests_policy_hosts(p->policy))
		return wrong(p, "law", "too many questions");
	if (p->order == FORWARD && p->rounds > 4)
		return wrong(p, "law", "too many rounds");
	for (size_t i = 0; i < p->world->count; i++) {
		struct world_line *line = &p->world->lines[i];

		question_text(&line->q, text);
		if (line->answer != NULL && line->asked == 0)
			return wrong(p, "never asked", text);
		line->asked = 0;
	}
	return true;
}

static bool play_order(struct world *world, unsigned order, char *problem, size_t size)
{
	struct play *p = calloc(1, sizeof(*p));
	bool ok;

	if (p == NULL)
		return false;
	p->world = world;
	p->order = order;
	p->seed = order;
	p->facts = facts_new(&world->nexthop);
	ok = p->facts != NULL && play_out(p);
	facts_free(p->facts); /* the policy stands on its own */
	ok = ok && check_laws(p) && check_expectations(p);
	if (!ok)
		text_format(problem, size, "order %u: %s", order, p->problem);
	danests_policy_unref(p->policy);
	free(p);
	return ok;
}

static bool play_file(const char *file, char *problem, size_t size)
{
	struct world world;
	bool ok = world_read(&world, file);

	if (!ok)
		text_format(problem, size, "%s", world.problem);
	for (unsigned order = 0; ok && order < ORDERS; order++)
		ok = play_order(&world, order, problem, size);
	world_free(&world);
	return ok;
}

int main(int argc, char **argv)
{
	int failures = 0;

	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		const char *slash = strrchr(argv[i], '/');
		const char *name = slash != NULL ? slash + 1 : argv[i];
		char problem[1024] = "";
		bool ok = play_file(argv[i], problem, sizeof(problem));

		printf("%sok %d - %s\n", ok ? "" : "not ", i, name);
		if (!ok)
			printf("# %s\n", problem);
		failures += !ok;
	}
	return failures > 0 || argc < 2;
}
