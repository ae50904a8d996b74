/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linting with the n-th allocation failing, for every n. The only acceptable outcomes are
 * DANESTS_ENOMEM and exactly the lines that come with memory enough: a warning that is
 * missing would tell a postmaster that all is well.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "danests.h"
#include "wrap.h"

#define X64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TEXT(text) { text, sizeof(text) - 1 }

static int sts_record(danests_lint **out)
{
	static const struct danests_text txt[] = {
		TEXT("v=STSv1 ; id=1; id=2; x=y"), TEXT("v=spf1"),
	};

	return danests_lint_sts_record(out, txt, COUNT_OF(txt));
}

static int sts_policy(danests_lint **out)
{
	static const char text[] = "version: STSv1\nmode: enforce\n\nmx: *.example.com.\nmx: a.b\n"
	    "mx: a.b\nmx: 192.0.2.1\nmax_age: 99999999\nx: y\nmode: none\nmx: c\nmx: d\nmx: e.f\n"
	    "mx: g.h\nmx: i.j\nmx: k.l\n";

	return danests_lint_sts_policy(out, text, sizeof(text) - 1);
}

static int tlsrpt_record(danests_lint **out)
{
	static const struct danests_text txt[] = {
		TEXT("v=TLSRPTv1; rua=mailto:a@b.example,ftp://c,https://d.example/a/long/address; "
		    "rua=mailto:a@b.example; x=y"),
	};

	return danests_lint_tlsrpt_record(out, txt, COUNT_OF(txt));
}

static int tlsa(danests_lint **out)
{
	static const struct danests_text records[] = {
		TEXT("3 1 1 " X64), TEXT("3 1 2 " X64 X64), TEXT("3 1 1"), TEXT("wat"),
	};

	return danests_lint_tlsa(out, records, COUNT_OF(records));
}

static int mx_match(danests_lint **out)
{
	return danests_lint_mx_match(out, "*.xn--bcher-kva.example.",
	    "mx.b\xc3\xbc" "cher.example");
}

typedef int lint_fn(danests_lint **out);

static void check(lint_fn *lint, const danests_lint *want, unsigned long n)
{
	danests_lint *got = NULL;
	int r = lint(&got);

	wrap_fail_from(0);
	if (r == DANESTS_ENOMEM) {
		assert_null(got);
		return;
	}
	assert_int_equal(r, DANESTS_OK);
	if (danests_lint_good(got) != danests_lint_good(want) ||
	    danests_lint_lines(got) != danests_lint_lines(want))
		fail_msg("allocation %lu: another verdict", n);
	for (size_t i = 0; i < danests_lint_lines(want); i++)
		assert_string_equal(danests_lint_line(got, i), danests_lint_line(want, i));
	danests_lint_free(got);
}

static void short_of_memory_nothing_is_left_out(void **state)
{
	static lint_fn *const lints[] = { sts_record, sts_policy, tlsrpt_record, tlsa, mx_match };
	danests_lint *want = NULL;
	unsigned long count;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lints); i++) {
		wrap_fail_from(0);
		assert_int_equal(lints[i](&want), DANESTS_OK);
		count = wrap_counted();
		assert_true(count >= 3);
		assert_true(danests_lint_lines(want) >= 2);
		for (unsigned long n = 1; n <= count; n++) {
			wrap_fail_from(n);
			check(lints[i], want, n);
			wrap_fail_only(n);
			check(lints[i], want, n);
		}
		danests_lint_free(want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_of_memory_nothing_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
