/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "plugin/conf.h"

static char problem[CONF_PROBLEM];

static bool parse(struct conf *conf, const char *text)
{
	problem[0] = '\0';
	return conf_parse(conf, "f", text, strlen(text), problem);
}

static void zeroed_configuration_holds_the_defaults(void **state)
{
	struct conf conf = {0};
	char wanted[CONF_PROBLEM];
	uint64_t number;

	(void)state;
	for (size_t i = 0; i < CONF_COUNT; i++) {
		assert_non_null(conf_table[i].name);
		/* No default is one that the file could not give. */
		assert_true(conf_check(&conf_table[i], conf_table[i].fallback, &number, wanted));
	}
	assert_int_equal(conf_number(&conf, CONF_ANSWER_TIMEOUT), 25000);
	assert_int_equal(conf_number(&conf, CONF_CACHE_SIZE), 256 << 20);
	assert_int_equal(conf_number(&conf, CONF_LISTEN_MODE), 0666);
	assert_int_equal(conf_number(&conf, CONF_DANE_STS_MIXED), CONF_MIXED_DANE_ONLY);
	assert_int_equal(conf_number(&conf, CONF_INSECURE_MX), CONF_INSECURE_DANE);
	assert_string_equal(conf_where(&conf, CONF_LISTEN), "default");
	assert_false(conf_is_set(&conf, CONF_LISTEN));
	conf_free(&conf);
}

static void lines_are_read_as_in_main_cf(void **state)
{
	struct conf conf = {0};

	(void)state;
	assert_true(parse(&conf,
	    "# a comment\n"
	    "\n"
	    "tlsrpt=yes\r\n"
	    "  # an indented comment continues nothing\n"
	    "listen = unix:/a/b,\n"
	    "\tinet:127.0.0.1:1\n"
	    "# a comment between does not end it\n"
	    "   inet:[::1]:2  \n"
	    "user   =\n"
	    "log_repeat = 2m"));
	assert_int_equal(conf_number(&conf, CONF_TLSRPT), CONF_YES);
	assert_string_equal(conf_text(&conf, CONF_LISTEN),
	    "unix:/a/b, inet:127.0.0.1:1 inet:[::1]:2");
	assert_string_equal(conf_where(&conf, CONF_LISTEN), "f:5");
	assert_string_equal(conf_text(&conf, CONF_USER), "");
	assert_true(conf_is_set(&conf, CONF_USER));
	assert_int_equal(conf_number(&conf, CONF_LOG_REPEAT), 120000);
	conf_free(&conf);
}

static void later_line_wins(void **state)
{
	struct conf conf = {0};

	(void)state;
	assert_true(parse(&conf, "max_clients = 5\nmax_clients = 6\n"));
	assert_true(conf_option(&conf, " max_clients = 7 ", problem));
	assert_int_equal(conf_number(&conf, CONF_MAX_CLIENTS), 7);
	assert_string_equal(conf_where(&conf, CONF_MAX_CLIENTS), "-o");
	conf_free(&conf);
}

