/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/store_help.h"

#include <cdb.h>

#include "base/crc.h"

#define NAME "new.cdb"

static int where;

static int begin(void **state)
{
	if (setup(state) != 0)
		return -1;
	where = open(dir, O_RDONLY | O_DIRECTORY);
	return where < 0;
}

static int finish(void **state)
{
	close(where);
	return teardown(state);
}

static void write_many(int n)
{
	struct snapshot_writer *w;
	struct buf bytes = {0};
	struct policy p;
	bool more = true;

	assert_int_equal(snapshot_write(&w, where, NAME), DANESTS_OK);
	for (int i = 0; i < n; i++) {
		buf_reset(&bytes);
		assert_int_equal(record_write(&bytes, policy(&p, i, (unsigned)i)), DANESTS_OK);
		assert_int_equal(snapshot_add(w, p.domain, strlen(p.domain), bytes.data, bytes.len),
		    DANESTS_OK);
	}
	assert_int_equal(snapshot_flush(w), DANESTS_OK);
	assert_int_equal(snapshot_unsynced(w), 0);
	while (more)
		assert_int_equal(snapshot_table(w, &more), DANESTS_OK);
	assert_int_equal(snapshot_finish(w, 5), DANESTS_OK);
	assert_int_equal(snapshot_written(w), size_of(NAME));
	snapshot_writer_free(w);
	buf_free(&bytes);
}

static struct snapshot *open_it(enum snapshot_state expected)
{
	enum snapshot_state is;
	struct snapshot *s = NULL;

	assert_int_equal(snapshot_open(&s, where, NAME, &is), DANESTS_OK);
	assert_int_equal(is, expected);
	return s;
}

static void all_are_found_and_no_others(void **state)
{
	struct snapshot *s;
	struct policy p;
	struct record r;
	unsigned strangers = 0;
	bool damaged;

	(void)state;
	write_many(3000);
	s = open_it(SNAPSHOT_WHOLE);
	assert_int_equal(snapshot_count(s), 3000);
	assert_int_equal(snapshot_folded(s), 5);
	for (int i = 0; i < 6000; i++) {
		policy(&p, i, (unsigned)i);
		assert_int_equal(snapshot_find(s, p.domain, strlen(p.domain), &r, &damaged),
		    i < 3000);
		assert_true(i >= 3000 || same(&r, &p.record));
		assert_false(damaged);
		strangers += i >= 3000 && snapshot_has(s, p.domain, strlen(p.domain));
		assert_true(i >= 3000 || snapshot_has(s, p.domain, strlen(p.domain)));
	}
	assert_true(strangers < 10);
	snapshot_unref(s);
}

/* The writer is ours: any reader of constant databases must take what it writes. */
static void tinycdb_reads_it(void **state)
{
	struct policy p;
	struct cdb cdb;
	unsigned at, n = 0;
	int fd;

	(void)state;
	write_many(1000);
	fd = open(path(NAME), O_RDONLY);
	assert_int_equal(cdb_init(&cdb, fd), 0);
	for (int i = 0; i < 1000; i++) {
		policy(&p, i, (unsigned)i);
		assert_int_equal(cdb_find(&cdb, p.domain, (unsigned)strlen(p.domain)), 1);
		assert_memory_equal((const char *)cdb_getdata(&cdb) + RECORD_HEAD, p.domain,
		    strlen(p.domain));
	}
	cdb_seqinit(&at, &cdb);
	while (cdb_seqnext(&at, &cdb) > 0)
		n++;
	assert_int_equal(n, 1000);
	cdb_free(&cdb);
	close(fd);
}

static void an_empty_one_is_whole(void **state)
{
	struct snapshot_place place = {0};
	struct snapshot_item item;
	struct snapshot *s;

	(void)state;
	write_many(0);
	s = open_it(SNAPSHOT_WHOLE);
	assert_int_equal(snapshot_count(s), 0);
	assert_false(snapshot_has(s, "d1.example.com", 14));
	assert_int_equal(snapshot_next(s, &place, &item), SNAPSHOT_END);
	snapshot_unref(s);
}

static void a_later_version_is_foreign_and_a_changed_one_damaged(void **state)
{
	uint8_t trailer[48];
	off_t size;
	int fd;

	(void)state;
	assert_null(open_it(SNAPSHOT_NONE));
	write_many(10);
	size = size_of(NAME);
	fd = open(path(NAME), O_RDWR);
	assert_int_equal(pread(fd, trailer, 48, size - 48), 48);
	trailer[36] = 2;
	assert_int_equal(pwrite(fd, trailer, 48, size - 48), 48);
	snapshot_unref(open_it(SNAPSHOT_DAMAGED)); /* no version, a flipped bit */
	le_set32(trailer + 32, crc32c(crc32c(0, trailer, 32), trailer + 36, 12));
	assert_int_equal(pwrite(fd, trailer, 48, size - 48), 48);
	snapshot_unref(open_it(SNAPSHOT_FOREIGN));
	close(fd);
}

/* One after the other, past what is damaged: also past a wrong length. */
static void the_sequence_gets_past_a_damaged_record(void **state)
{
	struct snapshot_place place;
	struct snapshot_item item;
	enum snapshot_step step;
	struct snapshot *s;
	unsigned n;

	(void)state;
	for (off_t at = 2048; at < 2048 + 200; at++) {
		write_many(4);
		flip(NAME, at);
		s = open_it(SNAPSHOT_WHOLE); /* as far as opening can know */
		place = (struct snapshot_place){0};
		for (n = 0; (step = snapshot_next(s, &place, &item)) != SNAPSHOT_END;)
			n += step == SNAPSHOT_RECORD;
		assert_true(n == 3 || (n == 4 && place.gap == 0));
		snapshot_unref(s);
	}
}

static void a_long_gap_is_searched_with_pauses(void **state)
{
	static char garbage[600000];
	struct snapshot_place place = {0};
	struct snapshot_item item;
	enum snapshot_step step;
	struct snapshot *s;
	int pauses = 0, records = 0;

	(void)state;
	write_many(3);
	memset(garbage, 1, sizeof(garbage));
	append(NAME, garbage, sizeof(garbage));
	s = open_it(SNAPSHOT_DAMAGED);
	while ((step = snapshot_next(s, &place, &item)) != SNAPSHOT_END) {
		pauses += step == SNAPSHOT_PAUSE;
		records += step == SNAPSHOT_RECORD;
	}
	assert_int_equal(records, 3);
	assert_true(pauses > 5 && pauses < 50);
	snapshot_unref(s);
}

static void it_is_given_up_a_piece_at_a_time(void **state)
{
	struct snapshot *s;

	(void)state;
	write_many(10);
	s = open_it(SNAPSHOT_WHOLE);
	snapshot_ref(s);
	assert_false(snapshot_retire(s)); /* somebody else reads it */
	snapshot_unref(s);
	assert_true(snapshot_retire(s));
	assert_false(snapshot_retire(s));
	snapshot_unref(s);
	snapshot_unref(NULL);
}

#define SNAPSHOT_TEST(f) cmocka_unit_test_setup_teardown(f, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SNAPSHOT_TEST(all_are_found_and_no_others),
		SNAPSHOT_TEST(tinycdb_reads_it),
		SNAPSHOT_TEST(an_empty_one_is_whole),
		SNAPSHOT_TEST(a_later_version_is_foreign_and_a_changed_one_damaged),
		SNAPSHOT_TEST(the_sequence_gets_past_a_damaged_record),
		SNAPSHOT_TEST(a_long_gap_is_searched_with_pauses),
		SNAPSHOT_TEST(it_is_given_up_a_piece_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
