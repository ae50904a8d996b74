/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * danests query when memory runs out under the JSON document: EX_OSERR, and not a
 * word on stdout. Links all of tools/ but danests.c, and the library.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "tools/tool.h"

static unsigned complaints;

void tool_complain(const char *command, const char *fmt, ...)
{
	(void)command;
	(void)fmt;
	complaints++;
}

void tool_version(void)
{
}

static size_t allowed, asked;

static void *scarce(size_t size)
{
	return asked++ < allowed ? malloc(size) : NULL;
}

/* Its exit status, and how much it wrote to stdout. */
static int query(const char **argv, off_t *written)
{
	char path[] = "/tmp/test_query.XXXXXX";
	int file = mkstemp(path), out = dup(STDOUT_FILENO), argc = 0, exit_code;

	assert_true(file >= 0 && out >= 0);
	unlink(path);
	while (argv[argc] != NULL)
		argc++;
	fflush(stdout);
	assert_true(dup2(file, STDOUT_FILENO) >= 0);
	optind = 1;
	complaints = 0;
	exit_code = query_main(argc, (char **)argv);
	fflush(stdout);
	assert_true(dup2(out, STDOUT_FILENO) >= 0);
	*written = lseek(file, 0, SEEK_END);
	close(out);
	close(file);
	return exit_code;
}

static void sweep(const char **argv, int good)
{
	off_t written;
	int exit_code;

	json_set_alloc_funcs(scarce, free);
	for (allowed = 0;; allowed++) {
		asked = 0;
		exit_code = query(argv, &written);
		if (asked <= allowed)
			break;
		assert_int_equal(exit_code, EX_OSERR);
		assert_true(complaints > 0);
		assert_true(written == 0);
	}
	assert_int_equal(exit_code, good);
	assert_true(written > 0);
	assert_true(allowed > 10);
	json_set_alloc_funcs(malloc, free);
}

static void no_memory_for_failures_is_noticed(void **state)
{
	const char *argv[] = { "danests query", "--json", "--server", "unix:/nonexistent/socket",
		"a", "b", NULL };

	(void)state;
	sweep(argv, EX_UNAVAILABLE);
}

static void no_memory_for_results_is_noticed(void **state)
{
	const char *argv[] = { "danests query", "--json", "--direct", "-o", "resolver=127.0.0.1:9",
		"[192.0.2.1]", "\xff", NULL };

	(void)state;
	sweep(argv, EX_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_memory_for_failures_is_noticed),
		cmocka_unit_test(no_memory_for_results_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