static void units_are_understood(void **state)
{
	static const struct {
		const char *text;
		enum conf_id id;
		uint64_t want;
	} tests[] = {
		{ "answer_timeout = 30", CONF_ANSWER_TIMEOUT, 30000 },
		{ "answer_timeout = 500ms", CONF_ANSWER_TIMEOUT, 500 },
		{ "answer_timeout = 1m", CONF_ANSWER_TIMEOUT, 60000 },
		{ "refresh = 2h", CONF_REFRESH, 7200000 },
		{ "refresh = 1w", CONF_REFRESH, 604800000 },
		{ "cache_size = 1g", CONF_CACHE_SIZE, 1 << 30 },
		{ "cache_size = 4096K", CONF_CACHE_SIZE, 4 << 20 },
		{ "listen_mode = 0600", CONF_LISTEN_MODE, 0600 },
		{ "listen_mode = 7", CONF_LISTEN_MODE, 7 },
		{ "dnssec = TRUST-AD", CONF_DNSSEC, 1 },
		{ "log_repeat = 0", CONF_LOG_REPEAT, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(tests); i++) {
		struct conf conf = {0};

		assert_true(parse(&conf, tests[i].text));
		assert_int_equal(conf_number(&conf, tests[i].id), tests[i].want);
		conf_free(&conf);
	}
}

static void bad_lines_are_named_and_change_nothing(void **state)
{
	static const struct {
		const char *text, *says;
	} tests[] = {
		{ "nonsense = 1\n", "f:1: there is no parameter \"nonsense\"" },
		{ "\n\nListen = inet:127.0.0.1:1\n", "f:3: there is no parameter \"Listen\"" },
		{ "user\n", "f:1: \"user\" is not \"name = value\"" },
		{ "= x\n", "f:1: there is no parameter \"\"" },
		{ " user = x\n", "f:1: a line that begins with a blank" },
		{ "user = a\n\tb\n\nlog_repeat = x\n", "f:4: log_repeat = x: must be a time" },
		{ "answer_timeout = 91s\n", "must be a time from 1ms to 90s" },
		{ "max_clients = 0\n", "must be a number from 1 to" },
		{ "cache_size = 1M\n", "must be a size from 2M to" },
		{ "listen_mode = 0888\n", "must be an octal mode" },
		{ "listen_mode = 07777777777777777777777777\n", "must be an octal mode" },
		{ "tlsrpt = maybe\n", "must be one of: no yes" },
		{ "listen = inet:127.0.0.1:1 tcp:2\n", "\"tcp:2\": " },
		{ "control = unix:/a unix:/b\n", "one endpoint only" },
		{ "user = a\033b\n", "f:1: a control character" },
		{ "user = a\001\n", "f:1: a control character" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(tests); i++) {
		struct conf conf = {0};

		assert_false(parse(&conf, tests[i].text));
		if (strstr(problem, tests[i].says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", problem, tests[i].says);
		conf_free(&conf);
	}
}

static void nul_octet_is_an_error(void **state)
{
	struct conf conf = {0};

	(void)state;
	assert_false(conf_parse(&conf, "f", "user = a\0b\n", 11, problem));
	conf_free(&conf);
}

static void nothing_hostile_gets_into_a_message(void **state)
{
	struct conf conf = {0};

	(void)state;
	assert_false(conf_option(&conf, "x\033[2J\n=1", problem));
	for (size_t i = 0; problem[i] != '\0'; i++)
		assert_in_range(problem[i], ' ', '~');
	conf_free(&conf);
}

static void value_too_long_for_an_endpoint_is_an_error(void **state)
{
	char text[1000] = "listen = unix:/";
	struct conf conf = {0};

	(void)state;
	memset(text + strlen(text), 'x', 900);
	assert_false(parse(&conf, text));
	conf_free(&conf);
}

static void missing_file_is_fine_only_when_it_may_be(void **state)
{
	struct conf conf = {0};

	(void)state;
	assert_true(conf_read(&conf, "/nonexistent/conf", true, problem));
	assert_false(conf_read(&conf, "/nonexistent/conf", false, problem));
	assert_non_null(strstr(problem, "/nonexistent/conf"));
	assert_false(conf_read(&conf, "/", false, problem));
	assert_false(conf_read(&conf, "/dev/zero", false, problem));
	conf_free(&conf);
}

static char *printed(const struct conf *conf)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	if (conf != NULL)
		conf_print_changes(conf, f);
	else
		conf_print_defaults(f);
	fclose(f);
	return text;
}

static void printed_defaults_are_a_configuration_without_changes(void **state)
{
	char *defaults = printed(NULL), *changes;
	struct conf conf = {0};

	(void)state;
	assert_true(parse(&conf, defaults));
	changes = printed(&conf);
	assert_string_equal(changes, "");
	free(changes);
	free(defaults);
	conf_free(&conf);
}

static void only_differences_are_printed(void **state)
{
	struct conf conf = {0};
	char *changes;

	(void)state;
	assert_true(parse(&conf, "log_repeat = 60m\nanswer_timeout = 20s\nuser = x\n"));
	changes = printed(&conf);
	assert_string_equal(changes, "answer_timeout = 20s\nuser = x\n");
	free(changes);
	conf_free(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeroed_configuration_holds_the_defaults),
		cmocka_unit_test(lines_are_read_as_in_main_cf),
		cmocka_unit_test(later_line_wins),
		cmocka_unit_test(units_are_understood),
		cmocka_unit_test(bad_lines_are_named_and_change_nothing),
		cmocka_unit_test(nul_octet_is_an_error),
		cmocka_unit_test(nothing_hostile_gets_into_a_message),
		cmocka_unit_test(value_too_long_for_an_endpoint_is_an_error),
		cmocka_unit_test(missing_file_is_fine_only_when_it_may_be),
		cmocka_unit_test(printed_defaults_are_a_configuration_without_changes),
		cmocka_unit_test(only_differences_are_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
