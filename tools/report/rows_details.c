/* SPDX-License-Identifier: BSD-2-Clause */
/* Every blocked message: one row per message, recipient and error. */
#include <stdlib.h>

#include "base/buf.h"
#include "danests.h"
#include "tools/report/tally_impl.h"

static const struct sheet_column columns[] = {
	{ "Time", false }, { "Security type", false }, { "Error Details", false },
	{ "Sender", false }, { "Recipient", false }, { "Recipient Domain", false },
	{ "Message ID", false },
};

static int order(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* The rest decides where these are the same, so that equal data give equal files. */
static int compare(const void *pa, const void *pb)
{
	const struct ledger_row *a = pa, *b = pb;
	int c = order(a->us, b->us);

	if (c == 0)
		c = slice_order(a->domain, b->domain);
	if (c == 0)
		c = slice_order(a->recipient, b->recipient);
	if (c == 0)
		c = slice_order(a->message_id, b->message_id);
	if (c == 0)
		c = order((int64_t)tally_fault_index(a->fault),
		    (int64_t)tally_fault_index(b->fault));
	if (c == 0)
		c = slice_order(a->sender, b->sender);
	return c != 0 ? c : a->message < b->message ? -1 : a->message > b->message;
}

/* text: for the cells that have to be made, all of one row. */
static void put(const struct tally *t, const struct ledger_row *row, struct buf *text,
    struct sheet *out)
{
	char error[TALLY_ERROR], when[TALLY_TIME];
	struct slice cells[COUNT_OF(columns)], code;
	size_t split;

	buf_reset(text);
	code = tally_error(row->fault, row->final, error);
	buf_add(text, code.p, code.len);
	buf_str(text, ": ");
	buf_add(text, row->text.p, row->text.len);
	split = text->len;
	if (row->message_id.len > 0) {
		buf_char(text, '<');
		buf_add(text, row->message_id.p, row->message_id.len);
		buf_char(text, '>');
	}
	if (text->bad) {
		out->bad = true;
		return;
	}
	cells[0] = tally_time(row->us / TALLY_SECOND, when);
	cells[1] = slice_of(security_name(row->security));
	cells[2] = (struct slice){ text->data, split };
	cells[3] = row->sender;
	cells[4] = row->recipient;
	cells[5] = row->domain;
	cells[6] = (struct slice){ text->data + split, text->len - split };
	if (!view_found(t->view, cells, COUNT_OF(cells)))
		return;
	for (size_t i = 0; i < COUNT_OF(cells); i++)
		sheet_text(out, cells[i]);
}

int rows_details(const struct tally *t, struct sheet *out)
{
	struct buf text = {0};
	struct shown shown;
	int r = tally_shown(t, &shown);

	sheet_init(out, "Blocked messages", columns, COUNT_OF(columns));
	if (r != DANESTS_OK)
		return r;
	if (shown.count > 0)
		qsort(shown.all, shown.count, sizeof(*shown.all), compare);
	for (size_t i = 0; i < shown.count; i++)
		put(t, &shown.all[i], &text, out);
	buf_free(&text);
	free(shown.all);
	return DANESTS_OK;
}
