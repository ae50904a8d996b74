/* SPDX-License-Identifier: BSD-2-Clause */
/* Who takes no TLS: by day and domain, or the domains that took most without it. */
#include <stdlib.h>

#include "danests.h"
#include "tools/report/tally_impl.h"

static const struct sheet_column columns[] = {
	{ "Date", false }, { "Recipient Domain", false }, { "Count of Messages", true },
};

struct row {
	int32_t day;
	struct slice domain;
	uint64_t n;
};

static int by_domain(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	return slice_order(a->domain, b->domain);
}

static int by_count(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return slice_order(a->domain, b->domain);
}

static size_t get_rows(const struct tally *t, struct row *rows)
{
	struct map_node *node = NULL;
	const struct cell *cell;
	size_t cursor = 0, n = 0;

	while ((node = map_next(&t->no_tls.map, &cursor, node)) != NULL) {
		cell = cell_of(node);
		if (!tally_has_day(t, cell->key.day) ||
		    tally_type(t, cell->key.what) != SECURITY_NO_TLS)
			continue;
		rows[n++] = (struct row){ t->view->top > 0 ? 0 : cell->key.day,
			name_slice(cell->name), t->view->messages ? cell->messages : cell->n };
	}
	return n;
}

static size_t fold(struct row *rows, size_t count)
{
	size_t n = 0;

	if (count > 0)
		qsort(rows, count, sizeof(*rows), by_domain);
	for (size_t i = 0; i < count; i++) {
		if (n > 0 && by_domain(&rows[n - 1], &rows[i]) == 0)
			rows[n - 1].n += rows[i].n;
		else
			rows[n++] = rows[i];
	}
	if (n > 0)
		qsort(rows, n, sizeof(*rows), by_count);
	return n;
}

/* False: the search does not find it. */
static bool put(const struct tally *t, const struct row *row, struct sheet *out)
{
	size_t skip = t->view->top > 0 ? 1 : 0;
	char date[BUCKET_TEXT], digits[TALLY_DIGITS];
	struct slice cells[COUNT_OF(columns)];

	bucket_text(BUCKET_DAY, (int64_t)row->day * TALLY_DAY, date);
	cells[0] = slice_of(date);
	cells[1] = row->domain;
	cells[2] = tally_digits(row->n, digits);
	if (!view_found(t->view, cells + skip, COUNT_OF(cells) - skip))
		return false;
	for (size_t i = skip; i < COUNT_OF(cells); i++)
		sheet_text(out, cells[i]);
	return true;
}

int rows_no_tls(const struct tally *t, struct sheet *out)
{
	struct row *rows = calloc(t->no_tls.map.count + 1, sizeof(*rows));
	size_t count, skip = t->view->top > 0 ? 1 : 0, shown = 0;

	sheet_init(out, skip ? "Domains that took most without TLS" : "Sent without TLS",
	    columns + skip, COUNT_OF(columns) - skip);
	if (rows == NULL)
		return DANESTS_ENOMEM;
	count = fold(rows, get_rows(t, rows));
	for (size_t i = 0; i < count && (!skip || shown < t->view->top); i++) {
		/* By messages, what counts elsewhere may leave nothing here. */
		if (rows[i].n > 0 && put(t, &rows[i], out))
			shown++;
	}
	free(rows);
	return DANESTS_OK;
}
