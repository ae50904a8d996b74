/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <cmocka.h>

#include "ctl/proto.h"
#include "ctl/request.h"

/* The one name of the library that ctl/ needs here. */
const char *danests_sts_state_name(enum danests_sts_state state)
{
	static const char *const names[] = { "absent", "none", "testing", "enforce", "error" };

	return names[state];
}

static int take(struct request *r, const char *line, char *problem)
{
	return request_read(r, line, strlen(line), problem);
}

static void each_request_has_its_members(void **state)
{
	char problem[REQUEST_PROBLEM];
	struct request r;

	(void)state;
	assert_int_equal(take(&r, "{\"do\": \"list\", \"mode\": \"testing\", \"suffix\": \"x\"}",
	    problem), EX_OK);
	assert_int_equal(r.what, REQUEST_LIST);
	assert_int_equal(r.mode, DANESTS_STS_TESTING);
	assert_string_equal(r.name, "x");
	request_free(&r);
	assert_int_equal(take(&r, "{\"domains\": [\"a\", \"b\"], \"all\": true, \"do\": \"purge\"}",
	    problem), EX_OK);
	assert_true(r.all);
	assert_int_equal(r.mode, -1);
	assert_int_equal(json_array_size(r.names), 2);
	request_free(&r);
	assert_int_equal(take(&r, "{\"do\": \"status\"}", problem), EX_OK);
	assert_int_equal(r.what, REQUEST_STATUS);
	request_free(&r);
	request_free(&r);
}

static void record_is_read_with_its_dates(void **state)
{
	char problem[REQUEST_PROBLEM];
	struct request r;

	(void)state;
	assert_int_equal(take(&r, "{\"do\": \"import\", \"policy\": {\"domain\": \"d\", \"id\": \"i\","
	    " \"fetched\": \"1970-01-01T00:01:00Z\", \"used\": null, \"text_hex\": \"41FF00\","
	    " \"mode\": \"whatever\"}}", problem), EX_OK);
	assert_string_equal(r.held.domain, "d");
	assert_string_equal(r.held.id, "i");
	assert_int_equal(r.held.fetched, 60);
	assert_int_equal(r.held.used, 0);
	assert_int_equal(r.held.text_len, 3);
	assert_memory_equal(r.held.text, "A\xff\0", 4);
	assert_false(r.replace);
	request_free(&r);
}

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *line;
		int code;
		const char *words;
	} cases[] = {
		{ "", EX_USAGE, "not a line of JSON" }, { "{", EX_USAGE, "not a line of JSON" },
		{ "[]", EX_USAGE, "\"do\"" }, { "{\"do\": 1}", EX_USAGE, "\"do\"" },
		{ "{\"do\": \"fl\\u001by\"}", EX_USAGE, "no \"fl?y\" to do" },
		{ "{\"do\": \"get\"}", EX_USAGE, "\"domain\" is missing" },
		{ "{\"do\": \"get\", \"domain\": []}", EX_USAGE, "\"domain\" must be a string" },
		{ "{\"do\": \"get\", \"domain\": \"a\", \"all\": true}", EX_USAGE, "has no \"all\"" },
		{ "{\"do\": \"sync\", \"wat\": 1}", EX_USAGE, "has no \"wat\"" },
		{ "{\"do\": \"list\", \"mode\": \"absent\"}", EX_USAGE, "none, testing or enforce" },
		{ "{\"do\": \"purge\", \"all\": 1}", EX_USAGE, "true or false" },
		{ "{\"do\": \"answer\", \"names\": \"a\"}", EX_USAGE, "array of strings" },
		{ "{\"do\": \"answer\", \"names\": [\"a\", null]}", EX_USAGE, "array of strings" },
		{ "{\"do\": \"sync\", \"do\": \"sync\"}", EX_USAGE, "uplicate" },
		{ "{\"do\": \"get\", \"domain\": \"a\\u0000\"}", EX_USAGE, "not a line of JSON" },
		{ "{\"do\": \"import\", \"policy\": []}", EX_DATAERR, "not an object" },
		{ "{\"do\": \"import\", \"policy\": {\"domain\": \"d\"}}", EX_DATAERR, "\"id\" is missing" },
		{ "{\"do\": \"import\", \"policy\": {\"domain\": \"d\", \"id\": \"i\", \"fetched\": \"x\"}}",
		  EX_DATAERR, "\"fetched\" must be a time" },
		{ "{\"do\": \"import\", \"policy\": {\"domain\": \"d\", \"id\": \"i\", \"fetched\":"
		  " \"1970-01-01T00:00:00Z\", \"text_hex\": \"abc\"}}", EX_DATAERR, "hexadecimal" },
	};
	char problem[REQUEST_PROBLEM];
	struct request r;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(take(&r, cases[i].line, problem), cases[i].code);
		assert_non_null(strstr(problem, cases[i].words));
		assert_null(r.root);
	}
}

