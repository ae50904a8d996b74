/* SPDX-License-Identifier: BSD-2-Clause */
/* How many were blocked, per domain, type and error. */
#include <stdlib.h>

#include "danests.h"
#include "tools/report/tally_impl.h"

static const struct sheet_column columns[] = {
	{ "Recipient Domain", false }, { "Security Type", false },
	{ "Count of Messages Blocked", true },
	{ "Distinct Error Generated for Domain", false },
};

struct part {
	struct slice domain;
	const struct danests_fault *fault;
	enum security security;
	bool final;
	uint64_t message, n;
};

struct parts {
	struct part *all;
	size_t count;
};

static int order(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int error_order(const struct part *a, const struct part *b)
{
	char cell_a[TALLY_ERROR], cell_b[TALLY_ERROR];

	if (a->fault == b->fault && a->final == b->final)
		return 0;
	return slice_order(tally_error(a->fault, a->final, cell_a),
	    tally_error(b->fault, b->final, cell_b));
}

static int row_order(const struct part *a, const struct part *b)
{
	int c = slice_order(a->domain, b->domain);

	if (c == 0)
		c = order(a->security, b->security);
	return c != 0 ? c : error_order(a, b);
}

static int compare_parts(const void *pa, const void *pb)
{
	const struct part *a = pa, *b = pb;
	int c = row_order(a, b);

	return c != 0 ? c : order(a->message, b->message);
}

static int compare_rows(const void *pa, const void *pb)
{
	const struct part *a = pa, *b = pb;
	int c = order(b->n, a->n);

	return c != 0 ? c : row_order(a, b);
}

static void add_late(const struct tally *t, struct parts *parts)
{
	struct late_walk w = {0};

	while (late_next(t, &w))
		parts->all[parts->count++] = (struct part){ name_slice(w.cell->name), w.fault,
			w.late.security, w.late.final, UINT64_MAX, w.cell->n };
}

static int get_parts(const struct tally *t, struct parts *parts)
{
	struct shown shown;
	int r = tally_shown(t, &shown);

	if (r != DANESTS_OK)
		return r;
	parts->all = calloc(shown.count + t->late.map.count + 1, sizeof(*parts->all));
	if (parts->all == NULL) {
		free(shown.all);
		return DANESTS_ENOMEM;
	}
	for (size_t i = 0; i < shown.count; i++)
		parts->all[i] = (struct part){ shown.all[i].domain, shown.all[i].fault,
			shown.all[i].security, shown.all[i].final, shown.all[i].message, 1 };
	parts->count = shown.count;
	free(shown.all);
	add_late(t, parts);
	return DANESTS_OK;
}

/* Parts of a row become one; with messages, of several recipients of a message one counts. */
static void fold(struct parts *parts, bool messages)
{
	uint64_t last = UINT64_MAX;
	size_t rows = 0;
	struct part *at;

	if (parts->count > 0)
		qsort(parts->all, parts->count, sizeof(*parts->all), compare_parts);
	for (size_t i = 0; i < parts->count; i++) {
		at = &parts->all[i];
		if (rows == 0 || row_order(&parts->all[rows - 1], at) != 0) {
			last = at->message;
			parts->all[rows++] = *at;
			continue;
		}
		if (!messages || at->message != last || last == UINT64_MAX)
			parts->all[rows - 1].n += at->n;
		last = at->message;
	}
	parts->count = rows;
	if (rows > 0)
		qsort(parts->all, rows, sizeof(*parts->all), compare_rows);
}

static void put(const struct tally *t, const struct part *part, struct sheet *out)
{
	struct slice type = slice_of(security_name(part->security));
	char error[TALLY_ERROR], digits[TALLY_DIGITS];
	struct slice cells[] = { part->domain, type, tally_digits(part->n, digits),
		tally_error(part->fault, part->final, error) };

	if (!view_found(t->view, cells, COUNT_OF(cells)))
		return;
	for (size_t i = 0; i < COUNT_OF(cells); i++)
		sheet_text(out, cells[i]);
}

int rows_blocked(const struct tally *t, struct sheet *out)
{
	struct parts parts = {0};
	int r = get_parts(t, &parts);

	sheet_init(out, "Blocked messages by domain and error", columns, COUNT_OF(columns));
	if (r != DANESTS_OK)
		return r;
	fold(&parts, t->view->messages);
	for (size_t i = 0; i < parts.count; i++)
		put(t, &parts.all[i], out);
	free(parts.all);
	return DANESTS_OK;
}
