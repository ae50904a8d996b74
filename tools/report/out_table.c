/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For people: columns as wide as what is in them, headings in two lines rather than wider
 * than that. On a terminal the widest text is cut until a line fits; where little would be left
 * of it, each row becomes lines of its own, one for each column. Characters are counted, each
 * as one place: how wide one is shown is not known without a locale.
 */
#include "tools/report/out_impl.h"

#define GAP 2           /* blanks between columns */
#define READABLE 12     /* characters; what is longer is not cut to less */
#define ELLIPSIS "\xe2\x80\xa6"

struct table {
	const struct sheet *sheet;
	size_t width[SHEET_COLUMNS];
	size_t tight[SHEET_COLUMNS]; /* so wide that nothing is cut, however long the heading */
	struct buf line, clean;
};

static struct slice clean_cell(struct table *t, size_t row, size_t column)
{
	buf_reset(&t->clean);
	utf8_clean(&t->clean, sheet_cell(t->sheet, row, column), true);
	t->line.bad = t->line.bad || t->clean.bad;
	return (struct slice){ t->clean.data, t->clean.len };
}

/* ---- How wide ---- */

/* The words that the next line of a heading has room for. */
static struct slice take_words(const char **at, size_t room)
{
	struct slice words = { *at, strcspn(*at, " ") };

	while (words.p[words.len] == ' ') {
		size_t more = words.len + 1 + strcspn(words.p + words.len + 1, " ");

		if (more > room)
			break;
		words.len = more;
	}
	*at = words.p + words.len + (words.p[words.len] == ' ');
	return words;
}

/* So that the heading takes no more than two lines, with no word cut. */
static size_t heading_width(const char *name)
{
	size_t width = strlen(name);

	for (size_t room = 1; room < width; room++) {
		const char *at = name;
		size_t first = take_words(&at, room).len, second = take_words(&at, room).len;

		if (*at == '\0' && first <= room && second <= room)
			return room;
	}
	return width;
}

static size_t longest_word(const char *name)
{
	size_t longest = 0, n;

	for (; *name != '\0'; name += n + (name[n] == ' ')) {
		n = strcspn(name, " ");
		longest = n > longest ? n : longest;
	}
	return longest;
}

static void measure(struct table *t)
{
	const struct sheet *s = t->sheet;

	for (size_t c = 0; c < s->width; c++)
		t->tight[c] = longest_word(s->columns[c].name);
	for (size_t r = 0; r < sheet_rows(s); r++) {
		for (size_t c = 0; c < s->width; c++) {
			size_t n = utf8_length(clean_cell(t, r, c));

			t->tight[c] = n > t->tight[c] ? n : t->tight[c];
		}
	}
	for (size_t c = 0; c < s->width; c++) {
		size_t n = heading_width(s->columns[c].name);

		t->width[c] = n > t->tight[c] ? n : t->tight[c];
	}
}

/* The widest column that can be narrower; NULL: none. cut: at the cost of what is in it. */
static size_t *widest(struct table *t, bool cut)
{
	size_t *best = NULL;

	for (size_t c = 0; c < t->sheet->width; c++) {
		bool can = t->width[c] > t->tight[c] ||
		    (cut && !t->sheet->columns[c].number && t->width[c] > READABLE);

		if (can && (best == NULL || t->width[c] > *best))
			best = &t->width[c];
	}
	return best;
}

/* False: there is no room for a table. */
static bool fit(struct table *t, size_t width)
{
	size_t all = t->sheet->width > 0 ? GAP * (t->sheet->width - 1) : 0;
	size_t *narrow;

	for (size_t c = 0; c < t->sheet->width; c++)
		all += t->width[c];
	for (; all > width; all--) {
		narrow = widest(t, false);
		if (narrow == NULL)
			narrow = widest(t, true);
		if (narrow == NULL)
			return false;
		(*narrow)--;
	}
	return true;
}

