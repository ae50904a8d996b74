/* SPDX-License-Identifier: BSD-2-Clause */
/* How mail was secured: every bucket of the period, every type. */
#include <stdlib.h>

#include "danests.h"
#include "tools/report/tally_impl.h"

static const struct sheet_column columns[] = {
	{ "Date", false }, { "Security type", false }, { "Count Of Secured Messages", true },
};

/* Where a mistaken time makes a period of thousands of years, only what is there is shown. */
#define SENT_BUCKETS 10000

struct bar {
	int64_t begin; /* of the bucket */
	uint64_t n[SECURITY_SENT];
};

static int compare(const void *pa, const void *pb)
{
	const struct bar *a = pa, *b = pb;

	return a->begin < b->begin ? -1 : a->begin > b->begin;
}

static size_t get_bars(const struct tally *t, struct bar *bars)
{
	struct map_node *node = NULL;
	const struct count *count;
	size_t cursor = 0, n = 0;
	struct bar bar;

	while ((node = map_next(&t->counts.map, &cursor, node)) != NULL) {
		count = (const struct count *)(const void *)node;
		if ((count->key.what >= SECURITY_SENT && count->key.what < WHAT_PLACE) ||
		    !tally_has_slot(t, count->key.slot))
			continue;
		bar = (struct bar){0};
		bar.begin = bucket_begin(t->view->bucket, (int64_t)count->key.slot * t->unit);
		bar.n[tally_type(t, count->key.what)] = t->view->messages ? count->rows : count->n;
		bars[n++] = bar;
	}
	return n;
}

/* One per bucket, by time. */
static size_t fold(struct bar *bars, size_t count)
{
	size_t n = 0;

	if (count > 0)
		qsort(bars, count, sizeof(*bars), compare);
	for (size_t i = 0; i < count; i++) {
		if (n == 0 || bars[n - 1].begin != bars[i].begin) {
			bars[n++] = bars[i];
			continue;
		}
		for (unsigned type = 0; type < SECURITY_SENT; type++)
			bars[n - 1].n[type] += bars[i].n[type];
	}
	return n;
}

static void put(const struct tally *t, const struct bar *bar, struct sheet *out)
{
	char date[BUCKET_TEXT];

	bucket_text(t->view->bucket, bar->begin, date);
	for (unsigned type = 0; type < SECURITY_SENT; type++) {
		if (!t->type_passes[type])
			continue;
		sheet_text(out, slice_of(date));
		sheet_text(out, slice_of(security_name((enum security)type)));
		sheet_number(out, bar->n[type]);
	}
}

static bool is_long(const struct tally *t)
{
	int64_t seconds = t->counted.until - t->counted.since;

	return seconds / t->unit > SENT_BUCKETS;
}

static void put_all(const struct tally *t, const struct bar *bars, size_t count,
    struct sheet *out)
{
	int64_t at = bucket_begin(t->view->bucket, t->counted.since);
	struct bar none = {0};
	size_t i = 0;

	if (t->counted.since >= t->counted.until)
		return;
	for (; at < t->counted.until; at = bucket_next(t->view->bucket, at)) {
		none.begin = at;
		if (i < count && bars[i].begin == at)
			put(t, &bars[i++], out);
		else
			put(t, &none, out);
	}
}

int rows_sent(const struct tally *t, struct sheet *out)
{
	struct bar *bars = calloc(t->counts.map.count + 1, sizeof(*bars));
	size_t count;

	sheet_init(out, "How sent mail was secured", columns, COUNT_OF(columns));
	if (bars == NULL)
		return DANESTS_ENOMEM;
	count = fold(bars, get_bars(t, bars));
	if (!is_long(t))
		put_all(t, bars, count, out);
	for (size_t i = 0; i < count && is_long(t); i++)
		put(t, &bars[i], out);
	free(bars);
	return DANESTS_OK;
}
