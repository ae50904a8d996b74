/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the desk remembers, and what it no longer does when something has changed, also
 * while a lookup is under way. The worker is played by the test: a lookup ends when the
 * test says so, and with what it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "plan/policy.h"
#include "plugin/desk.h"
#include "plugin/desk_impl.h"

#define OLD "NOTFOUND "
#define NEW "OK dane-only"
#define MAX_LOOKUPS 4

/* ---- The worker ---- */

struct worker {
	struct list sent, done;
	size_t count; /* sent and not done */
	int fd[2];
};

static struct worker worker;

void worker_submit(struct worker *w, struct job *job)
{
	list_append(&w->sent, &job->task.link);
	w->count++;
}

void worker_call(struct worker *w, struct errand *errand)
{
	list_append(&w->done, &errand->task.link);
}

size_t worker_parked(const struct worker *w)
{
	(void)w;
	return 0;
}

int worker_fd(const struct worker *w) { return w->fd[0]; }

void worker_collect(struct worker *w, struct list *list)
{
	while (!list_empty(&w->done)) {
		struct list *first = w->done.next;

		list_remove(first);
		list_append(list, first);
	}
}

/* ---- The log: how many lines ---- */

static size_t lines;

void log_line(int priority, const char *fmt, ...)
{
	(void)priority;
	(void)fmt;
	lines++;
}

bool log_may(struct log_limit *limit, int64_t interval_ms, unsigned long *held)
{
	(void)limit;
	(void)interval_ms;
	*held = 0;
	return true;
}

/* ---- The desk, and who asks ---- */

static struct loop *loop;
static struct desk *desk;

struct client {
	struct asker asker;
	char got[100]; /* the last answer, or "" while it waits */
};

static void note(struct client *c, const char *frame, size_t len)
{
	const char *colon = memchr(frame, ':', len);

	assert_non_null(colon);
	snprintf(c->got, sizeof(c->got), "%.*s", (int)(len - (size_t)(colon + 2 - frame)),
	    colon + 1);
}

static void answered(struct asker *asker, const char *frame, size_t len)
{
	note(CONTAINER_OF(asker, struct client, asker), frame, len);
}

static struct desk_options options(void)
{
	return (struct desk_options){
		.memo_bytes = (size_t)8 << 20, .max_lookups = MAX_LOOKUPS, .max_queued = 1000,
		.answer_timeout = 60000, .log_repeat = 1800,
	};
}

static int setup(void **state)
{
	const struct desk_options start = options();

	(void)state;
	worker = (struct worker){0};
	list_init(&worker.sent);
	list_init(&worker.done);
	if (pipe(worker.fd) != 0 || loop_new(&loop) != DANESTS_OK)
		return -1;
	return desk_new(&desk, loop, &worker, &start);
}

static int teardown(void **state)
{
	(void)state;
	desk_free(desk);
	loop_free(loop);
	close(worker.fd[0]);
	close(worker.fd[1]);
	return 0;
}

static void ask(struct client *c, const char *key)
{
	char payload[300];
	struct buf out = {0};
	int n = snprintf(payload, sizeof(payload), "QUERY %s", key);

	c->got[0] = '\0';
	c->asker.answered = answered;
	if (desk_ask(desk, &c->asker, payload, (size_t)n, &out))
		note(c, out.data, out.len);
	buf_free(&out);
}

/* The lookup that is nth at the worker ends, and comes to this. */
static void end(size_t nth, const char *reply)
{
	struct nexthop nh = { .domain = { "of.test" }, .port = 25 };
	struct list *at = worker.sent.next;
	struct job *job;

	while (nth-- > 0)
		at = at->next;
	assert_true(at != &worker.sent);
	job = CONTAINER_OF(at, struct job, task.link);
	job->policy = policy_new(&nh, 0, 0);
	assert_non_null(job->policy);
	job->policy->expires = clock_now() + 3600;
	job->policy->dane = strcmp(reply, NEW) == 0 ? DANESTS_DANE_FULL : DANESTS_DANE_NONE;
	job->policy->level = strcmp(reply, NEW) == 0 ? DANESTS_LEVEL_DANE : DANESTS_LEVEL_NONE;
	list_remove(at);
	worker.count--;
	list_append(&worker.done, at);
	desk_collect(desk, LOOP_READ);
}

