/* SPDX-License-Identifier: BSD-2-Clause */
/* One allocation after the other fails while a policy replaces another on disk. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "danests.h"
#include "source/cache.h"
#include "wrap.h"

static const char text[] = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\n";

static char dir[] = "/tmp/test_keep.XXXXXX";
static struct events events;
static struct loop *loop;
static struct store *store;

static int set_up(void **state)
{
	char problem[STORE_PROBLEM];

	(void)state;
	events_init(&events);
	return mkdtemp(dir) == NULL || loop_new(&loop) != DANESTS_OK ||
	    store_open(&store, loop, &events, dir, 64 << 20, problem) != DANESTS_OK;
}

static int tear_down(void **state)
{
	char path[512];
	struct dirent *e;
	DIR *d = opendir(dir);

	(void)state;
	store_close(store);
	events_clear(&events);
	loop_free(loop);
	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (e->d_name[0] != '.')
			(void)unlink(path);
	}
	if (d != NULL)
		closedir(d);
	return rmdir(dir);
}

static struct answer *policy(const char *id)
{
	struct answer *a = answer_new(QUESTION_STS, ANSWER_INSECURE, time(NULL) + 86400);
	char why[STSBODY_WHY];
	struct stsbody body;

	assert_non_null(a);
	assert_int_equal(stsbody_parse(&body, text, sizeof(text) - 1, why), DANESTS_OK);
	assert_int_equal(answer_set_id(a, id), DANESTS_OK);
	assert_int_equal(answer_set_policy(a, text, sizeof(text) - 1, &body), DANESTS_OK);
	return a;
}

static struct answer *ask_cache(struct cache *cache)
{
	struct list arrivals;
	struct ask ask = {
		.q = { .kind = QUESTION_STSHELD, .name = { "example.com" } },
		.arrivals = &arrivals,
	};

	list_init(&arrivals);
	assert_int_equal(cache_ask(cache, &ask), SOURCE_ANSWERED);
	return ask.answer;
}

/* Memory may be ahead of the disk, never behind it; and one of both is in force. */
static void S13_memory_does_not_outlive_what_the_disk_has(void **state)
{
	struct question q = { .kind = QUESTION_STS, .name = { "example.com" } };
	struct answer *old = policy("1"), *next = policy("2"), *a;
	unsigned long n = 0, kept = 0;
	bool whole = false;

	(void)state;
	while (!whole) {
		struct cache *cache = NULL;
		struct record held;

		assert_int_equal(cache_new(&cache, 1 << 20), DANESTS_OK);
		cache_connect(cache, store, &events);
		cache_keep(cache, &q, old);
		wrap_fail_only(++n);
		cache_keep(cache, &q, next);
		whole = wrap_counted() < n;
		wrap_fail_from(0);
		assert_true(cache_held_get(cache, "example.com", &held));
		a = ask_cache(cache);
		assert_int_equal(a->state, ANSWER_INSECURE);
		assert_true(strcmp(a->id, "2") == 0 || strcmp(held.id, "1") == 0);
		kept += strcmp(held.id, "2") == 0;
		answer_unref(a);
		cache_free(cache);
	}
	assert_true(kept > 1);
	answer_unref(old);
	answer_unref(next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(S13_memory_does_not_outlive_what_the_disk_has,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
