/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/buf.h"
#include "plugin/overrides.h"

static struct overrides *read_text(const char *text)
{
	char problem[OVERRIDES_PROBLEM] = "";
	struct overrides *o = NULL;

	if (!overrides_parse(&o, "f", text, strlen(text), problem))
		fail_msg("%s", problem);
	return o;
}

/* "" for no entry, "no-dane" and "no-sts" for switches, else the payload. */
static const char *said(const struct overrides *o, const char *key)
{
	static char text[1000];
	const struct override *found = overrides_find(o, key, strlen(key));

	if (found == NULL)
		return "";
	if (found->kind == OVERRIDE_SWITCH) {
		assert_int_not_equal(found->no_dane, found->no_sts);
		return found->no_dane ? "no-dane" : "no-sts";
	}
	snprintf(text, sizeof(text), "%.*s", (int)found->reply_len, found->reply);
	return text;
}

static void refuses(const char *text, const char *want)
{
	char problem[OVERRIDES_PROBLEM] = "";
	struct overrides *o = NULL;

	assert_false(overrides_parse(&o, "f", text, strlen(text), problem));
	assert_null(o);
	assert_string_equal(problem, want);
}

static void the_most_specific_entry_wins(void **state)
{
	struct overrides *o = read_text(
	    ".example may\n.a.example encrypt\nb.a.example dane-only\nb.a.example:587 none\n"
	    "[b.a.example] no-sts\n[b.a.example]:587 no-dane\nexample secure match=x\n");

	(void)state;
	assert_string_equal(said(o, "b.a.example"), "OK dane-only");
	assert_string_equal(said(o, "b.a.example:587"), "OK none");
	assert_string_equal(said(o, "b.a.example:465"), "OK dane-only"); /* its policy domain */
	assert_string_equal(said(o, "[b.a.example]"), "no-sts");
	assert_string_equal(said(o, "[b.a.example]:587"), "no-dane");
	assert_string_equal(said(o, "[b.a.example]:465"), "OK dane-only");
	assert_string_equal(said(o, "[c.b.a.example]:465"), "OK encrypt");
	assert_string_equal(said(o, "a.example"), "OK may"); /* .a.example is below it */
	assert_string_equal(said(o, "xa.example"), "OK may");
	assert_string_equal(said(o, "example"), "OK secure match=x");
	assert_string_equal(said(o, "other"), "");
	assert_int_equal(overrides_count(o), 7);
	overrides_free(o);
}

static void a_port_of_25_is_that_nexthop_only(void **state)
{
	struct overrides *o = read_text("a.example:25 none\nb.example:smtp may\nb.example dane\n");

	(void)state;
	assert_string_equal(said(o, "a.example"), "OK none");
	assert_string_equal(said(o, "a.example:587"), "");
	assert_string_equal(said(o, "[a.example]"), "");
	assert_string_equal(said(o, "b.example"), "OK may");
	assert_string_equal(said(o, "b.example:587"), "OK dane");
	overrides_free(o);
}

static void names_are_compared_as_nexthops(void **state)
{
	struct overrides *o = read_text("EXAMPLE.com. DANE\nM\xc3\xbcller.example may\n"
	    ".B\xc3\xbc" "cher.example may\n");

	(void)state;
	assert_string_equal(said(o, "example.com"), "OK dane");
	assert_string_equal(said(o, "xn--mller-kva.example"), "OK may");
	assert_string_equal(said(o, "a.xn--bcher-kva.example"), "OK may");
	overrides_free(o);
}

static void our_own_words(void **state)
{
	struct overrides *o = read_text("a notfound\nb No-Dane\nc no-sts\nd no-dane no-sts\n");
	const struct override *found = overrides_find(o, "d", 1);

	(void)state;
	assert_string_equal(said(o, "a"), "NOTFOUND ");
	assert_string_equal(said(o, "b"), "no-dane");
	assert_string_equal(said(o, "c"), "no-sts");
	assert_string_equal(said(o, "d"), "NOTFOUND "); /* nothing is left to look up */
	assert_string_equal(found->level, "NOTFOUND");
	assert_int_equal(found->line, 4);
	assert_string_equal(overrides_path(o), "f");
	overrides_free(o);
}

static void comments_and_continuation_are_those_of_main_cf(void **state)
{
	struct overrides *o = read_text("# one\n\na.example secure\n # in between\n\n"
	    "   match=x\r\nb.example\tmay");

	(void)state;
	assert_string_equal(said(o, "a.example"), "OK secure match=x");
	assert_string_equal(said(o, "b.example"), "OK may");
	assert_int_equal(overrides_find(o, "b.example", 9)->line, 7);
	overrides_free(o);
}

/* spec.md section 5: an error names file:line. */
static void errors_name_file_and_line(void **state)
{
	(void)state;
	refuses("# x\na.example may match=y\n", "f:2: match= does not go with may");
	refuses("a.example\n", "f:1: no reply");
	refuses("a.example secure\n\n match=\n", "f:1: match= is empty");
	refuses("a may\nb may\nA. dane\n", "f:3: a has an entry already, in line 1");
	refuses(".a may\n.a may\n", "f:2: .a has an entry already, in line 1");
	refuses(" a may\n", "f:1: a line that begins with a blank continues the one before,"
	    " and there is none");
	refuses("a \001\n", "f:1: a control character");
	refuses("a NOTFOUND no-dane\n", "f:1: NOTFOUND, no-dane and no-sts go with no other"
	    " word, but for \"no-dane no-sts\"");
	refuses("a no-sts no-sts\n", "f:1: NOTFOUND, no-dane and no-sts go with no other"
	    " word, but for \"no-dane no-sts\"");
	refuses("a dane no-sts\n", "f:1: NOTFOUND, no-dane and no-sts go with no other"
	    " word, but for \"no-dane no-sts\"");
}

