/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole lookup - parse, plan, learn, remember, decide, reply, log line - with
 * the n-th allocation failing, for every n. The only acceptable outcomes are
 * DANESTS_ENOMEM and exactly what comes out with memory enough; a reply that is
 * merely weaker would be a downgrade by lack of memory.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "danests.h"
#include "plan/decide.h"
#include "plan/plan.h"
#include "source/cache.h"
#include "source/store.h"
#include "wrap.h"

#define NOW 1700000000
#define REPLY_MAX 100000

static const char sts_text[] = "version: STSv1\nmode: enforce\nmx: mx1.example.com\n"
    "mx: *.example.net\nmax_age: 86400\n";

/* The world: what each question's answer is. NULL: no memory to say it. */
static struct answer *world_mx(void)
{
	struct answer *a = answer_new(QUESTION_MX, ANSWER_SECURE, NOW + 300);

	if (a == NULL || answer_add_mx(a, 10, "mx1.example.com") != DANESTS_OK ||
	    answer_add_mx(a, 20, "mx2.example.net") != DANESTS_OK) {
		answer_unref(a);
		return NULL;
	}
	return a;
}

static struct answer *world_addr(const char *name)
{
	struct answer *a = answer_new(QUESTION_ADDR, ANSWER_SECURE, NOW + 300);
	const uint8_t v4[4] = { 192, 0, 2, 1 };

	if (a == NULL || answer_add_addr(a, 4, v4) != DANESTS_OK ||
	    (strcmp(name, "mx2.example.net") == 0 &&
	    answer_set_alias(a, "alias.example.org") != DANESTS_OK)) {
		answer_unref(a);
		return NULL;
	}
	return a;
}

static struct answer *world_tlsa(const char *name)
{
	const uint8_t digest[32] = { 1, 2, 3 };
	struct danests_tlsa rec = { 3, 1, 1, sizeof(digest), digest };
	struct answer *a;

	if (strcmp(name, "_25._tcp.alias.example.org") == 0)
		return answer_new(QUESTION_TLSA, ANSWER_ABSENT_SECURE, NOW + 60);
	a = answer_new(QUESTION_TLSA, ANSWER_SECURE, NOW + 300);
	if (a == NULL || answer_add_tlsa(a, &rec) != DANESTS_OK) {
		answer_unref(a);
		return NULL;
	}
	return a;
}

static struct answer *world_ststxt(void)
{
	struct answer *a = answer_new(QUESTION_STSTXT, ANSWER_INSECURE, NOW + 300);

	if (a == NULL || answer_set_id(a, "2026") != DANESTS_OK) {
		answer_unref(a);
		return NULL;
	}
	return a;
}

static struct answer *world_sts(void)
{
	struct answer *a = answer_new(QUESTION_STS, ANSWER_INSECURE, NOW + 86400);
	struct stsbody body = {0};
	char why[STSBODY_WHY];

	if (a == NULL || answer_set_id(a, "2026") != DANESTS_OK ||
	    stsbody_parse(&body, sts_text, sizeof(sts_text) - 1, why) != DANESTS_OK ||
	    answer_set_policy(a, sts_text, sizeof(sts_text) - 1, &body) != DANESTS_OK) {
		answer_unref(a);
		return NULL;
	}
	return a;
}

static struct answer *world_answer(const struct question *q)
{
	switch (q->kind) {
	case QUESTION_MX: return world_mx();
	case QUESTION_ADDR: return world_addr(q->name.name);
	case QUESTION_TLSA: return world_tlsa(q->name.name);
	case QUESTION_STSTXT: return world_ststxt();
	case QUESTION_STS: return world_sts();
	case QUESTION_STSHELD: return answer_new(q->kind, ANSWER_ABSENT_INSECURE, NOW + 60);
	default: return answer_new(q->kind, ANSWER_ABSENT_SECURE, NOW + 60);
	}
}

static int answer_all(struct facts *facts, struct cache *cache)
{
	struct question q[4];
	size_t n;
	int r = DANESTS_OK;

	while (r == DANESTS_OK && (n = plan_next(facts, q, COUNT_OF(q))) > 0) {
		for (size_t i = 0; i < n && r == DANESTS_OK; i++) {
			struct answer *a = world_answer(&q[i]);

			if (a == NULL)
				return DANESTS_ENOMEM;
			cache_keep(cache, &q[i], a);
			r = facts_learn(facts, &q[i], a);
			answer_unref(a);
		}
	}
	/* Without memory plan_next() may end early: decide() has to notice. */
	return r;
}

/* The reply of one lookup into out; DANESTS_OK or DANESTS_ENOMEM. */
static int lookup(char *out, size_t *len)
{
	const struct danests_postfix options = { .tlsrpt = true };
	danests_policy *policy = NULL;
	struct facts *facts = NULL;
	struct cache *cache = NULL;
	struct nexthop nh;
	int r;

	r = nexthop_parse(&nh, "EXAMPLE.com", 11);
	if (r == DANESTS_OK)
		r = cache_new(&cache, 1 << 20);
	if (r == DANESTS_OK && (facts = facts_new(&nh)) == NULL)
		r = DANESTS_ENOMEM;
	if (r == DANESTS_OK)
		r = answer_all(facts, cache);
	if (r == DANESTS_OK)
		r = decide(&policy, facts, NOW);
	if (r == DANESTS_OK)
		*len = danests_postfix_reply(policy, &options, out, REPLY_MAX);
	danests_policy_unref(policy);
	facts_free(facts);
	cache_free(cache);
	return r;
}

static char reference[REPLY_MAX], got[REPLY_MAX];
static size_t reference_len;

