/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of domains, from the command line and from files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdarg.h>
#include <sysexits.h>
#include <unistd.h>

#include "tools/check.h"
#include "tools/tool.h"

static char file[64], said[512];

/* Instead of tools/danests.c: the last complaint. */
void tool_complain(const char *command, const char *fmt, ...)
{
	va_list ap;

	assert_string_equal(command, "check");
	va_start(ap, fmt);
	vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
}

static int read_text(struct check_list *list, const char *text, size_t len)
{
	int fd, r;

	snprintf(file, sizeof(file), "/tmp/test_check_list.XXXXXX");
	fd = mkstemp(file);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
	r = check_list_file(list, file);
	unlink(file);
	return r;
}

static void lines_comments_and_blanks(void **state)
{
	static const char text[] = "# all of ours\n\n example.com \t\nexample.net # the other\r\n"
	    "[mx.example.org]:587";
	struct check_list list = {0};

	(void)state;
	assert_int_equal(check_list_add(&list, "first.example", 13), EX_OK);
	assert_int_equal(read_text(&list, text, sizeof(text) - 1), EX_OK);
	assert_int_equal(list.count, 4);
	assert_string_equal(list.names[0], "first.example");
	assert_string_equal(list.names[1], "example.com");
	assert_string_equal(list.names[2], "example.net");
	assert_string_equal(list.names[3], "[mx.example.org]:587");
	check_list_free(&list);
	assert_int_equal(list.count, 0);
}

static void what_is_no_domain_is_bad_data(void **state)
{
	static const struct { const char *text; size_t len; const char *where; } bad[] = {
		{ "good.example\nnot a name\n", 24, ":2: not a domain: \"not a name\"" },
		{ "192.0.2.1\n", 10, ":1: not a domain" }, { "a\0b.example\n", 12, ":1: not a "
		    "domain" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct check_list list = {0};

		assert_int_equal(read_text(&list, bad[i].text, bad[i].len), EX_DATAERR);
		assert_non_null(strstr(said, bad[i].where));
		assert_non_null(strstr(said, file));
		check_list_free(&list);
	}
}

static void a_line_without_end_is_bad_data(void **state)
{
	struct check_list list = {0};
	char *text = malloc(100000);

	(void)state;
	memset(text, 'a', 100000);
	assert_int_equal(read_text(&list, text, 100000), EX_DATAERR);
	free(text);
	check_list_free(&list);
}

static void a_file_that_is_not_there_is_no_input(void **state)
{
	struct check_list list = {0};

	(void)state;
	assert_int_equal(check_list_file(&list, "/nonexistent/list"), EX_NOINPUT);
	assert_int_equal(check_list_file(&list, "/"), EX_NOINPUT);
	check_list_free(&list);
}

static void many_are_taken(void **state)
{
	struct check_list list = {0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(check_list_add(&list, "example.com", 11), EX_OK);
	assert_int_equal(list.count, 1000);
	check_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_comments_and_blanks),
		cmocka_unit_test(what_is_no_domain_is_bad_data),
		cmocka_unit_test(a_line_without_end_is_bad_data),
		cmocka_unit_test(a_file_that_is_not_there_is_no_input),
		cmocka_unit_test(many_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
