/* SPDX-License-Identifier: BSD-2-Clause */
/* A clock that stands still, and short ways to tell and to ask a cache. */
#ifndef CACHE_HELP_H
#define CACHE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "source/cache.h"

static time_t now;

time_t clock_now(void)
{
	return now;
}

int64_t clock_mono_ms(void)
{
	return (int64_t)now * 1000;
}

int64_t clock_mono_us(void)
{
	return (int64_t)now * 1000000;
}

static inline struct cache *fresh_cache(size_t max_bytes)
{
	struct cache *cache = NULL;

	now = 1000000;
	assert_int_equal(cache_new(&cache, max_bytes), DANESTS_OK);
	return cache;
}

static inline struct question question(enum question_kind kind, const char *name, const char *id)
{
	struct question q = { .kind = kind };

	text_format(q.name.name, sizeof(q.name.name), "%s", name);
	text_format(q.id, sizeof(q.id), "%s", id);
	return q;
}

/* What the cache says; NULL: it passes. The caller's to unref. */
static inline struct answer *asked(struct cache *cache, enum question_kind kind, const char *name,
    const char *id)
{
	struct list arrivals;
	struct ask ask = { .q = question(kind, name, id), .arrivals = &arrivals };
	enum source_result r;

	list_init(&arrivals);
	r = cache_ask(cache, &ask);
	assert_int_equal(r == SOURCE_ANSWERED, ask.answer != NULL);
	assert_int_equal(r == SOURCE_PASS, list_empty(&arrivals));
	if (ask.answer != NULL) {
		assert_int_equal(ask.answer->kind, kind);
		assert_ptr_equal(arrivals.next, &ask.arrived);
	}
	return ask.answer;
}

static inline bool known(struct cache *cache, enum question_kind kind, const char *name,
    const char *id)
{
	struct answer *a = asked(cache, kind, name, id);
	bool yes = a != NULL;

	answer_unref(a);
	return yes;
}

static inline bool holds(struct cache *cache, const char *name, const char *id)
{
	struct answer *a = asked(cache, QUESTION_STSHELD, name, "");
	bool yes = a->state == ANSWER_INSECURE && (id == NULL || strcmp(a->id, id) == 0);

	assert_true(yes || a->state == ANSWER_ABSENT_INSECURE || id != NULL);
	answer_unref(a);
	return yes;
}

static inline void keep(struct cache *cache, enum question_kind kind, const char *name,
    enum answer_state state, int lifetime)
{
	struct question q = question(kind, name, "");
	struct answer *a = answer_new(kind, state, now + lifetime);

	assert_non_null(a);
	cache_keep(cache, &q, a);
	answer_unref(a);
}

static inline void keep_failure(struct cache *cache, enum question_kind kind, const char *name,
    const char *id, int lifetime)
{
	struct question q = question(kind, name, id);
	struct answer *a = answer_failed(kind, FAILURE_STS_FETCH, now + lifetime, "test");

	cache_keep(cache, &q, a);
	answer_unref(a);
}

/* padding: octets of an extension, to make it large. */
static inline void keep_policy(struct cache *cache, const char *name, const char *id,
    const char *mode, unsigned max_age, size_t padding)
{
	static char text[70000];
	struct question q = question(QUESTION_STS, name, id);
	struct answer *a = answer_new(QUESTION_STS, ANSWER_INSECURE, now + (time_t)max_age);
	char why[STSBODY_WHY];
	struct stsbody body;
	size_t len;

	text_format(text, sizeof(text), "version: STSv1\nmode: %s\nmx: mx.%s\nmax_age: %u\nx: y",
	    mode, name, max_age);
	len = strlen(text);
	memset(text + len, 'y', padding);
	text[len + padding] = '\0';
	assert_int_equal(stsbody_parse(&body, text, len + padding, why), DANESTS_OK);
	assert_int_equal(answer_set_policy(a, text, len + padding, &body), DANESTS_OK);
	assert_int_equal(answer_set_id(a, id), DANESTS_OK);
	cache_keep(cache, &q, a);
	answer_unref(a);
}

#endif
