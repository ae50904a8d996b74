/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/store_help.h"

#include "source/file.h"

static int where;            /* the directory */
static struct journal *j;
static char replayed[400];

static int begin(void **state)
{
	if (setup(state) != 0)
		return -1;
	where = open(dir, O_RDONLY | O_DIRECTORY);
	replayed[0] = '\0';
	return journal_create(&j, where, 7);
}

static int finish(void **state)
{
	journal_free(j);
	close(where);
	return teardown(state);
}

static bool note(void *arg, const struct journal_frame *frame)
{
	size_t len = strlen(replayed);

	(void)arg;
	text_format(replayed + len, sizeof(replayed) - len, "%s%.*s ",
	    frame->type == JOURNAL_DEL ? "-" : "", (int)frame->len, (const char *)frame->payload);
	return true;
}

static void add(const char *text, enum journal_type type)
{
	struct buf b = {0};

	journal_add(j, &b, type, text, strlen(text));
	assert_int_equal(journal_append(j, &b), DANESTS_OK);
	buf_free(&b);
}

static enum journal_state replay(struct journal_damage *damage)
{
	enum journal_state state;

	journal_free(j);
	assert_int_equal(journal_adopt(&j, file_open(where, "journal.7", O_RDWR), 7, false),
	    DANESTS_OK);
	replayed[0] = '\0';
	assert_int_equal(journal_replay(j, note, NULL, &state, damage), DANESTS_OK);
	return state;
}

static void names_have_one_spelling(void **state)
{
	char name[JOURNAL_NAME_MAX];
	uint64_t n = 0;

	(void)state;
	journal_name(name, 12);
	assert_string_equal(name, "journal.12");
	assert_true(journal_number("journal.12", &n) && n == 12);
	assert_false(journal_number("journal.012", &n));
	assert_false(journal_number("journal.0", &n));
	assert_false(journal_number("journal.", &n));
	assert_false(journal_number("journal.1x", &n));
	assert_false(journal_number("journal.99999999999999999999", &n));
	assert_false(journal_number("policies.cdb", &n));
}

static void frames_come_back_in_order(void **state)
{
	struct journal_damage damage;
	struct buf b = {0};

	(void)state;
	add("one", JOURNAL_PUT);
	add("two", JOURNAL_DEL);
	add("three", JOURNAL_PUT);
	assert_int_equal(replay(&damage), JOURNAL_WHOLE);
	assert_string_equal(replayed, "one -two three ");
	assert_int_equal(damage.gaps + damage.tail, 0);
	assert_int_equal(j->size, size_of("journal.7"));
	assert_int_equal(journal_read(j, JOURNAL_HEADER + JOURNAL_FRAME, 3, &b), DANESTS_OK);
	assert_memory_equal(b.data, "one", 3);
	assert_int_equal(journal_read(j, j->size, 1, &b), DANESTS_OK);
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

static void a_gap_is_measured_and_passed(void **state)
{
	struct journal_damage damage;

	(void)state;
	add("one", JOURNAL_PUT);
	add("two", JOURNAL_PUT);
	add("three", JOURNAL_PUT);
	flip("journal.7", JOURNAL_HEADER + JOURNAL_FRAME + 3 + 9);
	assert_int_equal(replay(&damage), JOURNAL_WHOLE);
	assert_string_equal(replayed, "one three ");
	assert_int_equal(damage.gaps, 1);
	assert_int_equal(damage.gap, JOURNAL_FRAME + 3);
}

static void zeros_at_the_end_are_nobodys_loss(void **state)
{
	struct journal_damage damage;
	off_t size;

	(void)state;
	add("one", JOURNAL_PUT);
	size = size_of("journal.7");
	assert_int_equal(truncate(path("journal.7"), size + 600000), 0);
	assert_int_equal(replay(&damage), JOURNAL_WHOLE);
	assert_true(damage.tail_zero && damage.tail == 600000);
	assert_int_equal(j->size, size);
	append("journal.7", "x", 1);
	assert_int_equal(replay(&damage), JOURNAL_WHOLE);
	assert_false(damage.tail_zero);
}

/* What an older file left on the disk has another salt. */
static void a_frame_of_another_journal_is_none(void **state)
{
	struct journal_damage damage;
	struct journal *other;
	struct buf b = {0};

	(void)state;
	add("one", JOURNAL_PUT);
	assert_int_equal(journal_create(&other, where, 8), DANESTS_OK);
	assert_true(other->salt != j->salt);
	journal_add(other, &b, JOURNAL_PUT, "old", 3);
	append("journal.7", b.data, b.len);
	assert_int_equal(replay(&damage), JOURNAL_WHOLE);
	assert_string_equal(replayed, "one ");
	assert_int_equal(damage.tail, b.len);
	journal_free(other);
	buf_free(&b);
}

static void headers_tell_whose_it_is(void **state)
{
	struct journal_damage damage;

	(void)state;
	add("one", JOURNAL_PUT);
	flip("journal.7", 13);
	assert_int_equal(replay(&damage), JOURNAL_WHOLE);
	assert_string_equal(replayed, "one ");
	flip("journal.7", 32 + 13);
	assert_int_equal(replay(&damage), JOURNAL_DAMAGED);
	flip("journal.7", 0);
	flip("journal.7", 32);
	assert_int_equal(replay(&damage), JOURNAL_FOREIGN);
	assert_int_equal(truncate(path("journal.7"), JOURNAL_HEADER - 1), 0);
	assert_int_equal(replay(&damage), JOURNAL_EMPTY);
}

static void a_journal_under_another_name_is_not_replayed(void **state)
{
	struct journal_damage damage;
	enum journal_state what;

	(void)state;
	add("one", JOURNAL_PUT);
	journal_free(j);
	assert_int_equal(journal_adopt(&j, file_open(where, "journal.7", O_RDWR), 9, false),
	    DANESTS_OK);
	assert_int_equal(journal_replay(j, note, NULL, &what, &damage), DANESTS_OK);
	assert_int_equal(what, JOURNAL_FOREIGN);
}

#define JOURNAL_TEST(f) cmocka_unit_test_setup_teardown(f, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOURNAL_TEST(names_have_one_spelling),
		JOURNAL_TEST(frames_come_back_in_order),
		JOURNAL_TEST(a_gap_is_measured_and_passed),
		JOURNAL_TEST(zeros_at_the_end_are_nobodys_loss),
		JOURNAL_TEST(a_frame_of_another_journal_is_none),
		JOURNAL_TEST(headers_tell_whose_it_is),
		JOURNAL_TEST(a_journal_under_another_name_is_not_replayed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
