/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/tally.h"

#include <stdlib.h>

#include "danests.h"
#include "tools/report/tally_impl.h"

#define TALLY_YEARS INT64_C(253402300800) /* seconds to the year 10000: no log is later */

/* ---- Beginning and end ---- */

int64_t tally_us(int64_t seconds)
{
	if (seconds > TALLY_YEARS)
		return INT64_MAX;
	return seconds < 0 ? INT64_MIN : seconds * TALLY_SECOND;
}

static bool filters(const struct view *view, enum column column)
{
	const struct filter *f = view->filters;

	while (f != NULL && f->column != column)
		f = f->next;
	return f != NULL;
}

static bool is_relative(const struct period *p)
{
	return p->usual || p->days > 0 || p->months > 0 || p->until_days > 0 ||
	    p->until_months > 0;
}

static void set_view(struct tally *t, const struct view *view)
{
	t->view = view;
	t->unit = view->bucket == BUCKET_HOUR ? TALLY_HOUR : TALLY_DAY;
	t->by_domain = filters(view, COLUMN_DOMAIN);
	t->relative = is_relative(&view->period);
	t->since_us = tally_us(view->period.since);
	t->until_us = tally_us(view->period.until);
	for (unsigned i = 0; i < SECURITY_NAMED; i++)
		t->type_passes[i] = view_passes(view, COLUMN_TYPE,
		    slice_of(security_name((enum security)i)));
}

static size_t or_usual(size_t limit, size_t usual)
{
	return limit > 0 ? limit : usual;
}

struct tally *tally_new(const struct view *view, const struct tally_limits *limits)
{
	struct tally *t = calloc(1, sizeof(*t));
	size_t cells;

	if (t == NULL)
		return NULL;
	if (limits != NULL)
		t->limits = *limits;
	t->limits.blocked = or_usual(t->limits.blocked, TALLY_BLOCKED);
	t->limits.troubles = or_usual(t->limits.troubles, TALLY_TROUBLES);
	t->limits.cells = cells = or_usual(t->limits.cells, TALLY_CELLS);
	set_view(t, view);
	t->newest_us = t->swept_day = INT64_MIN;
	names_init(&t->names);
	counts_init(&t->counts, TALLY_COUNTS);
	cells_init(&t->no_tls, &t->names, cells);
	cells_init(&t->late, &t->names, cells / 4 + 1);
	cells_init(&t->troubles, &t->names, t->limits.troubles * TALLY_TROUBLE_DAYS);
	marks_init(&t->marks);
	late_init(t);
	t->ledger = ledger_new(&t->names, t->limits.blocked, t->relative);
	if (t->ledger == NULL) {
		tally_free(t);
		return NULL;
	}
	return t;
}

void tally_free(struct tally *t)
{
	if (t == NULL)
		return;
	marks_free(t);
	mixed_free(t);
	totals_free(&t->totals);
	ledger_free(t->ledger);
	counts_free(&t->counts);
	cells_free(&t->no_tls);
	cells_free(&t->late);
	cells_free(&t->troubles);
	names_free(&t->names);
	free(t->late_seen);
	free(t->places);
	free(t);
}

/* ---- When ---- */

/* What can no longer be in the period goes; not at every new day of a log that leaps. */
static void sweep(struct tally *t)
{
	int64_t floor_us = tally_us(period_floor(&t->view->period, t->newest_us / TALLY_SECOND));
	int64_t begin;

	if (t->since_swept * 4 < t->counts.map.count + t->names.map.count)
		return;
	t->since_swept = 0;
	if (floor_us > t->since_us)
		t->since_us = floor_us;
	ledger_drop(t->ledger, t->since_us, t->newest_us);
	if (t->since_us == INT64_MIN)
		return;
	begin = t->since_us / TALLY_SECOND;
	counts_drop(&t->counts, (int32_t)(begin / t->unit));
	cells_drop(&t->no_tls, (int32_t)(begin / TALLY_DAY));
	cells_drop(&t->late, (int32_t)(begin / TALLY_DAY));
	cells_drop(&t->troubles, (int32_t)(begin / TALLY_DAY));
}

/* False: no time that a log can have. */
static bool set_slot(struct tally *t, int64_t us)
{
	int64_t s = us / TALLY_SECOND;

	if (us < 0 || s >= TALLY_YEARS)
		return false;
	t->slot = (int32_t)(s / t->unit);
	t->day = (int32_t)(s / TALLY_DAY);
	t->slot_from_us = (int64_t)t->slot * t->unit * TALLY_SECOND;
	t->slot_to_us = t->slot_from_us + t->unit * TALLY_SECOND;
	if (us > t->newest_us && t->day > t->swept_day) {
		t->newest_us = us;
		t->swept_day = t->day;
		sweep(t);
	}
	return true;
}

static bool set_time(struct tally *t, int64_t us)
{
	t->since_swept++;
	if (us >= t->slot_from_us && us < t->slot_to_us)
		return true;
	return set_slot(t, us);
}

static bool is_inside(const struct tally *t, int64_t us)
{
	return us >= t->since_us && us < t->until_us;
}

/* ---- What was sent ---- */

static uint32_t sent_what(const struct delivery *d, const struct verdict *v)
{
	if (v->security == SECURITY_UNLOGGED && d->place < UINT32_MAX - WHAT_PLACE)
		return WHAT_PLACE + d->place;
	return v->security < SECURITY_SENT ? WHAT_TYPE + v->security : SECURITY_UNKNOWN;
}

