/* SPDX-License-Identifier: BSD-2-Clause */
/* Deliveries for the tally's tests, and sheets as text: cells with '|', rows with '\n'. */
#ifndef TEST_REPORT_TALLY_HELP_H
#define TEST_REPORT_TALLY_HELP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "danests.h"
#include "tools/report/tally.h"

#define DAY0 INT64_C(1795305600) /* 2026-11-22T00:00:00Z */
#define DAYS INT64_C(86400)
#define HOURS INT64_C(3600)

static inline struct slice text_slice(const char *text)
{
	return (struct slice){ text, text == NULL ? 0 : strlen(text) };
}

static inline struct view all_time(void)
{
	struct view view = {0};

	view.period.since = PERIOD_OPEN_SINCE;
	view.period.until = PERIOD_OPEN_UNTIL;
	return view;
}

/* A delivery to a@DOMAIN at so many seconds after DAY0. */
/* The oldest line of a test that is told in deliveries. */
static int64_t first_us = INT64_MAX;

/* Every test begins and ends with these; a bound of 0 is the usual one. */
static inline struct tally *begin(const struct view *view, const struct tally_limits *limits)
{
	struct tally *t = tally_new(view, limits);

	first_us = INT64_MAX;
	assert_non_null(t);
	return t;
}

static inline struct tally *begin_bound(const struct view *view, size_t blocked)
{
	struct tally_limits limits = { .blocked = blocked };

	return begin(view, &limits);
}

static inline void end_at(struct tally *t, int64_t seconds)
{
	tally_end(t, first_us, (DAY0 + seconds) * 1000000);
	assert_false(tally_counts(t)->out_of_memory);
}

static inline struct delivery delivery_at(int64_t seconds, uint64_t message, const char *domain,
    char recipient[80])
{
	struct delivery d = {0};

	(void)snprintf(recipient, 80, "a@%s", domain);
	d.us = (DAY0 + seconds) * 1000000;
	if (d.us < first_us)
		first_us = d.us;
	d.message = message;
	d.domain = text_slice(domain);
	d.recipient = text_slice(recipient);
	d.sender = SLICE("s@sender.example");
	d.message_id = SLICE("id@sender.example");
	return d;
}

static inline void sent_at(struct tally *t, int64_t seconds, uint64_t message, const char *domain,
    enum security type)
{
	char recipient[80];
	struct delivery d = delivery_at(seconds, message, domain, recipient);
	struct verdict v = { .kind = VERDICT_SENT, .security = type,
		.evidence = EVIDENCE_SUMMARY };

	d.status = STATUS_SENT;
	tally_take(t, &d, &v);
}

static inline void unlogged_at(struct tally *t, int64_t seconds, uint64_t message,
    const char *domain, unsigned place)
{
	char recipient[80];
	struct delivery d = delivery_at(seconds, message, domain, recipient);
	struct verdict v = { .kind = VERDICT_SENT, .security = SECURITY_UNLOGGED,
		.evidence = EVIDENCE_SILENCE };

	d.status = STATUS_SENT;
	d.place = place;
	tally_take(t, &d, &v);
}

static inline void blocked_at(struct tally *t, int64_t seconds, uint64_t message,
    const char *domain, enum security type, const char *token, enum status status)
{
	char recipient[80];
	struct delivery d = delivery_at(seconds, message, domain, recipient);
	struct verdict v = { .kind = VERDICT_BLOCKED, .security = type,
		.evidence = EVIDENCE_TEXT, .fault = danests_fault(token) };

	d.status = status;
	d.bounced = status == STATUS_BOUNCED;
	d.text = SLICE("Server certificate not verified");
	tally_take(t, &d, &v);
}

static inline char *sheet_dump(const struct tally *t, enum report r)
{
	struct sheet sheet = {0};
	struct slice cell;
	size_t len;
	char *text = NULL;
	FILE *to = open_memstream(&text, &len);

	if (to == NULL || tally_sheet(t, r, &sheet) != DANESTS_OK)
		abort();
	for (size_t row = 0; row < sheet_rows(&sheet); row++) {
		for (size_t c = 0; c < sheet.width; c++) {
			cell = sheet_cell(&sheet, row, c);
			(void)fprintf(to, "%s%.*s", c > 0 ? "|" : "", (int)cell.len, cell.p);
		}
		(void)fputc('\n', to);
	}
	(void)fclose(to);
	sheet_free(&sheet);
	return text;
}

#define assert_sheet(t, report, want) do { \
	char *got_ = sheet_dump(t, report); \
	assert_string_equal(got_, want); \
	free(got_); \
} while (0)

/* The sum of the numbers in a column. */
static inline uint64_t sheet_sum(const struct tally *t, enum report r, size_t column)
{
	struct sheet sheet = {0};
	struct slice cell;
	uint64_t sum = 0;

	if (tally_sheet(t, r, &sheet) != DANESTS_OK)
		abort();
	for (size_t row = 0; row < sheet_rows(&sheet); row++) {
		uint64_t n = 0;

		cell = sheet_cell(&sheet, row, column);
		for (size_t i = 0; i < cell.len; i++)
			n = n * 10 + (uint64_t)(cell.p[i] - '0');
		sum += n;
	}
	sheet_free(&sheet);
	return sum;
}

static inline size_t sheet_count(const struct tally *t, enum report r)
{
	struct sheet sheet = {0};
	size_t rows;

	if (tally_sheet(t, r, &sheet) != DANESTS_OK)
		abort();
	rows = sheet_rows(&sheet);
	sheet_free(&sheet);
	return rows;
}

#endif