static void what_postfix_is_never_told_of_is_no_left_side(void **state)
{
	static const char *const bad[] = { ".", "..a", "*.a", "[192.0.2.1]", "192.0.2.1", "[a",
		".[a]", ".a:25", "a:0", "a:x", "a/b", "a@b" };
	char text[60], want[200];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		snprintf(text, sizeof(text), "%s may\n", bad[i]);
		snprintf(want, sizeof(want), "f:1: \"%s\" is no domain, .domain, domain:port,"
		    " [host] or [host]:port", bad[i]);
		refuses(text, want);
	}
}

static void nothing_is_found_in_nothing(void **state)
{
	struct overrides *o = read_text("");
	char problem[OVERRIDES_PROBLEM] = "";

	(void)state;
	assert_null(overrides_find(NULL, "a", 1));
	assert_null(overrides_find(o, "a", 1));
	assert_null(overrides_find(o, "", 0));
	overrides_free(o);
	overrides_free(NULL);
	assert_int_equal(overrides_count(NULL), 0);
	assert_false(overrides_read(&o, "/nonexistent/overrides", problem));
	assert_non_null(strstr(problem, "/nonexistent/overrides: "));
	assert_false(overrides_read(&o, "/", problem));
	assert_non_null(strstr(problem, "is a directory"));
}

/* Work that grows faster than the text does would not come to an end here. */
static void a_million_lines_are_read(void **state)
{
	struct overrides *o = NULL;
	char problem[OVERRIDES_PROBLEM];
	struct buf text = {0};

	(void)state;
	for (int i = 0; i < 1000000; i++)
		buf_printf(&text, "domain%d.example secure match=.domain%d.example\n", i, i);
	assert_true(overrides_parse(&o, "f", text.data, text.len, problem));
	assert_int_equal(overrides_count(o), 1000000);
	assert_string_equal(said(o, "domain999999.example"),
	    "OK secure match=.domain999999.example");
	overrides_free(o);
	buf_free(&text);
}

static void the_fingerprint_is_that_of_the_text(void **state)
{
	struct overrides *a = read_text("a.example encrypt\n"), *b = read_text("a.example may\n");
	struct overrides *c = read_text("a.example encrypt\n"), *none = read_text("");

	(void)state;
	assert_true(overrides_print(a) == overrides_print(c));
	assert_true(overrides_print(a) != overrides_print(b));
	assert_true(overrides_print(none) != 0 && overrides_print(none) != overrides_print(a));
	assert_true(overrides_print(NULL) == 0);
	overrides_free(a);
	overrides_free(b);
	overrides_free(c);
	overrides_free(none);
}

static void a_file_is_read_and_freed_in_pieces(void **state)
{
	char path[] = "/tmp/test_overrides.XXXXXX", problem[OVERRIDES_PROBLEM];
	FILE *f = fdopen(mkstemp(path), "w");
	enum overrides_step step = OVERRIDES_MORE;
	struct overrides_reader *reader = NULL;
	struct overrides *o = NULL;
	unsigned pieces = 0, frees = 0;

	(void)state;
	assert_non_null(f);
	for (int i = 0; i < 50000; i++)
		fprintf(f, "d%d.example\n encrypt\n", i);
	assert_int_equal(fclose(f), 0);
	assert_true(overrides_begin(&reader, path, problem));
	for (; step == OVERRIDES_MORE; pieces++)
		step = overrides_go_on(reader, &o, problem);
	overrides_reader_free(reader);
	assert_int_equal(step, OVERRIDES_DONE);
	assert_true(pieces > 3);
	assert_int_equal(overrides_count(o), 50000);
	assert_string_equal(said(o, "d49999.example"), "OK encrypt");
	while (overrides_free_some(o, 1000))
		frees++;
	assert_in_range(frees, 49, 50);
	/* And one that is given up half-way. */
	assert_true(overrides_begin(&reader, path, problem));
	assert_int_equal(overrides_go_on(reader, &o, problem), OVERRIDES_MORE);
	overrides_reader_free(reader);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_specific_entry_wins),
		cmocka_unit_test(a_port_of_25_is_that_nexthop_only),
		cmocka_unit_test(names_are_compared_as_nexthops),
		cmocka_unit_test(our_own_words),
		cmocka_unit_test(comments_and_continuation_are_those_of_main_cf),
		cmocka_unit_test(errors_name_file_and_line),
		cmocka_unit_test(what_postfix_is_never_told_of_is_no_left_side),
		cmocka_unit_test(nothing_is_found_in_nothing),
		cmocka_unit_test(the_fingerprint_is_that_of_the_text),
		cmocka_unit_test(a_file_is_read_and_freed_in_pieces),
		cmocka_unit_test(a_million_lines_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
