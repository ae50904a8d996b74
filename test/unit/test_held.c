/* SPDX-License-Identifier: BSD-2-Clause */
/* Held policies through the public interface, with a cache_dir and without one. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "danests.h"

static char top[] = "/tmp/test_held.XXXXXX", anchor[64], dir[64];

static const char text[] = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\n";

static void empty_dir(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	char file[600];

	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		if (e->d_name[0] != '.')
			assert_int_equal(unlink(file), 0);
	}
	if (d != NULL)
		closedir(d);
}

static int make_top(void **state)
{
	static const char ds[] = ". IN DS 20326 8 2 "
	    "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d\n";
	FILE *f;

	(void)state;
	if (mkdtemp(top) == NULL)
		return -1;
	snprintf(anchor, sizeof(anchor), "%s/root.key", top);
	snprintf(dir, sizeof(dir), "%s/cache", top);
	f = fopen(anchor, "w");
	return f == NULL || fputs(ds, f) < 0 || fclose(f) != 0;
}

static int remove_top(void **state)
{
	(void)state;
	return unlink(anchor) != 0 || rmdir(top) != 0;
}

static int remove_dir(void **state)
{
	(void)state;
	empty_dir(dir);
	(void)rmdir(dir);
	return 0;
}

/* cache_dir: "" for none. */
static danests *context(const char *cache_dir)
{
	danests *ctx;

	assert_int_equal(danests_new(&ctx), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "resolver", "127.0.0.1:9"), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "trust_anchor", anchor), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "dns_timeout", "100ms"), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "cache_size", "4M"), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "cache_dir", cache_dir), DANESTS_OK);
	return ctx;
}

static struct danests_held policy(const char *domain)
{
	return (struct danests_held){
		.domain = domain, .id = "2026", .text = text, .text_len = strlen(text),
		.fetched = time(NULL) - 100, .used = time(NULL) - 50,
	};
}

static void put(danests *ctx, const char *domain)
{
	struct danests_held held = policy(domain);

	assert_int_equal(danests_held_put(ctx, &held), DANESTS_OK);
	assert_string_equal(danests_problem(ctx), "");
}

static void check_out(danests *ctx)
{
	struct danests_held held;
	time_t now = time(NULL);

	assert_int_equal(danests_held_get(ctx, "example.com", &held), 1);
	assert_string_equal(held.domain, "example.com");
	assert_int_equal(held.mode, DANESTS_STS_ENFORCE);
	assert_string_equal(held.id, "2026");
	assert_string_equal(held.text, text);
	assert_int_equal(held.text_len, strlen(text));
	assert_int_equal(held.max_age, 86400);
	assert_in_range(held.fetched, now - 110, now - 100);
	assert_int_equal(held.expires, held.fetched + 86400);
	assert_in_range(held.used, now - 60, now - 50);
}

static void S13_what_is_put_and_synced_is_there_for_the_next_one(void **state)
{
	danests *ctx = context(dir);
	struct danests_held held;

	(void)state;
	put(ctx, "Example.COM.");
	check_out(ctx);
	assert_int_equal(danests_sync(ctx), DANESTS_OK);
	danests_free(ctx);
	ctx = context(dir);
	check_out(ctx);
	assert_int_equal(danests_held_drop(ctx, "example.com"), DANESTS_OK);
	assert_int_equal(danests_held_drop(ctx, "example.com"), DANESTS_OK);
	assert_int_equal(danests_held_drop(ctx, "no domain"), DANESTS_OK);
	assert_int_equal(danests_held_get(ctx, "example.com", &held), 0);
	danests_free(ctx);
	ctx = context(dir);
	assert_int_equal(danests_held_get(ctx, "example.com", &held), 0);
	danests_free(ctx);
}

static void without_a_folder_memory_does(void **state)
{
	struct danests_status status;
	struct danests_held held;
	danests *ctx = context("");

	(void)state;
	put(ctx, "example.com");
	check_out(ctx);
	assert_int_equal(danests_sync(ctx), DANESTS_OK);
	danests_get_status(ctx, &status);
	assert_int_equal(status.held, 1);
	assert_non_null(strstr(status.cache_text, "memory"));
	danests_forget(ctx);
	assert_int_equal(danests_held_get(ctx, "example.com", &held), 1);
	danests_free(ctx);
	ctx = context("");
	assert_int_equal(danests_held_get(ctx, "example.com", &held), 0);
	danests_free(ctx);
}

static void what_cannot_be_held_is_refused_in_words(void **state)
{
	static const struct {
		const char *domain, *id, *text;
		int fetched;
		const char *says;
	} tests[] = {
		{ "no domain",   "1",  text, 0, "no domain: not a domain" },
		{ "\033[2J.com", "1",  text, 0, "not a domain" },
		{ "example.com", "",   text, 0, "id" },
		{ "example.com", "a-b", text, 0, "id" },
		{ "example.com", "123456789012345678901234567890123", text, 0, "id" },
		{ "example.com", "1",  "version: STSv1\nmode: enforce\nmax_age: 1\n", 0, "mx" },
		{ "example.com", "1",  "version: STSv1\nmode: none\nmax_age: 0\n", 0, "over" },
		{ "example.com", "1",  text, -86400, "over" },
		{ "example.com", "1",  text, 90000, "future" },
	};
	danests *ctx = context(dir);
	struct danests_held held;

	(void)state;
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		held = policy(tests[i].domain);
		held.id = tests[i].id;
		held.text = tests[i].text;
		held.text_len = strlen(held.text);
		held.fetched = time(NULL) + tests[i].fetched;
		assert_int_equal(danests_held_put(ctx, &held), DANESTS_EINVAL);
		assert_non_null(strstr(danests_problem(ctx), tests[i].says));
		assert_null(strchr(danests_problem(ctx), '\033'));
		assert_int_equal(danests_held_get(ctx, tests[i].domain, &held), 0);
	}
	danests_free(ctx);
}

