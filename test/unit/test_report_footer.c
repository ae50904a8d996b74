/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "tools/report/footer.h"

#define DAY0 INT64_C(1795305600) /* 2026-11-22T00:00:00Z */
#define DAYS INT64_C(86400)

/* It is noon of that day. */
time_t clock_now(void) { return DAY0 + DAYS / 2; }
int64_t clock_mono_ms(void) { return 0; }
int64_t clock_mono_us(void) { return 0; }

struct all {
	struct options options;
	struct input_counts input;
	struct join_counts join;
	struct tally_counts tally;
};

static struct all usual(void)
{
	struct all a = {
		.input.lines = 10,
		.join = { .first_us = DAY0 * 1000000, .last_us = (DAY0 + 3600) * 1000000 },
		.tally = { .since = DAY0, .until = DAY0 + DAYS, .weakest = EVIDENCE_FEATURE },
	};

	a.tally.sent[SECURITY_TLS] = 5;
	a.tally.evidence[EVIDENCE_FEATURE] = 5;
	return a;
}

static char *said(const struct all *a)
{
	const struct footer f = { &a->options, &a->input, &a->join, &a->tally };
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	footer_write(&f, to);
	fclose(to);
	return text;
}

/* A whole line, or, with begins, how one begins. */
static bool has_line(const struct all *a, const char *want, bool begins)
{
	char *text = said(a);
	size_t len = strlen(want);
	bool found = false;

	for (const char *at = text; *at != '\0'; at += strcspn(at, "\n") + 1)
		found = found || (strncmp(at, want, len) == 0 && (begins || at[len] == '\n'));
	free(text);
	return found;
}

static void expect_line(const struct all *a, const char *want)
{
	char *text;

	if (has_line(a, want, false))
		return;
	text = said(a);
	fail_msg("no \"%s\" in:\n%s", want, text);
}

static void what_has_nothing_to_tell_is_left_out(void **state)
{
	struct all a = usual();
	char *text = said(&a);

	(void)state;
	assert_string_equal(text,
	    "lines read:            10\n"
	    "lines not understood:  0\n"
	    "period:                2026-11-22 to 2026-11-22 (UTC)\n"
	    "deliveries counted:    5 sent, 0 blocked\n"
	    "counted are:           recipients of messages; --count messages counts messages\n"
	    "excluded as internal:  0\n"
	    "weakest evidence used: tls= of Postfix 3.11\n");
	free(text);
	a = (struct all){ .join = { .first_us = LINE_NO_TIME, .last_us = LINE_NO_TIME } };
	text = said(&a);
	assert_string_equal(text,
	    "lines read:            0\n"
	    "lines not understood:  0\n"
	    "deliveries counted:    0 sent, 0 blocked\n"
	    "counted are:           recipients of messages; --count messages counts messages\n"
	    "excluded as internal:  0\n");
	free(text);
}

