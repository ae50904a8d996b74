/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "plugin/memo.h"

#define NOW ((time_t)1767225600)
#define PLENTY ((size_t)64 << 20)
#define MOVED 8     /* buckets, and GIVEN_UP entries at most, for one that is put in */
#define GIVEN_UP 64

static struct changes changes;

static struct memo_value nothing(time_t expires)
{
	struct memo_value v = {
		.expires = expires, .ms = 12, .hosts = 2, .worth = MEMO_NOTHING,
		.level = { "NOTFOUND", "NOTFOUND" }, .token = "", .sts_id = "", .reason = "",
		.reply = { { "9:NOTFOUND ,", 12 }, { "9:NOTFOUND ,", 12 } },
	};

	return v;
}

static struct memo_value sts(time_t expires)
{
	struct memo_value v = nothing(expires);

	v.worth = MEMO_STS;
	v.sts = 3;
	v.level[MEMO_PLAIN] = v.level[MEMO_TLSRPT] = "secure";
	v.sts_id = "20260101T000000";
	v.reply[MEMO_PLAIN] = (struct memo_reply){ "8:OK plain,", 11 };
	v.reply[MEMO_TLSRPT] = (struct memo_reply){ "14:OK with report,", 18 };
	return v;
}

static struct memo_entry *put(struct memo *m, const char *key, struct memo_value v, time_t now)
{
	return memo_put(m, key, strlen(key), &v, now);
}

static struct memo_entry *get(struct memo *m, const char *key, time_t now)
{
	return memo_get(m, key, strlen(key), now);
}

static void assert_reply(const struct memo_entry *e, int form, const char *want)
{
	struct memo_reply r = memo_reply(e, form);

	assert_int_equal(r.len, strlen(want));
	assert_memory_equal(r.data, want, r.len);
}

static void what_is_put_can_be_read(void **state)
{
	struct memo_value v = sts(NOW + 60), out;
	struct memo m;

	(void)state;
	memo_init(&m, PLENTY, &changes);
	v.token = "dnssec-invalid";
	v.reason = "TXT of example.com: bogus";
	v.dane = 7;
	v.settled = 1;
	v.level[MEMO_TLSRPT] = "may";
	assert_non_null(put(&m, "example.com", v, NOW));
	assert_non_null(put(&m, "example.co", nothing(NOW + 60), NOW));
	memo_read(get(&m, "example.com", NOW), &out);
	assert_int_equal(out.expires, NOW + 60);
	assert_int_equal(out.ms, 12);
	assert_int_equal(out.hosts, 2);
	assert_int_equal(out.worth, MEMO_STS);
	assert_int_equal(out.dane, 7);
	assert_int_equal(out.settled, 1);
	assert_int_equal(out.sts, 3);
	assert_string_equal(out.level[MEMO_PLAIN], "secure");
	assert_string_equal(out.level[MEMO_TLSRPT], "may");
	assert_string_equal(out.token, "dnssec-invalid");
	assert_string_equal(out.sts_id, "20260101T000000");
	assert_string_equal(out.reason, "TXT of example.com: bogus");
	assert_reply(get(&m, "example.com", NOW), MEMO_PLAIN, "8:OK plain,");
	assert_reply(get(&m, "example.com", NOW), MEMO_TLSRPT, "14:OK with report,");
	memo_read(get(&m, "example.co", NOW), &out);
	assert_string_equal(out.level[MEMO_PLAIN], "NOTFOUND");
	assert_string_equal(out.token, "");
	assert_string_equal(out.sts_id, "");
	assert_string_equal(out.reason, "");
	assert_reply(get(&m, "example.co", NOW), MEMO_TLSRPT, "9:NOTFOUND ,");
	memo_free(&m);
}

static void one_reply_for_both_forms_is_stored_once(void **state)
{
	struct memo_value v = sts(NOW + 60);
	struct memo m;

	(void)state;
	memo_init(&m, PLENTY, &changes);
	v.reply[MEMO_TLSRPT] = v.reply[MEMO_PLAIN];
	put(&m, "a.test", v, NOW);
	assert_reply(get(&m, "a.test", NOW), MEMO_PLAIN, "8:OK plain,");
	assert_reply(get(&m, "a.test", NOW), MEMO_TLSRPT, "8:OK plain,");
	/* A text without stored replies: the constant ones stay constant. */
	v = nothing(NOW + 60);
	v.reason = "policy fetch failed";
	put(&m, "b.test", v, NOW);
	assert_reply(get(&m, "b.test", NOW), MEMO_TLSRPT, "9:NOTFOUND ,");
	memo_free(&m);
}