/* Of two machines one is ahead. */
static void a_policy_that_seems_to_come_from_tomorrow_does_not_live_longer(void **state)
{
	struct danests_held held = policy("example.com");
	danests *ctx = context(dir);

	(void)state;
	held.fetched = time(NULL) + 3600;
	held.used = 0;
	assert_int_equal(danests_held_put(ctx, &held), DANESTS_OK);
	assert_int_equal(danests_held_get(ctx, "example.com", &held), 1);
	assert_in_range(held.fetched, time(NULL) - 5, time(NULL));
	assert_in_range(held.used, time(NULL) - 5, time(NULL));
	assert_int_equal(held.expires, held.fetched + 86400);
	danests_free(ctx);
}

static void a_walk_shows_all(void **state)
{
	static const char *const dirs[] = { "", dir };
	char name[40];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		danests *ctx = context(dirs[i]);
		enum danests_walk_step step;
		struct danests_held held;
		danests_walk *walk;
		unsigned n = 0;

		for (unsigned j = 0; j < 50; j++) {
			snprintf(name, sizeof(name), "d%u.example", j);
			put(ctx, name);
		}
		walk = danests_walk_new(ctx);
		while ((step = danests_walk_next(walk, &held)) != DANESTS_WALK_END) {
			if (step == DANESTS_WALK_PAUSE)
				continue;
			assert_string_equal(held.text, text);
			n++;
		}
		assert_int_equal(n, 50);
		danests_walk_free(walk);
		danests_walk_free(NULL);
		danests_free(ctx);
	}
}

static void changes_by_hand_are_told_so_that_replies_are_forgotten(void **state)
{
	danests *ctx = context(dir);
	struct danests_event event;

	(void)state;
	put(ctx, "example.com");
	assert_true(danests_next_event(ctx, &event));
	assert_int_equal(event.kind, DANESTS_EVENT_CHANGED);
	assert_string_equal(event.domain, "example.com");
	assert_string_equal(event.text, "");
	assert_int_equal(danests_held_drop(ctx, "example.com"), DANESTS_OK);
	assert_true(danests_next_event(ctx, &event));
	assert_int_equal(event.kind, DANESTS_EVENT_CHANGED);
	danests_free(ctx);
}

static void status_speaks_of_the_folder(void **state)
{
	struct danests_status status;
	danests *ctx = context(dir);

	(void)state;
	put(ctx, "example.com");
	assert_int_equal(danests_sync(ctx), DANESTS_OK);
	danests_get_status(ctx, &status);
	assert_int_equal(status.held, 1);
	assert_int_equal(status.unsaved, 0);
	assert_true(status.bytes_written > 0);
	assert_true(status.journal_bytes > 0);
	assert_non_null(strstr(status.cache_text, dir));
	danests_free(ctx);
}

static void the_second_on_one_folder_is_told_plainly(void **state)
{
	danests *first = context(dir), *second = context(dir);
	struct danests_held held;

	(void)state;
	assert_int_equal(danests_open(first), DANESTS_OK);
	assert_int_equal(danests_open(second), DANESTS_EBUSY);
	assert_non_null(strstr(danests_problem(second), dir));
	held = policy("example.com");
	assert_int_equal(danests_held_put(second, &held), DANESTS_EBUSY);
	assert_int_equal(danests_held_get(second, "example.com", &held), 0);
	assert_null(danests_walk_new(second));
	danests_free(first);
	assert_int_equal(danests_open(second), DANESTS_OK);
	danests_free(second);
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
	danests *ctx = context("/nonexistent/danests/cache");

	(void)state;
	assert_int_equal(danests_open(ctx), DANESTS_ECACHE);
	assert_non_null(strstr(danests_problem(ctx), "/nonexistent/danests"));
	/* It is not frozen then. */
	assert_int_equal(danests_set(ctx, "cache_dir", ""), DANESTS_OK);
	assert_int_equal(danests_open(ctx), DANESTS_OK);
	danests_free(ctx);
	ctx = context(anchor);
	assert_int_equal(danests_open(ctx), DANESTS_ECACHE);
	danests_free(ctx);
}

/* N3: the policy held is applied when DNS is dead; but DANE may not be skipped. */
static void S13_a_lookup_rests_on_what_was_put(void **state)
{
	danests *ctx = context(dir);
	danests_policy *found;

	(void)state;
	put(ctx, "example.com");
	assert_int_equal(danests_lookup(ctx, "example.com", &found), DANESTS_OK);
	assert_int_equal(danests_policy_sts_state(found), DANESTS_STS_ENFORCE);
	assert_int_equal(danests_policy_level(found), DANESTS_LEVEL_DEFER);
	danests_policy_unref(found);
	danests_free(ctx);
}

#define IN_DIR(f) cmocka_unit_test_teardown(f, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(S13_what_is_put_and_synced_is_there_for_the_next_one),
		IN_DIR(without_a_folder_memory_does),
		IN_DIR(what_cannot_be_held_is_refused_in_words),
		IN_DIR(a_policy_that_seems_to_come_from_tomorrow_does_not_live_longer),
		IN_DIR(a_walk_shows_all),
		IN_DIR(changes_by_hand_are_told_so_that_replies_are_forgotten),
		IN_DIR(status_speaks_of_the_folder),
		IN_DIR(the_second_on_one_folder_is_told_plainly),
		IN_DIR(a_folder_that_cannot_be_made_is_named),
		IN_DIR(S13_a_lookup_rests_on_what_was_put),
	};

	return cmocka_run_group_tests(tests, make_top, remove_top);
}