static void learn(const char *key, const char *reply)
{
	struct client c = {0};

	ask(&c, key);
	assert_string_equal(c.got, "");
	end(worker.count - 1, reply);
	assert_string_equal(c.got, reply);
}

static bool is_warm(const char *key)
{
	struct client c = {0};

	ask(&c, key);
	desk_leave(desk, &c.asker);
	while (worker.count > 0)
		end(0, OLD);
	return c.got[0] != '\0';
}

/* A domain whose changes are not also counted as those of a.test. */
static const char *other(void)
{
	static char name[40];
	uint32_t place = changes_mark(&desk->changes, "a.test", 6).place;
	int n, i = 0;

	do
		n = snprintf(name, sizeof(name), "b%d.test", i++);
	while (changes_mark(&desk->changes, name, (size_t)n).place == place);
	return name;
}

/* ---- Tests ---- */

static void nothing_of_a_domain_outlives_its_change(void **state)
{
	const char *apart = other();
	char key[100];

	(void)state;
	learn("a.test", OLD);
	learn("[a.test]", OLD);
	learn(apart, OLD);
	for (int i = 0; i < 400; i++) {
		snprintf(key, sizeof(key), "%s:%d", i % 2 == 0 ? "a.test" : "[a.test]", 400 + i);
		learn(key, OLD);
		assert_true(is_warm(key));
	}
	desk_forget(desk, "a.test");
	assert_true(is_warm(apart));
	assert_false(is_warm("a.test"));
	assert_false(is_warm("[a.test]"));
	for (int i = 0; i < 400; i++) {
		snprintf(key, sizeof(key), "%s:%d", i % 2 == 0 ? "a.test" : "[a.test]", 400 + i);
		assert_false(is_warm(key));
	}
}

static void ports_that_somebody_makes_up_take_nothing_from_others(void **state)
{
	char key[100];

	(void)state;
	learn("b.test:26", OLD);
	for (int port = 1000; port < 3000; port++) {
		snprintf(key, sizeof(key), "a.test:%d", port);
		learn(key, OLD);
	}
	learn("c.test", OLD);
	learn("[c.test]:587", OLD);
	learn("c.test:2525", OLD);
	lines = 0;
	assert_true(is_warm("b.test:26"));
	assert_true(is_warm("c.test"));
	assert_true(is_warm("[c.test]:587"));
	assert_true(is_warm("c.test:2525"));
	assert_int_equal(lines, 0); /* log_repeat holds for all of them */
}

static void lookup_from_before_a_change_is_not_remembered(void **state)
{
	static const char *const keys[] = { "a.test", "[a.test]", "a.test:2525", "[a.test]:465" };
	struct client clients[COUNT_OF(keys)] = {0};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		ask(&clients[i], keys[i]);
	desk_forget(desk, "a.test");
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		end(0, OLD);
		assert_string_equal(clients[i].got, OLD); /* who asked before is served */
	}
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		assert_false(is_warm(keys[i]));
		assert_true(is_warm(keys[i]));
	}
}

static void change_all(void)
{
	desk_forget(desk, "");
}

static void change_one(void)
{
	desk_forget(desk, "a.test");
}

static void change_options(void)
{
	const struct desk_options same = options();
	struct memo old;

	desk_configure(desk, &same, &old);
	memo_free(&old);
}

static void (*const ways[])(void) = { change_all, change_one, change_options };

static void question_after_a_change_has_a_lookup_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		for (size_t first = 0; first < 2; first++) {
			struct client before = {0}, after = {0}, more = {0};

			change_all();
			ask(&before, "a.test:2525");
			ways[i]();
			ask(&after, "a.test:2525");
			ask(&more, "a.test:2525");
			assert_int_equal(worker.count, 2);
			end(first, first == 0 ? OLD : NEW);
			assert_string_equal(before.got, first == 0 ? OLD : "");
			assert_string_equal(after.got, first == 0 ? "" : NEW);
			end(0, first == 0 ? NEW : OLD);
			assert_string_equal(before.got, OLD);
			assert_string_equal(after.got, NEW);
			assert_string_equal(more.got, NEW);
			ask(&more, "a.test:2525");
			assert_string_equal(more.got, NEW);
		}
	}
}