/* ---- Lines ---- */

static void add_blanks(struct buf *to, size_t n)
{
	while (n-- > 0)
		buf_char(to, ' ');
}

/* As many characters as there is room for, the last one telling that there are more. */
static void add_cut(struct buf *to, struct slice text, size_t room)
{
	for (size_t n = 1; n < room && text.len > 0; n++)
		utf8_put(to, utf8_take(&text));
	buf_str(to, ELLIPSIS);
}

static void add_cell(struct table *t, size_t column, struct slice text)
{
	size_t n = utf8_length(text), room = t->width[column];
	bool last = column + 1 == t->sheet->width;

	if (column > 0)
		add_blanks(&t->line, GAP);
	if (n > room) {
		add_cut(&t->line, text, room);
		return;
	}
	if (t->sheet->columns[column].number)
		add_blanks(&t->line, room - n);
	buf_add(&t->line, text.p, text.len);
	if (!t->sheet->columns[column].number && !last)
		add_blanks(&t->line, room - n);
}

static bool end_line(struct table *t, FILE *to)
{
	while (t->line.len > 0 && t->line.data[t->line.len - 1] == ' ')
		t->line.len--;
	buf_char(&t->line, '\n');
	return out_flush(&t->line, to);
}

static bool put_heading(struct table *t, FILE *to)
{
	const char *at[SHEET_COLUMNS];
	bool good = true, more = true;

	for (size_t c = 0; c < t->sheet->width; c++)
		at[c] = t->sheet->columns[c].name;
	while (good && more) {
		more = false;
		for (size_t c = 0; c < t->sheet->width; c++) {
			add_cell(t, c, take_words(&at[c], t->width[c]));
			more = more || *at[c] != '\0';
		}
		good = end_line(t, to);
	}
	for (size_t c = 0; c < t->sheet->width; c++) {
		add_blanks(&t->line, c > 0 ? GAP : 0);
		for (size_t n = 0; n < t->width[c]; n++)
			buf_char(&t->line, '-');
	}
	return good && end_line(t, to);
}

static bool put_rows(struct table *t, FILE *to)
{
	bool good = put_heading(t, to);

	for (size_t r = 0; good && r < sheet_rows(t->sheet); r++) {
		for (size_t c = 0; c < t->sheet->width; c++)
			add_cell(t, c, clean_cell(t, r, c));
		good = end_line(t, to);
	}
	return good;
}

/* "Name: cell", and an empty line between two rows. */
static bool put_records(struct table *t, FILE *to)
{
	size_t longest = 0, n;
	bool good = true;

	for (size_t c = 0; c < t->sheet->width; c++) {
		n = strlen(t->sheet->columns[c].name);
		longest = n > longest ? n : longest;
	}
	for (size_t r = 0; good && r < sheet_rows(t->sheet); r++) {
		good = r == 0 || end_line(t, to);
		for (size_t c = 0; good && c < t->sheet->width; c++) {
			struct slice cell = clean_cell(t, r, c);

			buf_printf(&t->line, "%s:", t->sheet->columns[c].name);
			add_blanks(&t->line, longest + 2 - t->line.len);
			buf_add(&t->line, cell.p, cell.len);
			good = end_line(t, to);
		}
	}
	return good;
}

bool out_table(const struct sheet *s, FILE *to, unsigned width)
{
	struct table t = { .sheet = s };
	bool good;

	measure(&t);
	buf_str(&t.line, s->title != NULL ? s->title : "");
	good = end_line(&t, to) && end_line(&t, to);
	if (width == 0 || fit(&t, width))
		good = good && put_rows(&t, to);
	else
		good = good && put_records(&t, to);
	if (good && sheet_rows(s) == 0) {
		buf_str(&t.line, "(nothing)");
		good = end_line(&t, to);
	}
	buf_free(&t.line);
	buf_free(&t.clean);
	return good;
}
