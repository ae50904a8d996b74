/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of danests_lint_*(): first line, warnings, and that nothing else gets out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "danests.h"

#define GOOD "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 604800\n"
#define X64 "0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789abcdef"

static struct danests_text text(const char *data)
{
	return (struct danests_text){ data, strlen(data) };
}

/* What is printed, all of it; and it is ASCII. */
static void expect(danests_lint *lint, bool good, const char *const *lines, size_t count)
{
	size_t i, j;

	assert_int_equal(danests_lint_good(lint), good);
	for (i = 0; i < danests_lint_lines(lint); i++) {
		const char *line = danests_lint_line(lint, i);

		for (j = 0; line[j] != '\0'; j++)
			assert_true(line[j] >= ' ' && line[j] <= '~');
		if (i >= count || strncmp(line, lines[i], strlen(lines[i])) != 0)
			fail_msg("line %zu: %s", i, line);
	}
	assert_int_equal(i, count);
	assert_null(danests_lint_line(lint, i));
	danests_lint_free(lint);
}

#define EXPECT(lint, good, ...) do { \
	static const char *const lines_[] = { __VA_ARGS__ }; \
	expect(lint, good, lines_, COUNT_OF(lines_)); \
} while (0)

static danests_lint *policy(const char *body)
{
	danests_lint *lint = NULL;

	assert_int_equal(danests_lint_sts_policy(&lint, body, strlen(body)), DANESTS_OK);
	return lint;
}

static void s3_s4_s5_records_of_mta_sts(void **state)
{
	struct danests_text texts[2] = { text("v=STSv1 ; id=1; id=2"), text("\x1b[2J\n") };
	danests_lint *lint = NULL;

	(void)state;
	assert_int_equal(danests_lint_sts_record(&lint, texts, 2), DANESTS_OK);
	EXPECT(lint, true, "valid id=1", "warning: TXT record 2 of 2 is ignored",
	    "warning: a blank before", "warning: \"id\" is given again");
	assert_int_equal(danests_lint_sts_record(&lint, texts + 1, 1), DANESTS_OK);
	EXPECT(lint, false, "invalid: does not begin with \"v=STSv1;\"");
	assert_int_equal(danests_lint_sts_record(&lint, NULL, 0), DANESTS_OK);
	EXPECT(lint, false, "invalid: ");
}

static void r1_r2_records_of_tlsrpt(void **state)
{
	struct danests_text one = text("v=TLSRPTv1; rua=mailto:a@b.example, https://c/;rua=x:\xff");
	danests_lint *lint = NULL;

	(void)state;
	assert_int_equal(danests_lint_tlsrpt_record(&lint, &one, 1), DANESTS_OK);
	EXPECT(lint, true, "valid rua=mailto:a@b.example,https://c/",
	    "warning: \"rua\" is given again", "warning: no report can go to \"x:?\"");
	one = text("v=TLSRPTv1; rua=mailto:a!1@b.example");
	assert_int_equal(danests_lint_tlsrpt_record(&lint, &one, 1), DANESTS_OK);
	EXPECT(lint, false, "invalid: rua has no URI", "warning: no report can go");
}

static void s15_s16_policies(void **state)
{
	(void)state;
	EXPECT(policy(GOOD), true, "valid mode=enforce max_age=604800 mx=mail.example.com");
	EXPECT(policy(GOOD "mx: *.com\nmx: A\nmx: a\nmx: a\nmx: *.example.com"), true,
	    "valid mode=enforce max_age=604800 mx=mail.example.com,*.com,a,a,a,*.example.com",
	    "warning: mx *.com accepts every host", "warning: mx a has one label",
	    "warning: mx a has one label", "warning: mx a has one label",
	    "warning: mx a is there more than once");
	EXPECT(policy("version: STSv1\nmode: testing\nmx: a.example\nmax_age: 1\n"), true,
	    "valid mode=testing max_age=1 mx=a.example");
	EXPECT(policy("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 86399\n"), true,
	    "valid mode=enforce max_age=86399 mx=a.example", "warning: max_age is less than a day");
	EXPECT(policy("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 86400\n"), true,
	    "valid mode=enforce max_age=86400 mx=a.example");
	EXPECT(policy("version: STSv1\nmode: none\nmx: a.example\nmax_age: 1\n"), true,
	    "valid mode=none max_age=1 mx=", "warning: mx has no meaning");
	EXPECT(policy(GOOD "\n\nx: y\nMX: z\nmode: none\n"), true, "valid mode=enforce ",
	    "warning: line 7: unknown field \"x\" is ignored",
	    "warning: line 8: unknown field \"MX\" is ignored (names are case-sensitive: \"mx\")",
	    "warning: line 9: mode is given again", "warning: line 5 is empty, and others are");
	EXPECT(policy(GOOD "x: y\n\x1b"), false, "invalid: line 6: a control character",
	    "warning: line 5: unknown");
}

