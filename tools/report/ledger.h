/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was blocked, one by one: a record per (message, recipient, error), however often it
 * was tried. While the message lives, later tries find their record; when it is gone only
 * what a report shows is left, until its last day is out of the period.
 *
 * The first failure of each day is kept, as where the period begins is known at the end
 * only. A try outside of the period still tells how it ended.
 */
#ifndef REPORT_LEDGER_H
#define REPORT_LEDGER_H

#include "tools/report/classify.h"
#include "tools/report/tally_names.h"

struct ledger;

/* records: at most so many, each of so many octets on average. days: keep each day's first
 * failure, else only the first one. */
#define LEDGER_OCTETS 400
struct ledger *ledger_new(struct names *names, size_t records, bool days);
void ledger_free(struct ledger *l);

enum ledger_took { LEDGER_TOOK, LEDGER_FULL, LEDGER_NO_MEMORY };
/* inside: in the period, as far as that is known. */
enum ledger_took ledger_block(struct ledger *l, const struct delivery *d,
    const struct verdict *v, bool inside);
/* It ended otherwise this time: that is its last error from now on. */
void ledger_other(struct ledger *l, const struct delivery *d);
void ledger_gone(struct ledger *l, uint64_t message, bool expired);
void ledger_end(struct ledger *l); /* as if all were gone */
/* Failures before before_us, and messages of which nothing is left and nothing was heard
 * since long before newest_us: not every log tells that they are gone. */
void ledger_drop(struct ledger *l, int64_t before_us, int64_t newest_us);
size_t ledger_records(const struct ledger *l);
bool ledger_lost(const struct ledger *l); /* memory ran out at an end */

struct ledger_row {
	int64_t us;                        /* first failure in the period */
	uint64_t message;
	enum security security;
	enum evidence evidence;
	const struct danests_fault *fault;
	const char *doubt;
	bool final;                        /* 5: bounced, or given back */
	struct slice domain, recipient, sender, message_id, text;
};
/* Those that failed in [since_us, until_us); after ledger_end(). */
void ledger_walk(const struct ledger *l, int64_t since_us, int64_t until_us,
    void (*row)(void *arg, const struct ledger_row *row), void *arg);

#endif