static void nothing_expired_is_given_out(void **state)
{
	struct memo m;

	(void)state;
	memo_init(&m, PLENTY, &changes);
	put(&m, "a.test", nothing(NOW + 30), NOW);
	assert_non_null(get(&m, "a.test", NOW + 29));
	assert_null(get(&m, "a.test", NOW + 30));
	assert_null(get(&m, "a.test", NOW + 31));
	assert_non_null(memo_known(&m, "a.test", 6)); /* but what it was is known */
	/* The clock was a month ahead and is set back. */
	assert_null(get(&m, "a.test", NOW - 30 * 86400));
	put(&m, "b.test", nothing(NOW), NOW); /* max_age 0: for this answer only */
	assert_null(get(&m, "b.test", NOW));
	memo_free(&m);
}

static void later_value_replaces_the_earlier(void **state)
{
	struct memo m;
	size_t before;

	(void)state;
	memo_init(&m, PLENTY, &changes);
	put(&m, "a.test", nothing(NOW + 30), NOW);
	before = memo_bytes(&m);
	for (int i = 0; i < 100; i++)
		put(&m, "a.test", i % 2 == 0 ? sts(NOW + 60) : nothing(NOW + 90), NOW);
	assert_reply(get(&m, "a.test", NOW + 89), MEMO_PLAIN, "9:NOTFOUND ,");
	assert_int_equal(memo_bytes(&m), before);
	memo_free(&m);
}

static void nothing_from_before_a_change_is_given_out(void **state)
{
	struct memo_value v = sts(NOW + 60);
	struct memo m;

	(void)state;
	memo_init(&m, PLENTY, &changes);
	v.mark = changes_mark(&changes, "a.test:587", 10);
	put(&m, "a.test:587", v, NOW);
	assert_non_null(get(&m, "a.test:587", NOW));
	changes_add(&changes, "a.test");
	assert_null(get(&m, "a.test:587", NOW));
	assert_non_null(memo_known(&m, "a.test:587", 10)); /* but what it was is known */
	put(&m, "a.test:587", v, NOW); /* found out before the change, put after it */
	assert_null(get(&m, "a.test:587", NOW));
	memo_free(&m);
}

static void time_of_the_log_line_is_kept(void **state)
{
	struct memo m;

	(void)state;
	memo_init(&m, PLENTY, &changes);
	put(&m, "a.test", nothing(NOW + 30), NOW);
	memo_set_logged(get(&m, "a.test", NOW), NOW);
	assert_int_equal(memo_logged(get(&m, "a.test", NOW)), NOW);
	memo_free(&m);
}

static void fill(struct memo *m, const char *label, size_t count, struct memo_value v)
{
	char key[40];

	for (size_t i = 0; i < count; i++) {
		snprintf(key, sizeof(key), "%s%07zu.example.com", label, i);
		put(m, key, v, NOW);
		assert_true(memo_bytes(m) <= m->limit);
	}
}

static size_t kept(struct memo *m, const char *label, size_t count, time_t now)
{
	size_t n = 0;
	char key[40];

	for (size_t i = 0; i < count; i++) {
		snprintf(key, sizeof(key), "%s%07zu.example.com", label, i);
		n += get(m, key, now) != NULL;
	}
	return n;
}

static void full_memo_gives_up_nothing_of_more_worth(void **state)
{
	struct memo m;

	(void)state;
	memo_init(&m, 1 << 20, &changes);
	fill(&m, "sts", 1000, sts(NOW + 3600));
	fill(&m, "none", 50000, nothing(NOW + 3600));
	assert_int_equal(kept(&m, "sts", 1000, NOW), 1000);
	assert_true(kept(&m, "none", 50000, NOW) > 1000);
	memo_free(&m);
}

static void policies_push_out_what_is_no_policy(void **state)
{
	struct memo m;

	(void)state;
	memo_init(&m, 1 << 20, &changes);
	fill(&m, "none", 50000, nothing(NOW + 3600));
	fill(&m, "sts", 1000, sts(NOW + 3600));
	assert_true(kept(&m, "sts", 1000, NOW) >= 990);
	memo_free(&m);
}