static void add_cell(struct tally *t, struct cells *cells, struct slice text, uint32_t what,
    uint64_t *dropped)
{
	struct cell *cell = cells_at(cells, text, t->day, what);

	if (cell != NULL)
		cell->n++;
	else
		(*dropped)++;
}

static void take_without_tls(struct tally *t, const struct delivery *d, uint32_t what)
{
	struct cell *cell = cells_at(&t->no_tls, d->domain, t->day, what);

	if (cell == NULL) {
		t->counted.dropped_cells++;
		return;
	}
	cell->n++;
	if (t->view->messages)
		marks_take(t, d->message, cell->name, what);
}

static void add_count(struct tally *t, uint32_t what)
{
	struct count *count = counts_at(&t->counts, t->slot, what);

	if (count != NULL)
		count->n++;
}

/* Its number, a new one when it is new; TALLY_DOUBTS: there are too many. */
static uint32_t doubt_number(struct tally *t, const char *doubt)
{
	uint32_t i = 0;

	while (i < TALLY_DOUBTS && t->doubts[i] != NULL && t->doubts[i] != doubt &&
	    strcmp(t->doubts[i], doubt) != 0)
		i++;
	if (i < TALLY_DOUBTS)
		t->doubts[i] = doubt;
	return i;
}

static void take_doubt(struct tally *t, const char *doubt)
{
	uint32_t i = doubt_number(t, doubt);

	if (i < TALLY_DOUBTS)
		add_count(t, WHAT_DOUBT + i);
}

/* Of types that pass: when that is known at the end only, all that it can be must. */
static void take_smarthost(struct tally *t, uint64_t message, uint32_t what)
{
	bool passes = what < SECURITY_NAMED ? t->type_passes[what] :
	    t->type_passes[SECURITY_NO_TLS] && t->type_passes[SECURITY_UNKNOWN];
	struct count *count = passes ? counts_at(&t->counts, t->slot, WHAT_SMARTHOST) : NULL;

	if (count == NULL)
		return;
	count->n++;
	totals_take(t, message, count);
}

static void take_sent(struct tally *t, const struct delivery *d, const struct verdict *v)
{
	uint32_t what = sent_what(d, v);
	struct count *count = counts_at(&t->counts, t->slot, what);

	if (count == NULL) {
		t->counted.dropped_cells++;
		return;
	}
	count->n++;
	totals_take(t, d->message, count);
	if (what < SECURITY_NAMED && t->type_passes[what]) {
		if (v->evidence < EVIDENCE_COUNT)
			add_count(t, WHAT_EVIDENCE + v->evidence);
		if (v->doubt != NULL)
			take_doubt(t, v->doubt);
	}
	if (d->smarthost)
		take_smarthost(t, d->message, what);
	if (what == SECURITY_NO_TLS || what >= WHAT_PLACE)
		take_without_tls(t, d, what);
	if (t->view->messages)
		marks_take(t, d->message, NULL, what);
}

/* ---- What was not ---- */

static void take_blocked(struct tally *t, const struct delivery *d, const struct verdict *v,
    bool inside)
{
	if (v->doubt != NULL)
		(void)doubt_number(t, v->doubt); /* the ledger keeps whose it is */
	switch (ledger_block(t->ledger, d, v, inside)) {
	case LEDGER_TOOK:
		return;
	case LEDGER_NO_MEMORY:
		t->counted.out_of_memory = true;
		return;
	case LEDGER_FULL:
		break;
	}
	if (inside)
		late_take(t, d, v);
}

static void take_trouble(struct tally *t, struct slice text, uint32_t kind)
{
	if (text.len > TALLY_TROUBLE_CUT)
		text.len = TALLY_TROUBLE_CUT;
	add_cell(t, &t->troubles, text, kind, &t->counted.dropped_troubles);
}

void tally_take(struct tally *t, const struct delivery *d, const struct verdict *v)
{
	bool inside;

	if (!set_time(t, d->us))
		return;
	if (t->by_domain && !view_passes(t->view, COLUMN_DOMAIN, d->domain))
		return;
	inside = is_inside(t, d->us);
	if (v->kind == VERDICT_BLOCKED && v->fault != NULL) {
		take_blocked(t, d, v, inside);
		return;
	}
	ledger_other(t->ledger, d);
	if (!inside)
		return;
	if (v->kind == VERDICT_SENT)
		take_sent(t, d, v);
	else if (v->doubt != NULL)
		take_doubt(t, v->doubt);
	if (v->kind == VERDICT_LOCAL || v->kind == VERDICT_POLICY || v->kind == VERDICT_REQUIRETLS)
		take_trouble(t, d->text, v->kind);
}

void tally_gone(struct tally *t, uint64_t message, bool expired, int64_t us)
{
	(void)us;
	ledger_gone(t->ledger, message, expired);
	totals_gone(t, message);
	marks_gone(t, message);
}

void tally_passed(struct tally *t, int64_t us, enum statement statement, struct slice domain)
{
	if (!set_time(t, us) || !is_inside(t, us))
		return;
	if (t->by_domain && !view_passes(t->view, COLUMN_DOMAIN, domain))
		return;
	if (WHAT_PASSED + (uint32_t)statement < WHAT_DOUBT)
		add_count(t, WHAT_PASSED + (uint32_t)statement);
}

void tally_trouble(struct tally *t, int64_t us, enum event_kind kind, struct slice text)
{
	if (!set_time(t, us) || !is_inside(t, us))
		return;
	if (kind == EVENT_NO_DNSSEC)
		add_count(t, WHAT_NO_DNSSEC);
	else
		take_trouble(t, text, VERDICT_LOCAL);
}
