/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parse/ststxt.h"

#define ID32 "0123456789abcdefghijABCDEFGHIJ32"

/* Rows are S4's grammar: status and, when fine, id. */
static void s4_s5_one_record(void **state)
{
	static const struct {
		const char *txt;
		enum ststxt_status want;
		const char *id, *why;
	} rows[] = {
		{ "v=STSv1; id=20160831085700Z;", STSTXT_OK, "20160831085700Z", "RFC 8461's own" },
		{ "v=STSv1; id=1", STSTXT_OK, "1", "no final delimiter" },
		{ "v=STSv1;id=1; \t", STSTXT_OK, "1", "blanks after the final delimiter" },
		{ "v=STSv1;\t id=1 \t;", STSTXT_OK, "1", "blanks around" },
		{ "v=STSv1; id=" ID32 ";", STSTXT_OK, ID32, "32 octets" },
		{ "v=STSv1; x=y; id=aB;", STSTXT_OK, "aB", "order free" },
		{ "v=STSv1; a_-.9=!\"#:<>~; id=1", STSTXT_OK, "1", "an extension" },
		{ "v=STSv1; id=1; x=y; x=z;", STSTXT_OK, "1", "an extension repeated" },
		{ "v=STSv1; id=1; id=2;", STSTXT_OK, "1", "S5: the first counts" },
		{ "v=STSv1; id=1; id=; id=a b;", STSTXT_OK, "1", "S5: even when malformed" },
		{ "v=STSv1; id=1; v=STSv2", STSTXT_OK, "1", "S5: version again" },
		{ "v=STSv1;id=Z9;v=STSv1x=\xc3\xa9", STSTXT_OK, "Z9", "S5: version again" },
		{ "v=STSv1;id=1;x=1;x=", STSTXT_OK, "1", "S5: an extension, too" },
		{ "v=STSv1;x=1;id=1;x=\xc3\xa9 =;", STSTXT_OK, "1", "S5: an extension, too" },
		{ "v=STSv1;id=1;x=;x=1", STSTXT_BAD_FIELD, NULL, "the first counts, also when bad" },
		{ "v=STSv1;id=1;x=1;X=", STSTXT_BAD_FIELD, NULL, "names are case-sensitive" },
		{ "v=STSv1 ; id=1", STSTXT_OK, "1", "lenient" },
		{ "v=STSv1 \t ;id=1;", STSTXT_OK, "1", "lenient" },
		{ "", STSTXT_NONE, NULL, "empty" },
		{ "v=STSv1", STSTXT_NONE, NULL, "no delimiter" },
		{ "v=STSv1 ", STSTXT_NONE, NULL, "no delimiter" },
		{ "v=STSv1 id=1;", STSTXT_NONE, NULL, "no delimiter" },
		{ "V=STSv1; id=1;", STSTXT_NONE, NULL, "case of v" },
		{ "v=stsv1; id=1;", STSTXT_NONE, NULL, "case of version" },
		{ " v=STSv1; id=1;", STSTXT_NONE, NULL, "blank in front" },
		{ "v=STSv10; id=1;", STSTXT_NONE, NULL, "other version" },
		{ "v=spf1 -all", STSTXT_NONE, NULL, "other record" },
		{ "v=STSv1;", STSTXT_BAD_ID, NULL, "no id" },
		{ "v=STSv1; x=y;", STSTXT_BAD_ID, NULL, "no id" },
		{ "v=STSv1; ID=1;", STSTXT_BAD_ID, NULL, "names are case-sensitive" },
		{ "v=STSv1; id=;", STSTXT_BAD_ID, NULL, "empty id" },
		{ "v=STSv1; id=; id=2;", STSTXT_BAD_ID, NULL, "the first counts, also when bad" },
		{ "v=STSv1; id=a b;", STSTXT_BAD_ID, NULL, "space in id" },
		{ "v=STSv1; id= 1;", STSTXT_BAD_ID, NULL, "space before id" },
		{ "v=STSv1; id=1 ", STSTXT_BAD_ID, NULL, "blank at the end, no delimiter" },
		{ "v=STSv1; id=1-2;", STSTXT_BAD_ID, NULL, "hyphen in id" },
		{ "v=STSv1; id=a=b;", STSTXT_BAD_ID, NULL, "equal sign in id" },
		{ "v=STSv1; id=\xc3\xbc;", STSTXT_BAD_ID, NULL, "UTF-8 in id" },
		{ "v=STSv1; id=" ID32 "x;", STSTXT_BAD_ID, NULL, "33 octets" },
		{ "v=STSv1;; id=1;", STSTXT_BAD_FIELD, NULL, "empty field" },
		{ "v=STSv1; id=1;;", STSTXT_BAD_FIELD, NULL, "empty field at the end" },
		{ "v=STSv1; id", STSTXT_BAD_FIELD, NULL, "no equal sign" },
		{ "v=STSv1; id =1;", STSTXT_BAD_FIELD, NULL, "blank before the equal sign" },
		{ "v=STSv1; id=1; x=;", STSTXT_BAD_FIELD, NULL, "empty value" },
		{ "v=STSv1; id=1; x=a b;", STSTXT_BAD_FIELD, NULL, "space in value" },
		{ "v=STSv1; id=1; x=a=b;", STSTXT_BAD_FIELD, NULL, "equal sign in value" },
		{ "v=STSv1; id=1; x=\xc3\xbc;", STSTXT_BAD_FIELD, NULL, "UTF-8 in value" },
		{ "v=STSv1; id=1; x=y ", STSTXT_BAD_FIELD, NULL, "blank at the end" },
		{ "v=STSv1; id=1; _x=y;", STSTXT_BAD_FIELD, NULL, "name begins with _" },
		{ "v=STSv1; id=1; =y;", STSTXT_BAD_FIELD, NULL, "no name" },
		{ "v=STSv1; id=1; a+b=y;", STSTXT_BAD_FIELD, NULL, "plus in name" },
		{ "v=STSv1; id=1; " ID32 "=y", STSTXT_OK, "1", "name of 32 octets" },
		{ "v=STSv1; id=1; " ID32 "x=y", STSTXT_BAD_FIELD, NULL, "name of 33 octets" },
	};
	struct ststxt rec, before;
	enum ststxt_status got;
	size_t i;

	(void)state;
	memset(&rec, 0x5a, sizeof(rec));
	before = rec;
	for (i = 0; i < COUNT_OF(rows); i++) {
		rec = before;
		got = ststxt_parse(&rec, rows[i].txt, strlen(rows[i].txt));
		if (got != rows[i].want)
			fail_msg("%s: %s", rows[i].why, ststxt_status_text(got));
		if (got == STSTXT_OK) {
			assert_string_equal(rec.id, rows[i].id);
			assert_int_equal(rec.lenient, rows[i].txt[7] != ';');
		} else {
			assert_memory_equal(&rec, &before, sizeof(rec));
		}
	}
}