static void expired_entries_go_first(void **state)
{
	struct memo m;

	(void)state;
	memo_init(&m, 1 << 20, &changes);
	fill(&m, "old", 2000, sts(NOW)); /* expired, though worth more */
	fill(&m, "new", 50000, nothing(NOW + 3600));
	assert_true(kept(&m, "new", 50000, NOW) > 5000);
	memo_free(&m);
}

static void value_that_can_never_fit_is_not_kept(void **state)
{
	static char huge[100000];
	struct memo_value v = sts(NOW + 60);
	struct memo m;

	(void)state;
	memo_init(&m, 50000, &changes);
	memset(huge, 'x', sizeof(huge));
	v.reply[MEMO_PLAIN] = (struct memo_reply){ huge, sizeof(huge) };
	assert_null(put(&m, "a.test", v, NOW));
	assert_null(memo_known(&m, "a.test", 6));
	assert_non_null(put(&m, "a.test", nothing(NOW + 60), NOW));
	memo_free(&m);
}

/* Nobody waits for a table that grows: what an insertion moves of the others is
 * bounded, however many there are. (How long the latest answer takes is measured by
 * bench/run --part memory.) */
static void put_and_count(struct memo *m, const char *key, struct memo_value v)
{
	const struct map before = m->map;

	assert_non_null(put(m, key, v, NOW));
	if (before.old == NULL) /* one that begins to grow moves nothing yet */
		assert_int_equal(m->map.moved, 0);
	else if (m->map.old == before.old)
		assert_true(m->map.moved - before.moved <= MOVED);
	else /* the last of them */
		assert_true(m->map.old == NULL && before.old_n - before.moved <= MOVED);
}

/* A fraction of the 300 octets that the whole service may take. */
static void million_domains_without_policy_are_small_and_put_in_small_steps(void **state)
{
	size_t grown = 0, tables = 0;
	struct memo m;
	char key[40];

	(void)state;
	memo_init(&m, (size_t)128 << 20, &changes);
	for (size_t i = 0; i < 1000000; i++) {
		snprintf(key, sizeof(key), "d%07zu.example.com", i);
		put_and_count(&m, key, nothing(NOW + 3600));
		grown += m.map.cur_n != tables;
		tables = m.map.cur_n;
	}
	assert_true(memo_bytes(&m) <= 110 * 1000000);
	assert_true(grown > 10);
	memo_free(&m);
}

/* Nor for one that is full: however large a value, few are given up at a time. */
static void large_value_gives_up_few_at_a_time(void **state)
{
	static char large[65536];
	struct memo_value v = sts(NOW + 3600);
	struct memo m;

	(void)state;
	memo_init(&m, 1 << 20, &changes);
	fill(&m, "none", 50000, nothing(NOW + 3600));
	memset(large, 'x', sizeof(large));
	v.reply[MEMO_PLAIN] = (struct memo_reply){ large, sizeof(large) };
	for (int i = 0; i < 20 && get(&m, "large.example", NOW) == NULL; i++) {
		size_t count = m.map.count;

		put(&m, "large.example", v, NOW);
		assert_true(m.map.count + GIVEN_UP >= count);
	}
	assert_non_null(get(&m, "large.example", NOW));
	memo_free(&m);
}

static int setup(void **state)
{
	(void)state;
	return changes_init(&changes);
}

static int teardown(void **state)
{
	(void)state;
	changes_free(&changes);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_can_be_read),
		cmocka_unit_test(one_reply_for_both_forms_is_stored_once),
		cmocka_unit_test(nothing_expired_is_given_out),
		cmocka_unit_test(later_value_replaces_the_earlier),
		cmocka_unit_test(nothing_from_before_a_change_is_given_out),
		cmocka_unit_test(time_of_the_log_line_is_kept),
		cmocka_unit_test(full_memo_gives_up_nothing_of_more_worth),
		cmocka_unit_test(policies_push_out_what_is_no_policy),
		cmocka_unit_test(expired_entries_go_first),
		cmocka_unit_test(value_that_can_never_fit_is_not_kept),
		cmocka_unit_test(million_domains_without_policy_are_small_and_put_in_small_steps),
		cmocka_unit_test(large_value_gives_up_few_at_a_time),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
