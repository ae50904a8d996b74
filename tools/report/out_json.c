/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 8259: one array, in it an object for each row, by the names of the columns. */
#include "tools/report/out_impl.h"

/* Text without control characters: only what section 7 demands is escaped. */
static void add_string(struct buf *to, struct slice text)
{
	buf_char(to, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_char(to, '\\');
		buf_char(to, text.p[i]);
	}
	buf_char(to, '"');
}

static void add_row(struct buf *to, struct buf *clean, const struct sheet *s, size_t row)
{
	for (size_t c = 0; c < s->width; c++) {
		const char *name = s->columns[c].name;
		struct slice cell = sheet_cell(s, row, c);

		buf_str(to, c > 0 ? ", " : "{ ");
		add_string(to, (struct slice){ name, strlen(name) });
		buf_str(to, ": ");
		if (s->columns[c].number && cell.len > 0) {
			buf_add(to, cell.p, cell.len);
			continue;
		}
		buf_reset(clean);
		utf8_clean(clean, cell, false);
		to->bad = to->bad || clean->bad;
		if (s->columns[c].number)
			buf_str(to, "null");
		else
			add_string(to, (struct slice){ clean->data, clean->len });
	}
	buf_str(to, " }");
}

bool out_json(const struct sheet *s, FILE *to)
{
	struct buf line = {0}, clean = {0};
	bool good = true;

	buf_str(&line, "[");
	for (size_t r = 0; good && r < sheet_rows(s); r++) {
		buf_str(&line, r > 0 ? ",\n  " : "\n  ");
		add_row(&line, &clean, s, r);
		good = out_flush(&line, to);
	}
	buf_str(&line, sheet_rows(s) > 0 ? "\n]\n" : "]\n");
	good = good && out_flush(&line, to);
	buf_free(&line);
	buf_free(&clean);
	return good;
}
