/* SPDX-License-Identifier: BSD-2-Clause */
/* Totals for people: what was sent and how, what was not and why, how sure that is. */
#include <stdlib.h>

#include "base/text.h"
#include "danests.h"
#include "tools/report/tally_impl.h"

static const struct sheet_column columns[] = {
	{ "Section", false }, { "Name", false }, { "Count", true }, { "Share", false },
	{ "Remark", false },
};

#define REMARK 80

void summary_put(struct sheet *out, const char *section, struct slice name, uint64_t count,
    uint64_t total, const char *remark)
{
	uint64_t tenths = total > 0 ? (uint64_t)((double)count * 1000.0 / (double)total + 0.5) : 0;
	char share[32];

	sheet_text(out, slice_of(section));
	sheet_text(out, name);
	sheet_number(out, count);
	text_format(share, sizeof(share), "%u.%u %%", (unsigned)(tenths / 10),
	    (unsigned)(tenths % 10));
	sheet_text(out, slice_of(total > 0 ? share : ""));
	sheet_text(out, slice_of(remark));
}

/* ---- Period ---- */

static void put_period(const struct tally *t, struct sheet *out)
{
	const struct tally_counts *c = &t->counted;
	char since[TALLY_TIME], until[TALLY_TIME], remark[REMARK];
	uint64_t days = c->until > c->since ? (uint64_t)(c->until - c->since) / TALLY_DAY : 0;

	/* Without a line and without --since there is none. */
	if (c->since >= c->until)
		return;
	(void)tally_time(c->since, since);
	(void)tally_time(c->until, until);
	text_format(remark, sizeof(remark), "from %s to before %s", since, until);
	summary_put(out, "Period", SLICE("days"), days, 0, remark);
}

/* ---- Sent ---- */

static uint64_t sum(const uint64_t *n, size_t count)
{
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++)
		total += n[i];
	return total;
}

static void put_sent(const struct tally *t, struct sheet *out)
{
	const struct tally_counts *c = &t->counted;
	bool messages = t->view->messages;
	const uint64_t *count = messages ? c->sent_messages : c->sent;
	const uint64_t *other = messages ? c->sent : c->sent_messages;
	uint64_t total = sum(count, SECURITY_SENT);
	char remark[REMARK];

	for (unsigned i = 0; i < SECURITY_SENT && total > 0; i++) {
		if (!t->type_passes[i])
			continue;
		text_format(remark, sizeof(remark), "%s: %llu", messages ? "recipients" :
		    "messages", (unsigned long long)other[i]);
		summary_put(out, "Sent", slice_of(security_name((enum security)i)), count[i],
		    total, remark);
	}
	if (c->smarthost > 0)
		summary_put(out, "Sent", SLICE("via smarthost (port 587 or 465)"),
		    messages ? c->smarthost_messages : c->smarthost, total, "counted above by"
		    " the TLS of the hop to it; nothing is known of the last hop");
}

/* ---- Blocked ---- */

struct errors {
	struct {
		uint64_t n;
		uint64_t last;   /* message + 1; what there is of one comes together */
	} by[32][2];         /* number of the fault, and whether final */
	uint64_t total;
};

static void add_error(struct errors *e, size_t fault, bool final, uint64_t n)
{
	if (fault >= COUNT_OF(e->by))
		return;
	e->by[fault][final].n += n;
	e->total += n;
}

static void add_row(struct errors *e, const struct ledger_row *row, bool messages)
{
	size_t fault = tally_fault_index(row->fault);

	if (fault >= COUNT_OF(e->by))
		return;
	if (!messages || e->by[fault][row->final].last != row->message + 1)
		add_error(e, fault, row->final, 1);
	e->by[fault][row->final].last = row->message + 1;
}

static int sum_errors(const struct tally *t, struct errors *e)
{
	struct late_walk walk = {0};
	struct shown shown;
	int r = tally_shown(t, &shown);

	if (r != DANESTS_OK)
		return r;
	for (size_t i = 0; i < shown.count; i++)
		add_row(e, &shown.all[i], t->view->messages);
	free(shown.all);
	while (late_next(t, &walk))
		add_error(e, walk.late.fault, walk.late.final, walk.cell->n);
	return DANESTS_OK;
}

static int put_blocked(const struct tally *t, struct sheet *out)
{
	const struct danests_fault *fault;
	struct errors e = {0};
	char error[TALLY_ERROR];
	int r = sum_errors(t, &e);

	if (r != DANESTS_OK)
		return r;
	for (size_t i = 0; (fault = danests_fault_at(i)) != NULL && i < COUNT_OF(e.by); i++)
		for (int final = 0; final < 2; final++)
			if (e.by[i][final].n > 0)
				summary_put(out, "Blocked", tally_error(fault, final, error),
				    e.by[i][final].n, e.total, fault->hint);
	return DANESTS_OK;
}

/* ---- How sure that is ---- */

static void put_evidence(const struct tally *t, struct sheet *out)
{
	uint64_t total = sum(t->counted.evidence, EVIDENCE_COUNT);

	for (unsigned i = 0; i < EVIDENCE_COUNT; i++)
		if (t->counted.evidence[i] > 0)
			summary_put(out, "Evidence", slice_of(evidence_text((enum evidence)i)),
			    t->counted.evidence[i], total, "");
}

/* ---- What a bound left out ---- */

static void put_bounds(const struct tally *t, struct sheet *out)
{
	const struct tally_counts *c = &t->counted;
	const struct { const char *name; uint64_t n; } bounds[] = {
		{ "blocked messages counted without their details", c->dropped_blocked },
		{ "deliveries left out of no-tls, sent or blocked", c->dropped_cells },
		{ "lines of local trouble", c->dropped_troubles },
		{ "messages that may count twice with --count messages", c->forgotten_messages },
	};

	for (size_t i = 0; i < COUNT_OF(bounds); i++)
		if (bounds[i].n > 0)
			summary_put(out, "Too many to keep", slice_of(bounds[i].name),
			    bounds[i].n, 0, "");
}

int rows_summary(const struct tally *t, struct sheet *out)
{
	int r;

	sheet_init(out, "Summary", columns, COUNT_OF(columns));
	put_period(t, out);
	put_sent(t, out);
	r = put_blocked(t, out);
	if (r != DANESTS_OK)
		return r;
	put_evidence(t, out);
	summary_events(t, out);
	put_bounds(t, out);
	return DANESTS_OK;
}
