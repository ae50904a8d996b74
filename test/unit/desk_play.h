/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A desk whose worker is played by the test: a lookup ends when the test says so, and
 * with what it says. For one source file of a test.
 */
#ifndef TEST_DESK_PLAY_H
#define TEST_DESK_PLAY_H

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
	job->policy = policy_new(&nh, 0, 0, 0);
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

#endif
