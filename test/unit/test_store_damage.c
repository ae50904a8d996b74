/* SPDX-License-Identifier: BSD-2-Clause */
/* Damage costs the record it is in and no other; and it is told. */
#include "test/unit/store_help.h"

#define MANY 4
#define FIRST 19  /* short ones: see policy() */

static void fill(unsigned version)
{
	for (int i = 0; i < MANY; i++)
		put(i, version + (unsigned)i);
	assert_int_equal(store_sync(store), DANESTS_OK);
}

/* How many are still there, each what it was. */
static int left(unsigned version)
{
	int n = 0;

	for (int i = 0; i < MANY; i++) {
		unsigned found = held(i);

		assert_true(found == 0 || found == version + (unsigned)i);
		n += found != 0;
	}
	return n;
}

static void copy(const char *from, const char *to)
{
	static char data[100000];
	int in = open(path(from), O_RDONLY);
	ssize_t n = read(in, data, sizeof(data));

	assert_true(n >= 0 && n < (ssize_t)sizeof(data));
	close(in);
	append(to, data, (size_t)n);
}

static void clean(void)
{
	char name[64];

	unlink(path("policies.cdb"));
	unlink(path("policies.cdb.damaged"));
	unlink(path("policies.cdb.foreign"));
	for (int i = 1; i < 9; i++) {
		text_format(name, sizeof(name), "journal.%d", i);
		unlink(path(name));
	}
}

/* With the file as it was kept, but for what harm() does to it. */
static void reopen_harmed(const char *name, void (*harm)(const char *name, off_t at), off_t at)
{
	store_close(store);
	clean();
	copy("keep", name);
	harm(name, at);
	open_max(1 << 24);
}

static void cut(const char *name, off_t at)
{
	assert_int_equal(truncate(path(name), at), 0);
}

static void keep(const char *name)
{
	store_close(store);
	store = NULL;
	copy(name, "keep");
}

static void S13_any_octet_of_a_journal_changed(void **state)
{
	off_t size;

	(void)state;
	fill(FIRST);
	keep("journal.1");
	size = size_of("keep");
	for (off_t at = 0; at < size; at += at < 70 ? 1 : 3) {
		reopen_harmed("journal.1", flip, at);
		assert_int_equal(left(FIRST), at < (off_t)JOURNAL_HEADER ? MANY : MANY - 1);
		assert_true(at < (off_t)JOURNAL_HEADER || troubles + notes == 1);
	}
}

static void S13_a_journal_cut_anywhere(void **state)
{
	off_t size;
	int before = 0;

	(void)state;
	fill(FIRST);
	keep("journal.1");
	size = size_of("keep");
	for (off_t at = size % 5; at <= size; at += 5) {
		reopen_harmed("journal.1", cut, at);
		assert_true(left(FIRST) == before || left(FIRST) == before + 1);
		before = left(FIRST);
		assert_int_equal(troubles, 0);
		synced_put(9, 1); /* and it goes on from there */
		open_again();
		assert_int_equal(left(FIRST), before);
		assert_int_equal(held(9), 1);
	}
	assert_int_equal(before, MANY);
}

static void S13_any_octet_of_a_snapshot_changed(void **state)
{
	off_t size;

	(void)state;
	fill(FIRST);
	fold();
	keep("policies.cdb");
	size = size_of("keep");
	for (off_t at = 0; at < size; at += at < 2040 ? 120 : 3) {
		reopen_harmed("policies.cdb", flip, at);
		left(FIRST); /* what is found is right, and a fold heals it */
		turn();
		fold();
		assert_true(left(FIRST) >= MANY - 1);
		assert_int_equal((int)entries(), left(FIRST));
		assert_true(left(FIRST) == MANY || troubles + notes > 0);
		open_again();
		assert_int_equal(troubles, 0);
	}
}

static void S13_a_snapshot_cut_anywhere(void **state)
{
	off_t size;
	int before = 0;

	(void)state;
	fill(FIRST);
	fold();
	keep("policies.cdb");
	size = size_of("keep");
	for (off_t at = 0; at < size; at += at < 1700 ? 170 : 11) {
		reopen_harmed("policies.cdb", cut, at);
		assert_true(left(FIRST) >= before);
		before = left(FIRST);
		assert_true(troubles > 0);
		turn();
		assert_int_equal(left(FIRST), before);
		open_again();
		assert_int_equal(left(FIRST), before);
		assert_int_equal(troubles, 0);
	}
	assert_int_equal(before, MANY);
}