static void names_are_counted(void **state)
{
	char problem[REQUEST_PROBLEM];
	struct buf line = {0};
	struct request r;

	(void)state;
	for (int more = 0; more < 2; more++) {
		buf_reset(&line);
		buf_str(&line, "{\"do\": \"answer\", \"names\": [\"a\"");
		for (int i = 1; i < PROTO_MAX_NAMES + more; i++)
			buf_str(&line, ",\"a\"");
		buf_str(&line, "]}");
		assert_int_equal(take(&r, line.data, problem), more ? EX_USAGE : EX_OK);
		request_free(&r);
	}
	buf_free(&line);
}

static int take_filled(const char *before, const char *piece, size_t times, const char *after,
    char *problem)
{
	struct buf line = {0};
	struct request r;
	int code;

	buf_str(&line, before);
	for (size_t i = 0; i < times; i++)
		buf_str(&line, piece);
	buf_str(&line, after);
	code = take(&r, line.data, problem);
	if (code == EX_OK)
		request_free(&r);
	buf_free(&line);
	return code;
}

/* A megabyte of them keeps whoever reads it for a tenth of a second. */
static void line_of_many_values_is_not_read_at_all(void **state)
{
	static const char *const pieces[] = { "[],", "{},", "[", "1,", "\"\\\"\"," };
	char problem[REQUEST_PROBLEM];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		assert_int_equal(take_filled("{\"do\":\"list\",\"x\":[", pieces[i], 5000, "0]}",
		    problem), EX_USAGE);
		assert_non_null(strstr(problem, "too many values"));
	}
}

static void what_is_in_a_string_is_no_value(void **state)
{
	static const char *const pieces[] = { "[", "{", ",", "\\\"[", "\\\\," };
	char problem[REQUEST_PROBLEM];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pieces); i++)
		assert_int_equal(take_filled("{\"do\":\"get\",\"domain\":\"", pieces[i], 5000,
		    "\"}", problem), EX_OK);
}

static size_t allowed, asked;

static void *scarce(size_t size)
{
	return asked++ < allowed ? malloc(size) : NULL;
}

static void lack_of_memory_is_not_the_callers_fault(void **state)
{
	const char *line = "{\"do\": \"answer\", \"names\": [\"a.example\"]}";
	char problem[REQUEST_PROBLEM];
	struct request r;
	int code;

	(void)state;
	json_set_alloc_funcs(scarce, free);
	for (allowed = 0;; allowed++) {
		asked = 0;
		code = take(&r, line, problem);
		if (asked <= allowed)
			break;
		assert_int_not_equal(code, EX_OK);
		assert_null(r.root);
	}
	assert_int_equal(code, EX_OK);
	assert_true(allowed > 3);
	request_free(&r);
	json_set_alloc_funcs(malloc, free);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_request_has_its_members),
		cmocka_unit_test(record_is_read_with_its_dates),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(names_are_counted),
		cmocka_unit_test(line_of_many_values_is_not_read_at_all),
		cmocka_unit_test(what_is_in_a_string_is_no_value),
		cmocka_unit_test(lack_of_memory_is_not_the_callers_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
