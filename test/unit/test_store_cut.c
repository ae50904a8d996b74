/* SPDX-License-Identifier: BSD-2-Clause */
/* Which policies go when there is no room for all of them (S27). */
#include "source/store_cut.h"
#include "test/unit/store_help.h"

#define WEEK 604800
#define YEAR 31536000

static char text[8000];

static struct record make(const char *domain, int mode, size_t len, time_t age, time_t left)
{
	memset(text, 'x', sizeof(text));
	return (struct record){
		.domain = domain, .id = "1", .text = text, .text_len = len, .mode = mode,
		.max_age = (uint32_t)age, .fetched = now + left - age, .expires = now + left,
		.used = now,
	};
}

/* In the order in which they go: exactly this one. */
static void S27_they_go_in_this_order(void **state)
{
	const struct record order[] = {
		make("over", STSBODY_ENFORCE, 100, WEEK, 0),
		make("none", STSBODY_NONE, 100, YEAR, YEAR),
		make("testing", STSBODY_TESTING, 100, YEAR, YEAR),
		make("large", STSBODY_ENFORCE, 4097, YEAR, YEAR),
		make("medium-old", STSBODY_ENFORCE, 1025, YEAR, YEAR / 2),
		make("medium", STSBODY_ENFORCE, 4096, YEAR, YEAR),
		make("old-year", STSBODY_ENFORCE, 100, YEAR, YEAR / 4),
		make("old-week", STSBODY_ENFORCE, 1024, WEEK, WEEK / 2),
		make("year", STSBODY_ENFORCE, 100, YEAR, YEAR / 10 * 9),
		make("week", STSBODY_ENFORCE, 100, WEEK, WEEK),
	};
	unsigned n = COUNT_OF(order);

	(void)state;
	for (unsigned gone = 0; gone <= n; gone++) {
		struct cut cut = {0};

		for (unsigned i = 0; i < n; i++)
			cut_measure(&cut, &order[n - 1 - i], 100, now);
		cut_set(&cut, (n - gone) * 100);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(cut_takes(&cut, &order[n - 1 - i], 100, now),
			    n - 1 - i < gone);
		assert_int_equal(cut.gone, gone == 0 ? 0 : gone - 1);
		assert_int_equal(cut.gone_enforce, gone < 3 ? 0 : gone - 3);
	}
}

/* The clock was ahead when it was fetched. */
static void S27_more_than_all_that_can_be_left_is_all(void **state)
{
	const struct record far = make("far", STSBODY_ENFORCE, 100, WEEK, (time_t)9 * YEAR);
	const struct record old = make("old", STSBODY_ENFORCE, 100, WEEK, WEEK / 9);
	struct cut cut = {0};

	(void)state;
	cut_measure(&cut, &far, 100, now);
	cut_measure(&cut, &old, 100, now);
	cut_set(&cut, 100);
	assert_false(cut_takes(&cut, &far, 100, now));
	assert_true(cut_takes(&cut, &old, 100, now));
}

static void S27_a_stranger_does_not_win_with_a_long_max_age(void **state)
{
	char domain[64];
	struct record r;
	int n = 0;

	(void)state;
	store_close(store);
	open_max(1 << 20);
	for (int i = 0; i < 200; i++) {
		text_format(domain, sizeof(domain), "d%d.example", i);
		r = make(domain, STSBODY_ENFORCE, 100, WEEK, WEEK / 2);
		assert_int_equal(store_put(store, &r), DANESTS_OK);
	}
	for (int i = 0; i < 600; i++) {
		text_format(domain, sizeof(domain), "s%d.stranger.example", i);
		r = make(domain, STSBODY_ENFORCE, 4000, YEAR, YEAR);
		assert_int_equal(store_put(store, &r), DANESTS_OK);
		if (i % 20 == 0) {
			assert_int_equal(store_sync(store), DANESTS_OK);
			turn();
		}
	}
	fold();
	for (int i = 0; i < 200; i++) {
		text_format(domain, sizeof(domain), "d%d.example", i);
		n += store_find(store, domain, &r);
	}
	assert_int_equal(n, 200);
	assert_non_null(strstr(told, "cache_size is reached"));
	assert_true(size_of("policies.cdb") <= 1 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(S27_they_go_in_this_order),
		STORE_TEST(S27_more_than_all_that_can_be_left_is_all),
		STORE_TEST(S27_a_stranger_does_not_win_with_a_long_max_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