static void a_damaged_snapshot_is_put_aside(void **state)
{
	(void)state;
	fill(FIRST);
	fold();
	store_close(store);
	store = NULL;
	flip("policies.cdb", 2);
	open_max(1 << 24);
	assert_int_equal(left(FIRST), MANY);
	assert_non_null(strstr(told, "4 policies in it are whole"));
	turn();
	assert_true(size_of("policies.cdb.damaged") > 2048);
	assert_int_equal(size_of("policies.cdb.damaged"), size_of("policies.cdb"));
	open_again();
	assert_int_equal(left(FIRST), MANY);
	assert_int_equal(troubles, 0);
}

static void what_is_not_ours_is_put_aside(void **state)
{
	static const char other[3000] = "somebody else's, and longer than the header of a cdb";

	(void)state;
	store_close(store);
	store = NULL;
	clean();
	append("policies.cdb", other, sizeof(other));
	append("journal.3", other, sizeof(other));
	append("journal.x", other, 10);
	append("journal.5", "", 0);
	open_max(1 << 24);
	assert_int_equal(troubles, 2);
	assert_int_equal(size_of("policies.cdb.foreign"), 3000);
	assert_int_equal(size_of("journal.3.foreign"), 3000);
	assert_int_equal(size_of("journal.x"), 10);
	assert_int_equal(size_of("journal.5"), -1); /* nothing was ever in it */
	fill(FIRST);
	open_again();
	assert_int_equal(left(FIRST), MANY);
	assert_int_equal(troubles, 0);
}

/* Garbage may hold anything; what stands behind it is not lost. */
static void S13_garbage_in_the_middle_of_a_journal(void **state)
{
	char garbage[3000];

	(void)state;
	fill(FIRST);
	store_close(store);
	store = NULL;
	for (size_t i = 0; i < sizeof(garbage); i++)
		garbage[i] = (char)(i % 4 == 0 ? 0xda : i % 4 == 1 ? 0x5e : i % 4 == 2 ? 0x4a : 1);
	append("journal.1", garbage, sizeof(garbage));
	open_max(1 << 24);
	assert_int_equal(left(FIRST), MANY);
	assert_int_equal(notes, 1);
	assert_non_null(strstr(told, "the last 3000 octets"));
	synced_put(9, 1);
	open_again();
	assert_int_equal(held(9), 1);
	assert_int_equal(troubles + notes, 0);
}

static void a_link_is_not_followed(void **state)
{
	char problem[STORE_PROBLEM];

	(void)state;
	fill(FIRST);
	keep("journal.1");
	clean();
	assert_int_equal(symlink("keep", path("journal.1")), 0);
	assert_int_equal(try_open(1 << 24, problem), DANESTS_ECACHE);
	assert_non_null(strstr(problem, "journal.1: not a regular file"));
	clean();
	assert_int_equal(mkdir(path("policies.cdb"), 0700), 0);
	assert_int_equal(try_open(1 << 24, problem), DANESTS_ECACHE);
	assert_non_null(strstr(problem, "policies.cdb: not a regular file"));
}

static void S13_a_read_only_directory_is_read(void **state)
{
	struct store_status status;
	uid_t root = geteuid();

	(void)state;
	fill(FIRST);
	fold();
	synced_put(9, 1);
	store_close(store);
	store = NULL;
	chmod(dir, 0555);
	chmod(path("lock"), 0444);
	chmod(path("policies.cdb"), 0444);
	chmod(path("journal.2"), 0444);
	assert_true(root != 0 || seteuid(65534) == 0); /* root may write everywhere */
	open_max(1 << 24);
	assert_int_equal(left(FIRST), MANY);
	assert_int_equal(held(9), 1);
	assert_int_equal(troubles, 1);
	put(8, 1);
	assert_int_equal(held(8), 1);
	assert_int_equal(store_sync(store), DANESTS_ECACHE);
	store_status(store, &status);
	assert_false(status.writable);
	assert_int_equal(status.unsaved, 1);
	assert_true(root != 0 || seteuid(root) == 0);
	chmod(dir, 0755);
	chmod(path("lock"), 0644);
	mono += 11000000;
	turn();
	assert_int_equal(notes, 1);
	open_again();
	assert_int_equal(held(8), 1);
	assert_int_equal(held(9), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(S13_any_octet_of_a_journal_changed),
		STORE_TEST(S13_a_journal_cut_anywhere),
		STORE_TEST(S13_any_octet_of_a_snapshot_changed),
		STORE_TEST(S13_a_snapshot_cut_anywhere),
		STORE_TEST(a_damaged_snapshot_is_put_aside),
		STORE_TEST(what_is_not_ours_is_put_aside),
		STORE_TEST(S13_garbage_in_the_middle_of_a_journal),
		STORE_TEST(a_link_is_not_followed),
		STORE_TEST(S13_a_read_only_directory_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