static void each_count_has_its_line(void **state)
{
	static const struct { size_t at; const char *line; } rows[] = {
		{ offsetof(struct all, input.strange), "lines not understood:  7" },
		{ offsetof(struct all, join.strange), "lines not understood:  7" },
		{ offsetof(struct all, join.internal), "excluded as internal:  7" },
		{ offsetof(struct all, join.probes), "excluded as probes:    7" },
		{ offsetof(struct all, join.twice), "lines seen twice:      7" },
		{ offsetof(struct all, tally.blocked), "deliveries counted:    5 sent, 7 blocked" },
		{ offsetof(struct all, tally.sent[SECURITY_UNKNOWN]),
			"deliveries counted:    12 sent, 0 blocked" },
		{ offsetof(struct all, input.guessed), "year:                  7 lines carry no year:"
			" taken as 2026; --year tells otherwise" },
		{ offsetof(struct all, join.forgotten_messages), "too many, left out:    7 messages:"
			" some have no sender and no Message ID" },
		{ offsetof(struct all, join.forgotten_processes), "too many, left out:    7 processes"
			" of Postfix: some deliveries lack their TLS line" },
		{ offsetof(struct all, join.forgotten_domains),
			"too many, left out:    7 decisions of danestsd" },
		{ offsetof(struct all, join.forgotten_places),
			"too many, left out:    7 hosts and instances of Postfix" },
		{ offsetof(struct all, tally.forgotten_messages),
			"too many, left out:    7 messages: some may count twice as messages" },
		{ offsetof(struct all, tally.dropped_blocked), "too many, left out:    7 blocked"
			" messages: counted, but not in blocked-details" },
		{ offsetof(struct all, tally.dropped_cells), "too many, left out:    7 deliveries:"
			" no-tls, or sent or blocked, is short of them" },
		{ offsetof(struct all, tally.dropped_troubles),
			"too many, left out:    7 texts of trouble: summary is short" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const uint64_t seven = 7;
		struct all a = usual();

		if (has_line(&a, rows[i].line, false))
			fail_msg("\"%s\" is always there", rows[i].line);
		memcpy((char *)&a + rows[i].at, &seven, sizeof(seven));
		expect_line(&a, rows[i].line);
	}
}

static void files_that_were_not_read_and_DNSSEC_that_was_not_there_are_told(void **state)
{
	struct all a = usual();

	(void)state;
	a.input.missing = 1;
	a.input.damaged = 2;
	expect_line(&a, "files not read whole:  3: the report is short of them");
	assert_false(has_line(&a, "warning:", true));
	a.tally.no_dnssec = true;
	assert_true(has_line(&a, "warning:               Postfix had no DNSSEC and so no DANE", true));
	a.options.view.messages = true;
	a.tally.sent_messages[SECURITY_TLS] = 3;
	expect_line(&a, "deliveries counted:    3 sent, 0 blocked");
	expect_line(&a, "counted are:           messages, once for each security type and error");
}

static void a_period_of_days_names_the_last_one(void **state)
{
	static const struct { int64_t since, until; const char *line; } rows[] = {
		{ DAY0 - 6 * DAYS, DAY0 + DAYS, "2026-11-16 to 2026-11-22 (UTC)" },
		{ DAY0 + 3661, DAY0 + DAYS, "2026-11-22T01:01:01Z to 2026-11-22 (UTC)" },
		{ DAY0, DAY0 + 3600, "2026-11-22 to 2026-11-22T01:00:00Z (UTC)" },
		{ PERIOD_OPEN_SINCE, DAY0 + DAYS, "2026-11-22 to 2026-11-22 (UTC)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct all a = usual();
		char line[100];

		a.tally.since = rows[i].since;
		a.tally.until = rows[i].until;
		snprintf(line, sizeof(line), "period:                %s", rows[i].line);
		expect_line(&a, line);
	}
}

static void guessed_years_are_named_from_the_first_to_the_last(void **state)
{
	struct all a = usual();

	(void)state;
	a.input.guessed = 3;
	a.join.first_us -= 365 * DAYS * 1000000;
	expect_line(&a, "year:                  3 lines carry no year: taken as 2025 to 2026;"
	    " --year tells otherwise");
	a.join.first_us = a.join.last_us = LINE_NO_TIME;
	assert_false(has_line(&a, "year:", true));
	assert_false(has_line(&a, "period:", true));
}

static void a_line_from_the_future_is_told(void **state)
{
	struct all a = usual();

	(void)state;
	a.options.view.period = PERIOD_USUAL;
	assert_false(has_line(&a, "warning:", true));
	a.join.last_us = (DAY0 + 3 * DAYS) * 1000000;
	expect_line(&a, "warning:               the newest line is of 2026-11-25, which is in the"
	    " future, and the period ends there: --until tells otherwise");
	a.options.view.period.until = DAY0;
	assert_false(has_line(&a, "warning:", true));
}

static void better_evidence_is_named_where_there_would_be_some(void **state)
{
	enum { LOGLEVEL = 1, NEWER = 2, DANESTSD = 4 };
	static const char *const lines[] = {
		"better evidence:       smtp_tls_loglevel = summary,certmatch in main.cf",
		"better evidence:       Postfix 3.11 or later",
		"better evidence:       danestsd's lines (--policies FILE",
	};
	static const struct {
		enum evidence used;
		bool feature;            /* and tls= elsewhere */
		enum security sent;
		uint64_t blocked, decisions;
		int better;
	} rows[] = {
		{ EVIDENCE_FEATURE, true, SECURITY_TLS, 0, 0, 0 },
		{ EVIDENCE_PROOF, false, SECURITY_TLS, 0, 0, NEWER },
		{ EVIDENCE_PROOF, true, SECURITY_TLS, 0, 0, 0 },
		{ EVIDENCE_JOIN, false, SECURITY_TLS, 0, 9, 0 },
		{ EVIDENCE_TLSRPT, false, SECURITY_TLS, 0, 0, 0 },
		{ EVIDENCE_CAUSE, false, SECURITY_TLS, 0, 0, LOGLEVEL | NEWER },
		{ EVIDENCE_CAUSE, true, SECURITY_TLS, 0, 0, 0 },
		{ EVIDENCE_SUMMARY, false, SECURITY_TLS, 0, 0, LOGLEVEL | NEWER },
		{ EVIDENCE_SUMMARY, true, SECURITY_TLS, 0, 0, LOGLEVEL | NEWER },
		{ EVIDENCE_SILENCE, true, SECURITY_NO_TLS, 0, 0, LOGLEVEL | NEWER },
		{ EVIDENCE_TEXT, false, SECURITY_TLS, 0, 0, LOGLEVEL | NEWER },
		{ EVIDENCE_TEXT, true, SECURITY_TLS, 0, 0, 0 },
		{ EVIDENCE_NONE, true, SECURITY_UNKNOWN, 0, 0, LOGLEVEL | NEWER },
		{ EVIDENCE_FEATURE, true, SECURITY_DANE, 0, 0, DANESTSD },
		{ EVIDENCE_FEATURE, true, SECURITY_STS, 0, 0, DANESTSD },
		{ EVIDENCE_FEATURE, true, SECURITY_EITHER, 0, 0, DANESTSD },
		{ EVIDENCE_FEATURE, true, SECURITY_TLS, 1, 0, DANESTSD },
		{ EVIDENCE_FEATURE, true, SECURITY_DANE, 1, 1, 0 },
		{ EVIDENCE_SUMMARY, false, SECURITY_EITHER, 0, 0, LOGLEVEL | NEWER | DANESTSD },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct all a = usual();
		char weakest[100];

		memset(a.tally.sent, 0, sizeof(a.tally.sent));
		a.tally.sent[rows[i].sent] = 1;
		a.tally.blocked = rows[i].blocked;
		a.tally.evidence[EVIDENCE_FEATURE] = rows[i].feature;
		a.tally.evidence[rows[i].used] = 1;
		a.tally.weakest = rows[i].used;
		a.join.decisions = rows[i].decisions;
		for (size_t line = 0; line < COUNT_OF(lines); line++)
			if (has_line(&a, lines[line], true) != ((rows[i].better >> line & 1) != 0))
				fail_msg("row %zu: %s", i, lines[line]);
		snprintf(weakest, sizeof(weakest), "weakest evidence used: %s",
		    evidence_text(rows[i].used));
		expect_line(&a, weakest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_nothing_to_tell_is_left_out),
		cmocka_unit_test(each_count_has_its_line),
		cmocka_unit_test(files_that_were_not_read_and_DNSSEC_that_was_not_there_are_told),
		cmocka_unit_test(a_period_of_days_names_the_last_one),
		cmocka_unit_test(guessed_years_are_named_from_the_first_to_the_last),
		cmocka_unit_test(a_line_from_the_future_is_told),
		cmocka_unit_test(better_evidence_is_named_where_there_would_be_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
