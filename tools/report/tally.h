/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verdicts to counts. What was sent is counted by hour and type, and, without TLS, by day and
 * domain; what was blocked is kept one by one (ledger.h), as a message counts once per
 * error however often it was tried, and may yet bounce. Days that can no longer be part of the
 * period are dropped on the way.
 */
#ifndef REPORT_TALLY_H
#define REPORT_TALLY_H

#include "tools/report/classify.h"
#include "tools/report/sheet.h"
#include "tools/report/view.h"

struct tally;

struct tally_limits {          /* 0: the usual one */
	size_t blocked;            /* messages with their details */
	size_t cells;              /* (day, domain) without TLS */
	size_t troubles;           /* different texts of trouble */
};

/* The view must live as long as the tally. NULL without memory. */
struct tally *tally_new(const struct view *view, const struct tally_limits *limits);
void tally_free(struct tally *t);

void tally_take(struct tally *t, const struct delivery *d, const struct verdict *v);
void tally_gone(struct tally *t, uint64_t message, bool expired, int64_t us);
void tally_passed(struct tally *t, int64_t us, enum statement statement, struct slice domain);
void tally_trouble(struct tally *t, int64_t us, enum event_kind kind, struct slice text);
void tally_place(struct tally *t, unsigned place, enum logged logged);
/*
 * All is there; of the oldest and of the newest line, LINE_NO_TIME when there was none. A
 * period that was not given as dates does not reach back behind the data: nobody knows
 * what was sent on days that have no log.
 */
void tally_end(struct tally *t, int64_t first_us, int64_t last_us);

struct tally_counts {
	int64_t since, until;      /* of the period, in seconds */
	uint64_t sent[SECURITY_SENT], sent_messages[SECURITY_SENT]; /* in the period, filtered */
	uint64_t evidence[EVIDENCE_COUNT]; /* sent and blocked, by what was known of them */
	enum evidence weakest;     /* of those; EVIDENCE_FEATURE when there is nothing */
	uint64_t smarthost, smarthost_messages; /* of what was sent: of the last hop none knows */
	uint64_t blocked;          /* rows of blocked-details, or, with messages, these */
	uint64_t dropped_blocked, dropped_cells, dropped_troubles; /* bounds reached */
	uint64_t forgotten_messages; /* bound reached: they may count twice as messages */
	bool no_dnssec;            /* EVENT_NO_DNSSEC was there in the period */
	bool out_of_memory;
};
const struct tally_counts *tally_counts(const struct tally *t); /* after tally_end() */

enum report { REPORT_BLOCKED, REPORT_DETAILS, REPORT_SENT, REPORT_NO_TLS, REPORT_SUMMARY };
const char *report_name(enum report r); /* "blocked", "blocked-details", ... */

/* The rows, with the view's filters, bucket and top, in their order. 0, DANESTS_ENOMEM.
 * REPORT_SUMMARY: Section, Name, Count, Share, Remark. */
int tally_sheet(const struct tally *t, enum report r, struct sheet *out) ATTR_MUST_CHECK;

#endif
