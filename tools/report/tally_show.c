/* SPDX-License-Identifier: BSD-2-Clause */
/* What the reports have in common: errors as they are written, what is shown, in which order. */
#include <stdlib.h>
#include <time.h>

#include "base/text.h"
#include "danests.h"
#include "tools/report/tally_impl.h"

int slice_order(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int c = len > 0 ? memcmp(a.p, b.p, len) : 0;

	return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

struct slice tally_error(const struct danests_fault *fault, bool final, char out[TALLY_ERROR])
{
	if (fault->code[0] == '\0')
		return slice_of(fault->token);
	text_format(out, TALLY_ERROR, "%c%s %s", final ? '5' : '4', fault->code + 1,
	    fault->token);
	return slice_of(out);
}

size_t tally_fault_index(const struct danests_fault *fault)
{
	const struct danests_fault *at;
	size_t i = 0;

	while ((at = danests_fault_at(i)) != NULL && at != fault)
		i++;
	return i;
}

bool tally_shows(const struct tally *t, enum security type, const struct danests_fault *fault,
    bool final)
{
	char error[TALLY_ERROR];

	if (fault == NULL || ((unsigned)type < SECURITY_NAMED && !t->type_passes[type]))
		return false;
	return view_passes(t->view, COLUMN_ERROR, tally_error(fault, final, error));
}

struct slice tally_digits(uint64_t n, char out[TALLY_DIGITS])
{
	text_format(out, TALLY_DIGITS, "%llu", (unsigned long long)n);
	return slice_of(out);
}

struct slice tally_time(int64_t seconds, char out[TALLY_TIME])
{
	time_t t = (time_t)seconds;
	struct tm tm = {0};

	(void)gmtime_r(&t, &tm);
	text_format(out, TALLY_TIME, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return slice_of(out);
}

/* ---- All rows of blocked-details ---- */

struct gather {
	const struct tally *t;
	struct shown *to;
	size_t room;
};

static void gather_row(void *arg, const struct ledger_row *row)
{
	struct gather *g = arg;

	if (g->to->count < g->room && tally_shows(g->t, row->security, row->fault, row->final))
		g->to->all[g->to->count++] = *row;
}

int tally_shown(const struct tally *t, struct shown *out)
{
	struct gather g = { t, out, ledger_records(t->ledger) };

	*out = (struct shown){0};
	out->all = calloc(g.room + 1, sizeof(*out->all));
	if (out->all == NULL)
		return DANESTS_ENOMEM;
	ledger_walk(t->ledger, tally_us(t->since), tally_us(t->until), gather_row, &g);
	return DANESTS_OK;
}

/* ---- Which report ---- */

static const struct {
	const char *name;
	int (*rows)(const struct tally *t, struct sheet *out);
} reports[] = {
	[REPORT_BLOCKED] = { "blocked", rows_blocked },
	[REPORT_DETAILS] = { "blocked-details", rows_details },
	[REPORT_SENT] = { "sent", rows_sent },
	[REPORT_NO_TLS] = { "no-tls", rows_no_tls },
	[REPORT_SUMMARY] = { "summary", rows_summary },
};

const char *report_name(enum report r)
{
	return reports[r].name;
}

int tally_sheet(const struct tally *t, enum report r, struct sheet *out)
{
	int error = reports[r].rows(t, out);

	if (error == DANESTS_OK && out->bad)
		error = DANESTS_ENOMEM;
	if (error != DANESTS_OK)
		sheet_free(out);
	return error;
}
