/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parse/note.h"

static void notes_are_lines_of_printable_ascii(void **state)
{
	struct notes notes = {0};

	(void)state;
	note_add(&notes, "a\nb%s", "\x1b[2J\xff");
	note_add(&notes, "%d", 7);
	assert_int_equal(notes.count, 2);
	assert_string_equal(notes.text.data, "a?b?[2J?\n7\n");
	notes_free(&notes);
	assert_null(notes.text.data);
	assert_int_equal(notes.count, 0);
}

static void nobody_needs_to_want_them(void **state)
{
	(void)state;
	note_add(NULL, "%s", "x");
	notes_free(NULL);
}

static void there_are_never_many_nor_long_ones(void **state)
{
	struct notes notes = {0};
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < NOTE_MAX + 5; i++)
		note_add(&notes, "%s", text);
	assert_int_equal(notes.count, NOTE_MAX);
	assert_int_equal(notes.more, 5);
	assert_int_equal(notes.text.len, NOTE_MAX * 512);
	notes_free(&notes);
	assert_int_equal(notes.more, 0);
}

static void what_is_shown_is_printable_and_cut_visibly(void **state)
{
	char shown[NOTE_SHOWN], text[200];

	(void)state;
	assert_string_equal(note_shown(shown, "a\0\xff", 3), "a??");
	assert_string_equal(note_shown(shown, NULL, 0), "");
	memset(text, 'x', sizeof(text));
	assert_int_equal(strlen(note_shown(shown, text, NOTE_SHOWN - 1)), NOTE_SHOWN - 1);
	assert_null(strchr(shown, '.'));
	assert_int_equal(strlen(note_shown(shown, text, NOTE_SHOWN)), NOTE_SHOWN - 1);
	assert_string_equal(shown + NOTE_SHOWN - 5, "x...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_are_lines_of_printable_ascii),
		cmocka_unit_test(nobody_needs_to_want_them),
		cmocka_unit_test(there_are_never_many_nor_long_ones),
		cmocka_unit_test(what_is_shown_is_printable_and_cut_visibly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