static void change_between_questions_of_a_known_name_starts_anew(void **state)
{
	struct client before = {0}, after = {0};

	(void)state;
	learn("a.test", OLD);
	change_one();
	ask(&before, "a.test");
	change_one();
	ask(&after, "A.test.");
	end(1, NEW);
	end(0, OLD);
	assert_string_equal(after.got, NEW);
	ask(&after, "a.test");
	assert_string_equal(after.got, NEW);
}

static void many_changes_start_no_more_than_max_lookups(void **state)
{
	struct client clients[MAX_LOOKUPS + 5] = {0};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(clients); i++) {
		ask(&clients[i], "a.test");
		change_one();
	}
	assert_int_equal(worker.count, MAX_LOOKUPS);
	assert_int_equal(desk->pendings.queued, 1); /* not begun: nothing is older than it */
	for (size_t i = 0; i < MAX_LOOKUPS; i++)
		end(0, OLD);
	assert_string_equal(clients[MAX_LOOKUPS].got, "");
	end(0, NEW);
	for (size_t i = 0; i < COUNT_OF(clients); i++)
		assert_string_equal(clients[i].got, i < MAX_LOOKUPS ? OLD : NEW);
	assert_int_equal(desk->pendings.running, 0);
	assert_int_equal(desk->pendings.map.count, 0);
}

static void who_waits_for_an_old_lookup_may_leave(void **state)
{
	struct client before = {0}, after = {0};

	(void)state;
	ask(&before, "a.test");
	change_one();
	ask(&after, "a.test");
	desk_leave(desk, &before.asker);
	assert_int_equal(desk->pendings.running, 2);
	end(0, OLD);
	assert_string_equal(before.got, "");
	desk_leave(desk, &after.asker);
	end(0, NEW);
	ask(&after, "a.test");
	assert_string_equal(after.got, NEW);
}

/* Told by LeakSanitizer, too. */
static void end_finds_old_lookups_at_the_worker(void **state)
{
	struct client before = {0}, after = {0};

	(void)state;
	ask(&before, "a.test");
	change_one();
	ask(&after, "a.test");
	desk_close(desk, "danestsd ends");
	assert_string_equal(before.got, "TEMP a.test: danestsd ends");
	assert_string_equal(after.got, "TEMP a.test: danestsd ends");
	assert_int_equal(worker.count, 2);
}

/* What fills the memo must make way, whatever it was worth. */
static void forgotten_policies_leave_room(void **state)
{
	struct desk_options small = options();
	size_t kept = 0;
	char key[100];

	(void)state;
	small.memo_bytes = 200000;
	desk_configure(desk, &small, NULL);
	for (int i = 0; i < 4000; i++) {
		snprintf(key, sizeof(key), "a%d.test", i);
		learn(key, NEW);
	}
	change_all();
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "b%d.test", i);
		learn(key, OLD); /* worth less */
	}
	for (int i = 0; i < 1000; i++) {
		struct client c = {0};

		snprintf(key, sizeof(key), "b%d.test", i);
		ask(&c, key);
		kept += c.got[0] != '\0';
		while (worker.count > 0)
			end(0, OLD);
	}
	assert_in_range(kept, 900, 1000);
}

#define RACE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RACE(nothing_of_a_domain_outlives_its_change),
		RACE(ports_that_somebody_makes_up_take_nothing_from_others),
		RACE(lookup_from_before_a_change_is_not_remembered),
		RACE(question_after_a_change_has_a_lookup_of_its_own),
		RACE(change_between_questions_of_a_known_name_starts_anew),
		RACE(many_changes_start_no_more_than_max_lookups),
		RACE(who_waits_for_an_old_lookup_may_leave),
		RACE(end_finds_old_lookups_at_the_worker),
		RACE(forgotten_policies_leave_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
