/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <cmocka.h>

#include "tools/report/options.h"
#include "tools/report/zone.h"

#define MAX_ARGS 20

/* Words, as a shell would cut them; with ? for a blank in them. */
struct command {
	char text[256];
	char *argv[MAX_ARGS + 1];
	int argc;
};

static void cut(struct command *c, const char *line)
{
	static char name[] = "dane-report";
	char *at = c->text;

	*c = (struct command){0};
	c->argv[c->argc++] = name;
	snprintf(c->text, sizeof(c->text), "%s", line);
	while (*at != '\0' && c->argc < MAX_ARGS) {
		c->argv[c->argc++] = at;
		while (*at != '\0' && *at != ' ') {
			if (*at == '?')
				*at = ' ';
			at++;
		}
		if (*at == ' ')
			*at++ = '\0';
	}
}

static int read_line(struct options *o, struct command *c, const char *line, bool *done)
{
	cut(c, line);
	optind = 0;
	return options_read(o, c->argc, c->argv, done);
}

static void the_first_word_is_a_report_or_else_a_file(void **state)
{
	static const struct {
		const char *line;
		bool all;
		enum report report;
		size_t count, policies;
		const char *files[4];
	} rows[] = {
		{ "", false, REPORT_BLOCKED, 1, 0, { "-" } },
		{ "blocked", false, REPORT_BLOCKED, 1, 0, { "-" } },
		{ "blocked-details mail.log", false, REPORT_DETAILS, 1, 0, { "mail.log" } },
		{ "sent a.1 b.2", false, REPORT_SENT, 2, 0, { "a.1", "b.2" } },
		{ "a.1 --top 5 no-tls", false, REPORT_BLOCKED, 0, 0, { NULL } },
		{ "--top 20 no-tls a.1", false, REPORT_NO_TLS, 1, 0, { "a.1" } },
		{ "a.1 --since 1d sent", false, REPORT_BLOCKED, 2, 0, { "a.1", "sent" } },
		{ "summary -", false, REPORT_SUMMARY, 1, 0, { "-" } },
		{ "all -o dir a.1", true, REPORT_BLOCKED, 1, 0, { "a.1" } },
		{ "./sent sent", false, REPORT_BLOCKED, 2, 0, { "./sent", "sent" } },
		{ "--policies p sent", false, REPORT_SENT, 2, 1, { "-", "p" } },
		{ "--policies p a.1 --policies q b.2", false, REPORT_BLOCKED, 4, 2,
			{ "a.1", "b.2", "p", "q" } },
		{ "--policies - a.1", false, REPORT_BLOCKED, 2, 1, { "a.1", "-" } },
		{ "-- sent --top", false, REPORT_SENT, 1, 0, { "--top" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct command c;
		struct options o;
		bool done;
		int code = read_line(&o, &c, rows[i].line, &done);

		if (rows[i].count == 0) {
			assert_int_equal(code, EX_USAGE);
			options_free(&o);
			continue;
		}
		assert_int_equal(code, EX_OK);
		assert_false(done);
		assert_int_equal(o.all, rows[i].all);
		assert_int_equal(o.report, rows[i].report);
		assert_int_equal(o.count, rows[i].count);
		assert_int_equal(o.policies, rows[i].policies);
		for (size_t f = 0; f < o.count; f++)
			assert_string_equal(o.files[f], rows[i].files[f]);
		options_free(&o);
	}
}

static void what_is_wrong_is_64(void **state)
{
	static const char *const lines[] = {
		"blokced", "html -o x", "ingest --db x", "--follow", "--db x", "-x", "--nonsense",
		"--since", "--since 7", "--since=", "--until 2026-02-30", "--until yesterday",
		"--since 7d --all-time", "--since 2026-02-02 --until 2026-02-01",
		"--since 2026-02-02T00:00:00Z --until 2026-02-02T00:00:00Z",
		"--format xml", "--format CSV", "--tz Europe/Nowhere", "--tz Europe", "--tz ../etc",
		"--tz zone.tab", "--tz X1", "--year 26", "--year 1969", "--year 10000", "--year x",
		"--halfdane yes", "--top 0", "--top -1", "--top x", "--top 5 sent", "--top 5",
		"--bucket minute", "--count all", "--internal 10.0.0.0/33", "--internal ::1/129",
		"all", "all -o -", "all -o d --format json", "--all-time=x", "- -",
		"--policies - -", "--policies -", "--type-is DANE", "--type-is=", "--type-starts STS",
		"--type-is SMTP?DANE", "--error-is tlsa", "--error-is=", "--error-is 4.7.32",
		"--error-is 4.7.999", "--error-starts 6", "--error-starts 4.7.323?x",
		"--error-is 5.7.323?sts-policy-invalid",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct command c;
		struct options o;
		bool done = false;

		if (read_line(&o, &c, lines[i], &done) != EX_USAGE || !done)
			fail_msg("\"%s\" was taken", lines[i]);
		options_free(&o);
	}
}

static void every_option_comes_to_where_it_is_used(void **state)
{
	struct command c;
	struct options o;
	bool done;

	(void)state;
	assert_int_equal(read_line(&o, &c, "no-tls --top 100 --format json --tz CET-1CEST"
	    " --year 2025 --halfdane dane --assume-tls-logged --progress -o f", &done), EX_OK);
	assert_int_equal(o.view.top, 100);
	assert_int_equal(o.format, FORMAT_JSON);
	assert_string_equal(o.zone, "CET-1CEST");
	assert_int_equal(o.year, 2025);
	assert_true(o.classify.halfdane_is_dane && o.classify.assume_tls_logged);
	assert_int_equal(o.progress, WHEN_ALWAYS);
	assert_string_equal(o.out, "f");
	assert_true(o.view.period.usual);
	options_free(&o);
	assert_int_equal(read_line(&o, &c, "sent --bucket month --count messages --all-time"
	    " --no-progress -o -", &done), EX_OK);
	assert_int_equal(o.view.bucket, BUCKET_MONTH);
	assert_true(o.view.messages);
	assert_int_equal(o.progress, WHEN_NEVER);
	assert_null(o.out);
	assert_false(o.view.period.usual);
	options_free(&o);
	assert_int_equal(read_line(&o, &c, "--internal 10.0.0.0/8 --internal .example", &done),
	    EX_OK);
	assert_true(internal_has(o.internal, SLICE("a.example"), SLICE("192.0.2.1")));
	assert_true(internal_has(o.internal, SLICE("mx"), SLICE("10.1.2.3")));
	assert_false(internal_has(o.internal, SLICE("mx"), SLICE("192.0.2.1")));
	options_free(&o);
	options_free(NULL);
}

static void each_filter_is_of_its_column(void **state)
{
	static const struct {
		const char *line;
		enum column column;
		const char *yes, *no;
	} rows[] = {
		{ "--domain-is A.example", COLUMN_DOMAIN, "a.example", "a.example.net" },
		{ "--domain-starts a.", COLUMN_DOMAIN, "a.example", "b.example" },
		{ "--type-is mta-sts", COLUMN_TYPE, "MTA-STS", "MTA-STS too" },
		{ "--type-starts mta", COLUMN_TYPE, "MTA-STS", "TLS-only" },
		{ "--error-is tlsa-invalid", COLUMN_ERROR, "4.7.323 tlsa-invalid", "5.7.321 x" },
		{ "--type-is no?tls", COLUMN_TYPE, "No TLS", "TLS-only" },
		{ "--type-starts TLS?R", COLUMN_TYPE, "TLS required", "TLS-only" },
		{ "--type-starts=", COLUMN_TYPE, "Unknown", NULL },
		{ "--error-is 5.7.323?TLSA-invalid", COLUMN_ERROR, "5.7.323 tlsa-invalid",
			"4.7.323 tlsa-invalid" },
		{ "--error-is 4.7.324", COLUMN_ERROR, "4.7.324 dane-required", "4.7.323 x" },
		{ "--error-is STS-policy-invalid", COLUMN_ERROR, "sts-policy-invalid", "x" },
		{ "--error-starts sts-", COLUMN_ERROR, "4.7.5 sts-cert-expired", "4.7.5 x" },
		{ "--domain-is no.such.thing", COLUMN_DOMAIN, "no.such.thing", "x" },
		{ "--error-starts 5", COLUMN_ERROR, "5.7.323 tlsa-invalid", "4.7.323 x" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice yes = { rows[i].yes, strlen(rows[i].yes) };
		struct slice no = { rows[i].no, rows[i].no != NULL ? strlen(rows[i].no) : 0 };
		struct command c;
		struct options o;
		bool done;

		assert_int_equal(read_line(&o, &c, rows[i].line, &done), EX_OK);
		assert_true(view_passes(&o.view, rows[i].column, yes));
		assert_true(no.p == NULL || !view_passes(&o.view, rows[i].column, no));
		assert_true(view_found(&o.view, &no, 1));
		options_free(&o);
	}
}

static void zones_are_files_or_what_POSIX_says(void **state)
{
	static const char *const good[] = {
		"UTC", "GMT", ":UTC", "UTC0", "CET-1", "CET-1CEST", "CET-1CEST,M3.5.0,M10.5.0/3",
		"<+0330>-3:30", "<+03>-03:00:00<+04>,J60/2:30,J300", "EST5EDT4,59,300/-1",
	};
	static const char *const bad[] = {
		"", ":", "X", "XY1", "XYZ", "CET-25", "CET-1CE", "CET-1CEST,", "CET-1CEST,M3.5.0",
		"CET-1CEST,M13.5.0,M1.1.1", "CET-1CEST,M3.6.0,M1.1.1", "CET-1CEST,M3.5.7,M1.1.1",
		"CET-1CEST,J0,J1", "CET-1CEST,366,1", "CET-1CEST,M3.5.0,M10.5.0x", "<+0>1",
		"<+03-3", "CET-1:60", "Mars/Phobos", "../zoneinfo/UTC", "/etc/passwd", "/",
		"/usr/share/zoneinfo",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		if (!zone_exists(good[i]))
			fail_msg("\"%s\" is one", good[i]);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (zone_exists(bad[i]))
			fail_msg("\"%s\" is none", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_word_is_a_report_or_else_a_file),
		cmocka_unit_test(what_is_wrong_is_64),
		cmocka_unit_test(every_option_comes_to_where_it_is_used),
		cmocka_unit_test(each_filter_is_of_its_column),
		cmocka_unit_test(zones_are_files_or_what_POSIX_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