static void nul_octets_hide_nothing(void **state)
{
	struct ststxt rec;

	(void)state;
	assert_int_equal(ststxt_parse(&rec, "v=STSv1; id=1\0x;", 16), STSTXT_BAD_ID);
	assert_int_equal(ststxt_parse(&rec, "v=STSv1; id=1; a\0=x;", 20), STSTXT_BAD_FIELD);
	assert_int_equal(ststxt_parse(&rec, "v=STSv1; id=1; a=\0;", 19), STSTXT_BAD_FIELD);
	assert_int_equal(ststxt_parse(&rec, "v=STSv1\0; id=1", 14), STSTXT_NONE);
}

/* S3 and rules 5.5 */
static void s3_exactly_one_record_or_none(void **state)
{
	static const struct {
		const char *txt[3];
		enum ststxt_status want;
		const char *id;
	} rows[] = {
		{ { "v=STSv1; id=1" }, STSTXT_OK, "1" },
		{ { "v=spf1 -all", "v=STSv1; id=1", "" }, STSTXT_OK, "1" },
		{ { "v=STSv1; id=1", "v=STSv1; id=1" }, STSTXT_SEVERAL, NULL },
		{ { "v=STSv1; id=1", "v=STSv1;" }, STSTXT_SEVERAL, NULL },
		{ { "v=STSv1 ; id=2", "v=STSv1; id=1", "v=STSv1 ; id=3" }, STSTXT_OK, "1" },
		{ { "v=STSv1 ; id=2", "v=STSv1; id=" }, STSTXT_BAD_ID, NULL },
		{ { "v=STSv1 ; id=2", "v=STSv2; id=1" }, STSTXT_OK, "2" },
		{ { "v=STSv1 ; id=2", "v=STSv1\t; id=2" }, STSTXT_SEVERAL, NULL },
		{ { "v=STSv1" }, STSTXT_NONE, NULL },
		{ { NULL }, STSTXT_NONE, NULL },
	};
	struct danests_text texts[3];
	struct ststxt rec;
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++) {
		for (n = 0; n < 3 && rows[i].txt[n] != NULL; n++) {
			texts[n].data = rows[i].txt[n];
			texts[n].len = strlen(rows[i].txt[n]);
		}
		assert_int_equal(ststxt_choose(&rec, texts, n), rows[i].want);
		if (rows[i].want == STSTXT_OK)
			assert_string_equal(rec.id, rows[i].id);
	}
}

static void every_status_has_words(void **state)
{
	int i;

	(void)state;
	for (i = STSTXT_OK; i <= STSTXT_BAD_ID; i++)
		assert_true(strlen(ststxt_status_text((enum ststxt_status)i)) > 0);
	assert_non_null(ststxt_status_text((enum ststxt_status)99));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(s4_s5_one_record),
		cmocka_unit_test(nul_octets_hide_nothing),
		cmocka_unit_test(s3_exactly_one_record_or_none),
		cmocka_unit_test(every_status_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
