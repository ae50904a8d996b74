/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain for people: 80 columns, printable, whatever came in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check_help.h"
#include <unistd.h>

static char text[1 << 18];

/* What is written to standard output meanwhile goes to text. */
static void capture(const struct world *w, bool colour)
{
	const struct check_look look = { .colour = colour };
	FILE *file = tmpfile();
	int before = dup(STDOUT_FILENO);
	size_t len;

	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	check_print(&w->d, &w->f, &look);
	fflush(stdout);
	dup2(before, STDOUT_FILENO);
	close(before);
	rewind(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
}

static void expect_columns(void)
{
	size_t column = 0;

	for (const char *p = text; *p != '\0'; p++) {
		column = *p == '\n' ? 0 : column + 1;
		assert_true(*p == '\n' || (*p >= ' ' && *p <= '~'));
		assert_true(column <= 80);
	}
}

static const struct said everything[] = {
	{ "MX example.com", "secure 10 mx.example.com; 20 mx2.example.com; 30 ?" },
	{ "ADDR mx.example.com", "secure 192.0.2.1; 2001:db8::1" },
	{ "ADDR mx2.example.com", "secure >real.example.net 192.0.2.2" },
	{ TLSA_MX, "secure 3 1 1 leaf; 3 1 1 self; 1 1 1 leaf; 3 0 0 leaf" },
	{ "TLSA _25._tcp.real.example.net", "bogus signature\033[2Jexpired" },
	{ "TXT _smtp._tls.example.com", "secure v=TLSRPTv1; rua=mailto:a@b\033[31m" },
	{ "DS com", "secure x" }, { "DS example.com", "secure x" },
	STS_OF("version: STSv1\nmode: enforce\nmx: *.example.com\nmx: x.example.net\n"
	    "max_age: 1209600\n"),
};

static void what_was_seen_in_80_columns_of_ASCII(void **state)
{
	struct world w;

	(void)state;
	WORLD(&w, "example.com", everything);
	see_chain(&w, "192.0.2.1", "leaf inter");
	see_end(&w, "2001:db8::1", PROBE_GREETING, PROBE_REPLY, false,
	    "554 \033[31mgo\xff"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	find(&w, 2);
	capture(&w, false);
	expect_columns();
	assert_ptr_equal(strstr(text, "example.com: mail gets through, with warnings\n"), text);
	assert_non_null(strstr(text, "danestsd tells Postfix: OK dane-only"));
	assert_non_null(strstr(text, "TLSA  3 1 1 "));
	assert_non_null(strstr(text, "  passes\n"));
	assert_non_null(strstr(text, "  does not pass\n"));
	assert_non_null(strstr(text, "BOGUS           TLSA _25._tcp.real.example.net"));
	assert_non_null(strstr(text, "mx.example.com: allowed by *.example.com"));
	assert_non_null(strstr(text, "?[31mgo?a"));
	world_free(&w);
}

static void the_first_line_says_how_it_is(void **state)
{
	static const struct said null_mx[] = { { "MX example.com", "secure 0 ." } };
	static const struct said bogus[] = { { "MX example.com", "bogus x" } };
	static const struct said no_name[] = { { "MX example.com", "nxdomain" } };
	static const struct said dane[] = { SECURE_MX, { TLSA_MX, "secure 3 1 1 leaf" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", null_mx);
	find(&w, 0);
	capture(&w, false);
	assert_ptr_equal(strstr(text, "example.com: takes no mail\n"), text);
	world_free(&w);
	WORLD(&w, "example.com", no_name);
	find(&w, 1);
	capture(&w, false);
	assert_ptr_equal(strstr(text, "example.com: no such domain: mail bounces\n"), text);
	world_free(&w);
	WORLD(&w, "example.com", bogus);
	find(&w, 1);
	capture(&w, false);
	assert_ptr_equal(strstr(text, "example.com: mail is held\n"), text);
	assert_non_null(strstr(text, "4.7.324 dnssec-invalid\n"));
	world_free(&w);
	WORLD(&w, "example.com", dane);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 0);
	capture(&w, false);
	assert_ptr_equal(strstr(text, "example.com: good\n"), text);
	world_free(&w);
	WORLD(&w, "example.com", dane);
	see_end(&w, "192.0.2.1", PROBE_CONNECT, PROBE_TIMEOUT, false, "timed out");
	find(&w, 75);
	capture(&w, false);
	assert_ptr_equal(strstr(text, "example.com: could not tell\n"), text);
	world_free(&w);
}

/* In the words of danests query. */
static void the_second_line_says_what_the_reply_means(void **state)
{
	static const struct said plain[] = { PLAIN_MX };
	static const struct said bogus[] = { { "MX example.com", "bogus x" } };
	static const struct said sts[] = { PLAIN_MX, STS_OF(STS_ENFORCE) };
	static const struct {
		const struct said *said;
		size_t count;
		bool shown; /* there is a server to look at */
		const char *words;
	} replies[] = {
		{ plain, COUNT_OF(plain), true, "\n  danestsd tells Postfix: NOTFOUND (no policy; "
		    "Postfix goes on with\n                          smtp_tls_security_level)\n" },
		{ bogus, COUNT_OF(bogus), false, "\n  danestsd tells Postfix: TEMP " },
		{ bogus, COUNT_OF(bogus), false, "(mail waits; " },
		{ sts, COUNT_OF(sts), true, " known authority for mx.example.com)\n" },
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		world_make(&w, "example.com", replies[i].said, replies[i].count);
		if (replies[i].shown)
			see_chain(&w, "192.0.2.1", "self");
		check_find(&w.f, &w.d);
		capture(&w, false);
		expect_columns();
		if (strstr(text, replies[i].words) == NULL)
			fail_msg("no %s in %s", replies[i].words, text);
		world_free(&w);
	}
}

static void a_name_within_a_signed_zone_needs_no_word_on_its_DS(void **state)
{
	static const struct said said[] = { SECURE_MX, { TLSA_MX, "secure 3 1 1 self" },
	    { "DS com", "secure x" }, { "DS example.com", "secure x" },
	    { "DS mx.example.com", "none" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 1);
	capture(&w, false);
	assert_non_null(strstr(text, "DS example.com\n"));
	assert_null(strstr(text, "DS mx.example.com"));
	assert_non_null(strstr(text, "A/AAAA mx.example.com\n"));
	assert_non_null(strstr(text, "address secure"));
	world_free(&w);
}

static void an_address_that_cannot_be_found_out_is_not_called_insecure(void **state)
{
	static const struct said said[] = { { "MX example.com", "secure 10 mx.example.com" },
	    { "ADDR mx.example.com", "failed SERVFAIL" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	find(&w, 1);
	capture(&w, false);
	assert_non_null(strstr(text, "address unknown"));
	assert_null(strstr(text, "address insecure"));
	world_free(&w);
}

static void days_in_words(void **state)
{
	static const struct said said[] = { PLAIN_MX,
	    STS_OF("version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\n") };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	w.d.now = 1798761600 + 86400 + 3600; /* the day after leaf ended */
	see_chain(&w, "192.0.2.1", "leaf inter");
	check_find(&w.f, &w.d);
	capture(&w, false);
	assert_non_null(strstr(text, "max_age 86400 s (1 day)\n"));
	assert_non_null(strstr(text, "  expired 1 day ago\n"));
	assert_non_null(strstr(text, "expired on 2027-01-01"));
	world_free(&w);
}

static void a_word_in_reports_is_told_where_it_is_another_one(void **state)
{
	static const struct said dane[] = { SECURE_MX, { TLSA_MX, "secure 3 1 1 leaf" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", dane);
	see_chain(&w, "192.0.2.1", "self");
	find(&w, 1);
	capture(&w, false);
	assert_non_null(strstr(text, "4.7.323 tlsa-invalid (in reports: validation-failure)\n"));
	world_free(&w);
	WORLD(&w, "example.com", dane);
	see_end(&w, "192.0.2.1", PROBE_STARTTLS, PROBE_REPLY, false, "not offered");
	find(&w, 1);
	capture(&w, false);
	assert_non_null(strstr(text, "4.7.321 starttls-not-supported\n"));
	world_free(&w);
}

static void colour_changes_nothing_but_colour(void **state)
{
	static char plain[sizeof(text)];
	struct world w;
	size_t len = 0;

	(void)state;
	WORLD(&w, "example.com", everything);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	capture(&w, false);
	memcpy(plain, text, sizeof(text));
	capture(&w, true);
	assert_non_null(strstr(text, "\033["));
	for (const char *p = text; *p != '\0'; p++) {
		if (*p != '\033') {
			assert_int_equal(plain[len++], *p);
			continue;
		}
		while (*p != 'm')
			p++;
	}
	assert_int_equal(plain[len], '\0');
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_seen_in_80_columns_of_ASCII),
		cmocka_unit_test(the_first_line_says_how_it_is),
		cmocka_unit_test(the_second_line_says_what_the_reply_means),
		cmocka_unit_test(a_name_within_a_signed_zone_needs_no_word_on_its_DS),
		cmocka_unit_test(an_address_that_cannot_be_found_out_is_not_called_insecure),
		cmocka_unit_test(days_in_words),
		cmocka_unit_test(a_word_in_reports_is_told_where_it_is_another_one),
		cmocka_unit_test(colour_changes_nothing_but_colour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
