/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 4180, with its line ends (CR LF) and UTF-8: for spreadsheets, which take what begins
 * like a formula for one. Such a cell gets an apostrophe in front, which they do not show.
 */
#include <errno.h>

#include "tools/report/out_impl.h"

bool out_flush(struct buf *from, FILE *to)
{
	bool good = !from->bad && fwrite(from->data, 1, from->len, to) == from->len;

	if (from->bad)
		errno = ENOMEM;
	buf_reset(from);
	return good;
}

/* Some pass over blanks in front, and take the signs of other scripts for the same ones. */
static bool is_formula(struct slice cell)
{
	static const uint32_t signs[] = { '=', '+', '-', '@', '\t', '\r',
		0xff1d, 0xff0b, 0xff0d, 0xff20, 0x2212 };
	uint32_t c = 0;

	do {
		if (cell.len == 0)
			return false;
		c = utf8_take(&cell);
	} while (c == ' ' || c == 0xa0 || c == 0xfeff);
	for (size_t i = 0; i < COUNT_OF(signs); i++)
		if (c == signs[i])
			return true;
	return false;
}

/* Section 2, rules 5 to 7; blanks at the ends are not everywhere taken for a part of it. */
static bool needs_quotes(struct slice cell)
{
	if (cell.len == 0)
		return false;
	return cell.p[0] == ' ' || cell.p[cell.len - 1] == ' ' ||
	    memchr(cell.p, ',', cell.len) != NULL || memchr(cell.p, '"', cell.len) != NULL;
}

static void add_quoted(struct buf *to, struct slice cell)
{
	buf_char(to, '"');
	for (size_t i = 0; i < cell.len; i++) {
		if (cell.p[i] == '"')
			buf_char(to, '"');
		buf_char(to, cell.p[i]);
	}
	buf_char(to, '"');
}

static void add_cell(struct buf *to, struct buf *clean, struct slice cell)
{
	buf_reset(clean);
	if (is_formula(cell))
		buf_char(clean, '\'');
	utf8_clean(clean, cell, false);
	to->bad = to->bad || clean->bad;
	cell = (struct slice){ clean->data, clean->len };
	if (needs_quotes(cell))
		add_quoted(to, cell);
	else
		buf_add(to, cell.p, cell.len);
}

bool out_csv(const struct sheet *s, FILE *to)
{
	struct buf line = {0}, clean = {0};
	bool good = true;

	for (size_t c = 0; c < s->width; c++) {
		buf_str(&line, c > 0 ? "," : "");
		buf_str(&line, s->columns[c].name);
	}
	buf_str(&line, "\r\n");
	for (size_t r = 0; good && r < sheet_rows(s); r++) {
		good = out_flush(&line, to);
		for (size_t c = 0; c < s->width; c++) {
			buf_str(&line, c > 0 ? "," : "");
			add_cell(&line, &clean, sheet_cell(s, r, c));
		}
		buf_str(&line, "\r\n");
	}
	good = good && out_flush(&line, to);
	buf_free(&line);
	buf_free(&clean);
	return good;
}