static void s15_values_ought_to_be_utf8(void **state)
{
	static const struct {
		const char *value;
		bool good;
	} rows[] = {
		{ "\xc2\x80", true }, { "\xdf\xbf", true }, { "\xe0\xa0\x80", true },
		{ "\xed\x9f\xbf", true }, { "\xef\xbf\xbf", true }, { "\xf0\x90\x80\x80", true },
		{ "\xf4\x8f\xbf\xbf", true }, { "a\xc3\xbcz", true },
		{ "\x80", false }, { "\xc1\xbf", false }, { "\xc3", false }, { "\xc3z", false },
		{ "\xe0\x9f\xbf", false }, { "\xed\xa0\x80", false }, { "\xe2\x82", false },
		{ "\xf0\x8f\xbf\xbf", false }, { "\xf4\x90\x80\x80", false },
		{ "\xf5\x80\x80\x80", false }, { "\xff", false },
	};
	char body[200];
	danests_lint *lint;
	bool warned;
	size_t i, k;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++) {
		(void)snprintf(body, sizeof(body), GOOD "x: %s\n", rows[i].value);
		lint = policy(body);
		assert_true(danests_lint_good(lint));
		for (warned = false, k = 1; k < danests_lint_lines(lint); k++)
			warned |= strstr(danests_lint_line(lint, k), "line 5: the value is not "
			    "UTF-8; some senders refuse the policy for it") != NULL;
		if (warned == rows[i].good)
			fail_msg("row %zu", i);
		danests_lint_free(lint);
	}
}

static void s5_only_the_first_of_a_field_counts_be_the_others_as_they_may(void **state)
{
	struct danests_text one = text("v=STSv1;id=1;x=1;x=");
	danests_lint *lint = NULL;

	(void)state;
	EXPECT(policy(GOOD "x: 1\nx:\nx: \xff\nmax_age: x\nversion:\n"), true, "valid mode=enf",
	    "warning: line 5: unknown field \"x\"", "warning: line 6: x is given again",
	    "warning: line 7: x is given again", "warning: line 8: max_age is given again",
	    "warning: line 9: version is given again");
	assert_int_equal(danests_lint_sts_record(&lint, &one, 1), DANESTS_OK);
	EXPECT(lint, true, "valid id=1", "warning: unknown field \"x\"",
	    "warning: \"x\" is given again");
	one = text("v=STSv1;id=Z9;v=STSv1x=\xc3\xa9");
	assert_int_equal(danests_lint_sts_record(&lint, &one, 1), DANESTS_OK);
	EXPECT(lint, true, "valid id=Z9", "warning: \"v\" is given again");
}

/* RFC 5321 4.1.2; that senders take it is what an MX record may be for. */
static void s16_an_underscore_is_warned_of(void **state)
{
	(void)state;
	EXPECT(policy(GOOD "mx: a_b.example.com\n"), true, "valid mode=enforce max_age=604800 "
	    "mx=mail.example.com,a_b.example.com",
	    "warning: line 5: mx a_b.example.com: a host name has no \"_\"");
}

static void hostile_text_makes_a_bounded_number_of_lines(void **state)
{
	char *body = malloc(65536);
	danests_lint *lint = NULL;
	size_t n = strlen(GOOD);

	(void)state;
	assert_non_null(body);
	memcpy(body, GOOD, n);
	for (; n + 5 <= 65536; n += 5)
		memcpy(body + n, "x: y\n", 5);
	assert_int_equal(danests_lint_sts_policy(&lint, body, n), DANESTS_OK);
	assert_int_equal(danests_lint_lines(lint), 102);
	assert_non_null(strstr(danests_lint_line(lint, 101), "more warnings are left out"));
	danests_lint_free(lint);
	free(body);
}

static void s16_s17_patterns(void **state)
{
	static const struct {
		const char *pattern, *host, *first;
	} rows[] = {
		{ "*.example.com", "mx.example.com", "match" },
		{ "*.example.com", "a.b.example.com", "no match" },
		{ "*.b\xc3\xbc" "cher.example", "mx.example.com",
		    "invalid: a pattern must be in A-labels" },
		{ "*.xn--bcher-kva.example", "mx.b\xc3\xbc" "cher.example", "match" },
		{ "mx*.example.com", "mx1.example.com", "invalid: \"*\" must be" },
		{ "mx.example.com", "\xff", "no match" },
		{ "[192.0.2.1]", "[192.0.2.1]", "no match" },
	};
	danests_lint *lint = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(danests_lint_mx_match(&lint, rows[i].pattern, rows[i].host),
		    DANESTS_OK);
		if (strncmp(danests_lint_line(lint, 0), rows[i].first, strlen(rows[i].first)) != 0)
			fail_msg("row %zu: %s", i, danests_lint_line(lint, 0));
		assert_int_equal(danests_lint_good(lint), strcmp(rows[i].first, "match") == 0);
		danests_lint_free(lint);
	}
}

