/* SPDX-License-Identifier: BSD-2-Clause */
/* The grammar that records of MTA-STS and TLSRPT share; with a version of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parse/txtrec.h"

#define V "v=X1"

static void s3_5_5_forms(void **state)
{
	static const struct {
		const char *text;
		enum txtrec_form form;
	} rows[] = {
		{ V ";", TXTREC_STRICT }, { V "; a=b", TXTREC_STRICT },
		{ V " ;", TXTREC_LENIENT }, { V "\t \t;a=b", TXTREC_LENIENT },
		{ "", TXTREC_NONE }, { "v", TXTREC_NONE }, { V, TXTREC_NONE },
		{ V " ", TXTREC_NONE },
		{ V "0;", TXTREC_NONE }, { "V=X1;", TXTREC_NONE }, { " " V ";", TXTREC_NONE },
		{ V "\n;", TXTREC_NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (txtrec_form(V, rows[i].text, strlen(rows[i].text)) != rows[i].form)
			fail_msg("%s", rows[i].text);
}

/* Fields as "name=value|", then what ended it: '.' or '!'. */
static void s4_fields(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ V ";", "." }, { V "; ", "." }, { V ";a=b", "a=b|." }, { V " ; a=b ;", "a=b|." },
		{ V ";a=b;c=d=e;\t", "a=b|c=d=e|." }, { V ";a=", "a=|." },
		{ V ";a=b ", "a=b |." }, /* no ';' that the blank belongs to */
		{ V ";;", "!" }, { V ";a=b;;", "a=b|!" }, { V ";a=b; ;c=d", "a=b|!" },
		{ V ";a", "!" }, { V ";=b", "!" }, { V ";_a=b", "!" }, { V ";a b=c", "!" },
		{ V ";a =b", "!" },
	};
	char got[100];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct txtrec_field f = {0};
		enum txtrec_step step;
		struct txtrec rec;
		size_t n = 0;

		txtrec_open(&rec, rows[i].text, strlen(rows[i].text));
		while ((step = txtrec_next(&rec, &f)) == TXTREC_FIELD)
			n += (size_t)snprintf(got + n, sizeof(got) - n, "%.*s=%.*s|",
			    (int)f.name_len, f.name, (int)f.value_len, f.value);
		(void)snprintf(got + n, sizeof(got) - n, "%c", step == TXTREC_END ? '.' : '!');
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].text, got);
		assert_int_equal(rec.why[0] != '\0', step == TXTREC_BAD);
	}
}

static void s3_r1_which_record_is_the_one(void **state)
{
	static const struct {
		const char *txt[3];
		size_t found, which, notes;
	} rows[] = {
		{ { "x", V ";", "y" }, 1, 1, 2 },
		{ { V " ;", "x", V ";" }, 1, 2, 2 },
		{ { V " ;", "x", "y" }, 1, 0, 3 }, /* and one for the blank */
		{ { V " ;", V "\t;", "y" }, 2, 0, 1 },
		{ { V ";", V " ;", V ";" }, 2, 0, 1 },
		{ { "x", "y", "z" }, 0, 0, 0 },
	};
	struct danests_text texts[3];
	size_t which;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct notes notes = {0};

		for (size_t j = 0; j < 3; j++)
			texts[j] = (struct danests_text){ rows[i].txt[j], strlen(rows[i].txt[j]) };
		assert_int_equal(txtrec_choose(V, texts, 3, &which, &notes), rows[i].found);
		if (rows[i].found == 1)
			assert_int_equal(which, rows[i].which);
		if (notes.count != rows[i].notes)
			fail_msg("row %zu: %s", i, notes.text.data);
		notes_free(&notes);
	}
}

static void common_slips_are_named(void **state)
{
	static const struct {
		const char *text, *word;
	} rows[] = {
		{ " " V "; a=b", "quotes" }, { "\"" V ";\"", "quotes" }, { "\"V=x1;\"", "quotes" },
		{ "V=X1;", "case" }, { V, "semicolon" }, { V " a=b", "semicolon" },
		{ "x", "begin with \"" V ";\"" }, { "", "begin with" }, { "\"", "begin with" },
	};
	struct danests_text one;
	char why[TXTREC_WHY];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		one = (struct danests_text){ rows[i].text, strlen(rows[i].text) };
		txtrec_none(why, V, &one, 1);
		if (strstr(why, rows[i].word) == NULL)
			fail_msg("%s: %s", rows[i].text, why);
	}
	txtrec_none(why, V, NULL, 0);
	assert_non_null(strstr(why, "no TXT record"));
}

static void s4_names_and_hints(void **state)
{
	static const char *const known[] = { "id", NULL };
	char hint[TXTREC_HINT];

	(void)state;
	assert_true(txtrec_name_valid("a_-.9", 5));
	assert_true(txtrec_name_valid("9", 1));
	assert_false(txtrec_name_valid("", 0));
	assert_false(txtrec_name_valid(".a", 2));
	assert_false(txtrec_name_valid("a\0", 2));
	assert_true(txtrec_name_valid("abcdefghijabcdefghijabcdefghij12", 32));
	assert_false(txtrec_name_valid("abcdefghijabcdefghijabcdefghij123", 33));
	assert_non_null(strstr(txtrec_hint(hint, "ID", 2, known), "\"id\""));
	assert_string_equal(txtrec_hint(hint, "idx", 3, known), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(s3_5_5_forms),
		cmocka_unit_test(s4_fields),
		cmocka_unit_test(s3_r1_which_record_is_the_one),
		cmocka_unit_test(common_slips_are_named),
		cmocka_unit_test(s4_names_and_hints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