static void sweep(void (*run_out)(unsigned long n))
{
	unsigned long total, refused = 0;

	run_out(0);
	assert_int_equal(lookup(reference, &reference_len), DANESTS_OK);
	assert_memory_equal(reference, "OK dane-only", 12);
	total = wrap_counted();
	assert_true(total > 10);
	for (unsigned long n = 1; n <= total; n++) {
		size_t len = 0;
		int r;

		run_out(n);
		r = lookup(got, &len);
		run_out(0);
		if (r == DANESTS_ENOMEM) {
			refused++;
			continue;
		}
		assert_int_equal(r, DANESTS_OK);
		/* A later answer may have been lost and be told as a failure. */
		if (len >= 4 && memcmp(got, "TEMP", 4) == 0)
			continue;
		assert_int_equal(len, reference_len);
		assert_memory_equal(got, reference, len);
	}
	assert_true(refused > 0);
}

static void memory_gone_from_the_nth_on_never_weakens_the_reply(void **state)
{
	(void)state;
	sweep(wrap_fail_from);
}

static void one_failed_allocation_never_weakens_the_reply(void **state)
{
	(void)state;
	sweep(wrap_fail_only);
}

/* ---- A policy in memory ---- */

static struct answer *policy(const char *id, time_t now)
{
	struct stsbody body;
	char why[STSBODY_WHY];
	struct answer *a = answer_new(QUESTION_STS, ANSWER_INSECURE, now + 86400);

	assert_non_null(a);
	assert_int_equal(stsbody_parse(&body, sts_text, sizeof(sts_text) - 1, why), DANESTS_OK);
	assert_int_equal(answer_set_id(a, id), DANESTS_OK);
	assert_int_equal(answer_set_policy(a, sts_text, sizeof(sts_text) - 1, &body), DANESTS_OK);
	return a;
}

static void S13_a_policy_in_memory_stays_when_there_is_none_for_the_next(void **state)
{
	struct question q = { .kind = QUESTION_STS, .name = { "example.com" } };
	struct answer *old = policy("1", time(NULL)), *next = policy("2", time(NULL));
	unsigned long kept = 0, n = 0;
	bool whole = false;

	(void)state;
	while (!whole) {
		struct cache *cache = NULL;
		struct record held;

		assert_int_equal(cache_new(&cache, 1 << 20), DANESTS_OK);
		cache_keep(cache, &q, old);
		wrap_fail_only(++n);
		cache_keep(cache, &q, next);
		whole = wrap_counted() < n;
		wrap_fail_from(0);
		assert_true(cache_held_get(cache, "example.com", &held));
		assert_int_equal(held.mode, STSBODY_ENFORCE);
		kept += strcmp(held.id, "1") == 0;
		cache_free(cache);
	}
	assert_true(kept > 1 && kept < n);
	answer_unref(old);
	answer_unref(next);
}

/* ---- A policy on disk ---- */

static char dir[] = "/tmp/sweep.XXXXXX";

static void empty_dir(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[512];

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (e->d_name[0] != '.')
			assert_int_equal(unlink(path), 0);
	}
	closedir(d);
}

/* What is asked of a cache that has nothing in memory; NULL: it had none to begin. */
static struct answer *ask_held(struct store *store, struct events *events)
{
	struct question q = { .kind = QUESTION_STSHELD, .name = { "example.com" } };
	struct cache *cache = NULL;
	struct list arrivals;
	struct ask ask = { .q = q, .arrivals = &arrivals };

	list_init(&arrivals);
	if (cache_new(&cache, 1 << 20) != DANESTS_OK)
		return NULL;
	cache_connect(cache, store, events);
	assert_int_equal(cache_ask(cache, &ask), SOURCE_ANSWERED);
	cache_free(cache);
	return ask.answer;
}

static void S13_a_policy_on_disk_is_never_absent_by_lack_of_memory(void **state)
{
	struct record r = {
		.domain = "example.com", .id = "2026", .text = sts_text,
		.text_len = sizeof(sts_text) - 1, .mode = STSBODY_ENFORCE, .max_age = 86400,
		.fetched = time(NULL), .used = time(NULL), .expires = time(NULL) + 86400,
	};
	char problem[STORE_PROBLEM];
	unsigned long total, refused = 0;
	struct events events;
	struct store *store;
	struct loop *loop;
	struct answer *a;

	(void)state;
	assert_non_null(mkdtemp(dir));
	events_init(&events);
	assert_int_equal(loop_new(&loop), DANESTS_OK);
	assert_int_equal(store_open(&store, loop, &events, dir, 64 << 20, problem), DANESTS_OK);
	assert_int_equal(store_put(store, &r), DANESTS_OK);
	assert_int_equal(store_sync(store), DANESTS_OK);
	wrap_fail_from(0);
	answer_unref(ask_held(store, &events));
	total = wrap_counted();
	assert_true(total > 3);
	for (unsigned long n = 1; n <= 2 * total; n++) {
		if (n <= total)
			wrap_fail_from(n);
		else
			wrap_fail_only(n - total);
		a = ask_held(store, &events);
		wrap_fail_from(0);
		if (a == NULL)
			continue;
		refused += a->state == ANSWER_FAILED;
		assert_true(a->state == ANSWER_FAILED || (a->state == ANSWER_INSECURE &&
		    a->body.mode == STSBODY_ENFORCE && strcmp(a->text, sts_text) == 0));
		answer_unref(a);
	}
	assert_true(refused > 0);
	store_close(store);
	events_clear(&events);
	loop_free(loop);
	empty_dir();
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_gone_from_the_nth_on_never_weakens_the_reply),
		cmocka_unit_test(one_failed_allocation_never_weakens_the_reply),
		cmocka_unit_test(S13_a_policy_in_memory_stays_when_there_is_none_for_the_next),
		cmocka_unit_test(S13_a_policy_on_disk_is_never_absent_by_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