static void u1_u2_u4_u6_sets_of_tlsa_records(void **state)
{
	struct danests_text set[] = { text("3 1 1 " X64), text("3 1 2 " X64 X64),
	    text("3 1 1 " X64), text("2 1 1") };
	danests_lint *lint = NULL;

	(void)state;
	assert_int_equal(danests_lint_tlsa(&lint, set, 1), DANESTS_OK);
	EXPECT(lint, true, "valid", "usable");
	assert_int_equal(danests_lint_tlsa(&lint, set, 4), DANESTS_OK);
	EXPECT(lint, false, "invalid: 1 of 4 records are unusable", "usable", "usable", "usable",
	    "unusable: no data", "warning: record 1 is passed over",
	    "warning: record 3 is passed over", "warning: record 3 is the same as record 1");
	assert_int_equal(danests_lint_tlsa(&lint, set + 3, 1), DANESTS_OK);
	EXPECT(lint, false, "invalid: 1 of 1 record is unusable", "unusable: no data",
	    "warning: with no usable record");
	set[0] = text("2 1 1 " X64);
	assert_int_equal(danests_lint_tlsa(&lint, set, 1), DANESTS_OK);
	EXPECT(lint, true, "valid", "usable", "warning: only usage 2");
	assert_int_equal(danests_lint_tlsa(&lint, NULL, 0), DANESTS_OK);
	EXPECT(lint, false, "invalid: there is no record");
}

static void records_are_read_as_people_write_them(void **state)
{
	static const struct {
		const char *text;
		int result;
		size_t len;
	} rows[] = {
		{ "3 1 1 " X64, DANESTS_OK, 32 }, { " 3\t1 \n1 a B\r\ncD ", DANESTS_OK, 2 },
		{ "255 255 255 00", DANESTS_OK, 1 }, { "3 1 1", DANESTS_OK, 0 },
		{ "3 1 1 ", DANESTS_OK, 0 },
		{ "3 1 1 abc", DANESTS_EINVAL, 0 }, { "3 1 1 0x00", DANESTS_EINVAL, 0 },
		{ "3 1 1 ag", DANESTS_EINVAL, 0 }, { "256 1 1 ab", DANESTS_EINVAL, 0 },
		{ "3 1 -1 ab", DANESTS_EINVAL, 0 }, { "3 1", DANESTS_EINVAL, 0 },
		{ "3,1,1,ab", DANESTS_EINVAL, 0 }, { "TLSA 3 1 1 ab", DANESTS_EINVAL, 0 },
		{ "", DANESTS_EINVAL, 0 }, { "3 1 1ab", DANESTS_EINVAL, 0 },
	};
	struct danests_tlsa rec, before;
	uint8_t data[64];
	size_t i;

	(void)state;
	memset(&rec, 0x5a, sizeof(rec));
	before = rec;
	for (i = 0; i < COUNT_OF(rows); i++) {
		rec = before;
		if (danests_tlsa_read(&rec, data, rows[i].text, strlen(rows[i].text)) !=
		    rows[i].result)
			fail_msg("%s", rows[i].text);
		if (rows[i].result == DANESTS_OK)
			assert_int_equal(rec.len, rows[i].len);
		else
			assert_memory_equal(&rec, &before, sizeof(rec));
	}
	assert_int_equal(danests_tlsa_read(&rec, data, rows[1].text, strlen(rows[1].text)),
	    DANESTS_OK);
	assert_true(rec.usage == 3 && rec.selector == 1 && rec.mtype == 1);
	assert_memory_equal(rec.data, "\xab\xcd", 2);
	assert_non_null(danests_tlsa_unusable(&rec));
	assert_int_equal(danests_tlsa_read(&rec, data, "3 1 1 a\0b", 9), DANESTS_EINVAL);
}

static void freeing_nothing_is_fine(void **state)
{
	(void)state;
	danests_lint_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(s3_s4_s5_records_of_mta_sts),
		cmocka_unit_test(r1_r2_records_of_tlsrpt),
		cmocka_unit_test(s15_s16_policies),
		cmocka_unit_test(s15_values_ought_to_be_utf8),
		cmocka_unit_test(s5_only_the_first_of_a_field_counts_be_the_others_as_they_may),
		cmocka_unit_test(s16_an_underscore_is_warned_of),
		cmocka_unit_test(hostile_text_makes_a_bounded_number_of_lines),
		cmocka_unit_test(s16_s17_patterns),
		cmocka_unit_test(u1_u2_u4_u6_sets_of_tlsa_records),
		cmocka_unit_test(records_are_read_as_people_write_them),
		cmocka_unit_test(freeing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
