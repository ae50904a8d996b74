/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk that cannot be read for a moment, or never again (S13): that is no damage.
 * What was promised is not removed for it. Link with -Wl,--wrap=pread.
 */
#include "test/unit/store_help.h"

#define MANY 500
#define VERSION 17  /* enforce, and long: more than is read at a time */

static int fail_after, fail_count, fail_error;

ssize_t __real_pread(int fd, void *data, size_t len, off_t offset);
ssize_t __wrap_pread(int fd, void *data, size_t len, off_t offset);

ssize_t __wrap_pread(int fd, void *data, size_t len, off_t offset)
{
	if (fail_count == 0 || fail_after-- > 0)
		return __real_pread(fd, data, len, offset);
	fail_after = 0;
	fail_count -= fail_count > 0;
	errno = fail_error;
	return -1;
}

/* After so many reads so many fail; -1: all. */
static void reads_fail(int after, int count, int error)
{
	fail_after = after;
	fail_count = count;
	fail_error = error;
}

static void reads_work(void)
{
	fail_count = 0;
}

static void fill(void)
{
	for (int i = 0; i < MANY; i++)
		put(i, VERSION);
	assert_int_equal(store_sync(store), DANESTS_OK);
}

static int left(void)
{
	int n = 0;

	for (int i = 0; i < MANY; i++)
		n += held(i) == VERSION;
	return n;
}

static void want_fold(void)
{
	store->fold_wanted = true;
	store_fold_consider(store);
	turn();
}

static void S13_a_read_that_fails_in_a_fold_costs_nothing(void **state)
{
	(void)state;
	for (int after = 0; after < 60; after += 7) {
		fill();
		reads_fail(after, 5, EIO);
		want_fold();
		reads_work();
		assert_int_equal(left(), MANY);
		assert_non_null(strstr(told, "Input/output error"));
		mono += 600000000;
		turn();
		assert_int_equal(store->fold_pause, 0);
		assert_int_equal(size_of("journal.1"), -1);
		open_again();
		assert_int_equal(left(), MANY);
	}
}

/* Else one bad place on the disk would fill it. */
static void S13_what_can_never_be_read_is_put_aside_and_kept(void **state)
{
	off_t size;

	(void)state;
	fill();
	size = size_of("journal.1");
	for (int i = 0; i < 12 && store->folds == 0; i++) {
		assert_int_equal(size_of("journal.1"), size);
		reads_fail(3, 1, EIO);
		want_fold();
		reads_work();
		mono += 600000000;
	}
	assert_int_equal(store->folds, 1);
	assert_int_equal(size_of("journal.1"), -1);
	assert_int_equal(size_of("journal.1.unread"), size);
	assert_int_equal(left(), MANY - 1);
	open_again();
	assert_int_equal(left(), MANY - 1);
	assert_int_equal(entries(), MANY - 1);
}

static void S13_a_read_that_fails_at_the_start_is_tried_again(void **state)
{
	(void)state;
	fill();
	for (int after = 0; after < 3; after++) {
		store_close(store);
		store = NULL;
		reads_fail(after, 1, EIO);
		open_max(1 << 24);
		assert_int_equal(fail_count, 0);
		assert_int_equal(left(), MANY);
		assert_int_equal(troubles, 0);
	}
}

static void S13_a_journal_that_cannot_be_read_at_all_is_no_start(void **state)
{
	char problem[STORE_PROBLEM];

	(void)state;
	fill();
	store_close(store);
	reads_fail(0, -1, EIO);
	assert_int_equal(try_open(1 << 24, problem), DANESTS_ECACHE);
	reads_work();
	assert_non_null(strstr(problem, "journal.1: Input/output error"));
	open_max(1 << 24);
	assert_int_equal(left(), MANY);
}

static void S13_a_journal_that_cannot_be_read_to_its_end_is_kept(void **state)
{
	off_t size;

	(void)state;
	fill();
	size = size_of("journal.1");
	store_close(store);
	store = NULL;
	reads_fail(1, -1, EIO);
	open_max(1 << 24);
	reads_work();
	assert_non_null(strstr(told, "cannot be read to its end: Input/output error"));
	assert_true(left() > 0 && left() < MANY);
	synced_put(MANY, 7);
	want_fold();
	assert_int_equal(size_of("journal.1.unread"), size);
	open_again();
	assert_true(left() > 0);
	assert_int_equal(held(MANY), 7);
}

/* P18: else the number of the new journal is one that is folded already. */
static void S13_numbers_go_on_when_the_snapshot_cannot_be_read_once(void **state)
{
	(void)state;
	for (unsigned v = 1; v < 4; v++) {
		synced_put(1, v * 5 + 1);
		fold();
	}
	store_close(store);
	store = NULL;
	for (int i = 1; i < 9; i++) {
		char name[JOURNAL_NAME_MAX];

		journal_name(name, (uint64_t)i);
		unlink(path(name));
	}
	reads_fail(1, 1, EIO);
	open_max(1 << 24);
	reads_work();
	assert_non_null(strstr(told, "policies.cdb is damaged"));
	synced_put(2, 7);
	open_again(); /* before there was a fold */
	assert_int_equal(held(1), 16);
	assert_int_equal(held(2), 7);
}

static void a_read_that_is_interrupted_goes_on(void **state)
{
	(void)state;
	fill();
	reads_fail(0, 3, EINTR);
	assert_int_equal(left(), MANY);
	reads_fail(2, 3, EINTR);
	fold();
	reads_fail(0, 2, EINTR);
	open_again();
	assert_int_equal(left(), MANY);
	assert_int_equal(fail_count + (int)(troubles + notes), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(S13_a_read_that_fails_in_a_fold_costs_nothing),
		STORE_TEST(S13_what_can_never_be_read_is_put_aside_and_kept),
		STORE_TEST(S13_a_read_that_fails_at_the_start_is_tried_again),
		STORE_TEST(S13_a_journal_that_cannot_be_read_at_all_is_no_start),
		STORE_TEST(S13_a_journal_that_cannot_be_read_to_its_end_is_kept),
		STORE_TEST(S13_numbers_go_on_when_the_snapshot_cannot_be_read_once),
		STORE_TEST(a_read_that_is_interrupted_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
