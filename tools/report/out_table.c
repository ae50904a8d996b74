/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For people: columns as wide as what is in them, headings in two lines rather than wider
 * than that. On a terminal columns are narrowed until a line fits, first those where the fewest
 * cells come to take more lines: what no longer fits goes on in the next one, at blanks where
 * there are some, and nothing is left out. Where words would have to be broken that are
 * better read whole, each row becomes lines of its own, one for each column. Characters are
 * counted, each as one place: how wide one is shown is not known without a locale.
 */
#include "tools/report/out_impl.h"

#define GAP 2           /* blanks between columns */
#define READABLE 12     /* characters; no column is narrower for the sake of others */
#define WHOLE 25        /* dates, codes and tokens: so long a word is never broken */

#define BROKEN 3        /* lines that a broken word is as bad as */
#define MEASURED 256    /* characters of a cell; longer ones count as that */

/* What narrowing costs: lines of the heading, lines of the cells, words that are broken. */
enum cost { COST_HEADING, COST_LINES, COST_WORDS, COST_COUNT };

struct table {
	const struct sheet *sheet;
	size_t room;                             /* characters of a line */
	size_t width[SHEET_COLUMNS];
	size_t least[COST_COUNT][SHEET_COLUMNS]; /* of a column, at that cost */
	size_t long_as[SHEET_COLUMNS][MEASURED]; /* so many cells are; the last: or longer */
	struct buf line, clean[SHEET_COLUMNS];   /* cells of a row */
};

static struct slice clean_cell(struct table *t, size_t row, size_t column)
{
	struct buf *clean = &t->clean[column];

	buf_reset(clean);
	utf8_clean(clean, sheet_cell(t->sheet, row, column), true);
	t->line.bad = t->line.bad || clean->bad;
	return clean->len > 0 ? (struct slice){ clean->data, clean->len } : SLICE("");
}

static struct slice column_name(const struct table *t, size_t column)
{
	return slice_of(t->sheet->columns[column].name);
}

/* ---- Pieces of text ---- */

/* Where a word that is too long is broken: rather behind what separates its parts. */
static size_t break_word(const char *word, size_t room)
{
	for (size_t i = room; i > room / 2; i--)
		if (memchr("@.-_/:=", word[i - 1], 7) != NULL)
			return i;
	return room;
}

/* What the next line has room for; the blanks at its end are gone. */
static struct slice take_line(struct slice *text, size_t room)
{
	const char *p = text->p;
	size_t n = 0, end = 0, i;

	for (i = 0; i < text->len; i++) {
		if (((unsigned char)p[i] & 0xc0) == 0x80)
			continue;
		if (p[i] == ' ' && i > 0 && p[i - 1] != ' ')
			end = i;
		if (n++ == room)
			break;
	}
	if (i == text->len)
		end = i;
	else if (end == 0)
		end = break_word(p, i);
	for (i = end; i < text->len && p[i] == ' '; i++)
		;
	*text = slice_after(*text, i);
	return (struct slice){ p, end };
}

static size_t longest_word(struct slice text)
{
	size_t longest = 0;

	while (text.len > 0) {
		const char *blank = memchr(text.p, ' ', text.len);
		size_t len = blank != NULL ? (size_t)(blank - text.p) : text.len;
		size_t n = utf8_length((struct slice){ text.p, len });

		longest = n > longest ? n : longest;
		text = slice_after(text, len + (blank != NULL));
	}
	return longest;
}

/* ---- How wide ---- */

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* So that the heading takes no more than two lines, with no word broken. */
static size_t heading_width(struct slice name)
{
	size_t room = longest_word(name);

	for (; room < name.len; room++) {
		struct slice rest = name;

		(void)take_line(&rest, room);
		(void)take_line(&rest, room);
		if (rest.len == 0)
			break;
	}
	return room;
}

static void measure_column(struct table *t, size_t c)
{
	struct slice name = column_name(t, c), cell;
	size_t heading = longest_word(name), longest = 0, word = 0, all;

	for (size_t r = 0; r < sheet_rows(t->sheet); r++) {
		cell = clean_cell(t, r, c);
		all = utf8_length(cell);
		t->long_as[c][smaller(all, MEASURED - 1)]++;
		longest = larger(longest, all);
		word = larger(word, longest_word(cell));
	}
	all = larger(longest, heading);
	t->width[c] = larger(all, heading_width(name));
	t->least[COST_HEADING][c] = all;
	t->least[COST_LINES][c] = smaller(all, larger(larger(word, heading), READABLE));
	t->least[COST_WORDS][c] = word <= WHOLE ? t->least[COST_LINES][c] :
	    larger(heading, READABLE);
}

/* So many more lines would the cells take, about: where words end is not looked at; but those
 * that have to be broken count more. */
static size_t more_lines(const struct table *t, size_t c)
{
	size_t width = t->width[c], more = 0;

	for (size_t n = width; n < MEASURED; n++)
		more += t->long_as[c][n] * ((n - 1) / (width - 1) - (n - 1) / width);
	return width > t->least[COST_LINES][c] ? more : BROKEN * more;
}

/* The column that can be narrower at that cost and takes the fewest lines for it, the
 * widest of several; NULL: none. */
static size_t *find_narrower(struct table *t, enum cost cost)
{
	size_t *best = NULL, least = 0;

	for (size_t c = 0; c < t->sheet->width; c++) {
		size_t more = 0;

		if (t->width[c] <= t->least[cost][c])
			continue;
		more = cost != COST_HEADING ? more_lines(t, c) : 0;
		if (best == NULL || more < least || (more == least && t->width[c] > *best)) {
			best = &t->width[c];
			least = more;
		}
	}
	return best;
}

static size_t line_width(const struct table *t, const size_t *columns)
{
	size_t all = t->sheet->width > 0 ? GAP * (t->sheet->width - 1) : 0;

	for (size_t c = 0; c < t->sheet->width; c++)
		all += columns[c];
	return all;
}

/* At no higher cost than need be. False: there is no room for a table. */
static bool fit(struct table *t)
{
	const enum cost costs[] = { COST_HEADING, COST_LINES, COST_WORDS };
	size_t all = line_width(t, t->width), last = 0;
	size_t *narrow;

	while (line_width(t, t->least[costs[last]]) > t->room)
		if (++last == COUNT_OF(costs))
			return false;
	for (size_t i = 0; all > t->room; i = last) {
		while (all > t->room && (narrow = find_narrower(t, costs[i])) != NULL) {
			(*narrow)--;
			all--;
		}
	}
	return true;
}

/* ---- Lines ---- */

static void add_blanks(struct buf *to, size_t n)
{
	while (n-- > 0)
		buf_char(to, ' ');
}

static bool end_line(struct table *t, FILE *to)
{
	while (t->line.len > 0 && t->line.data[t->line.len - 1] == ' ')
		t->line.len--;
	buf_char(&t->line, '\n');
	return out_flush(&t->line, to);
}

static void add_cell(struct table *t, size_t column, struct slice text)
{
	size_t blanks = t->width[column] - utf8_length(text);
	bool number = t->sheet->columns[column].number;

	add_blanks(&t->line, (column > 0 ? GAP : 0) + (number ? blanks : 0));
	buf_add(&t->line, text.p, text.len);
	if (!number)
		add_blanks(&t->line, blanks);
}

/* Cells beside each other, in as many lines as the longest of them takes. */
static bool put_cells(struct table *t, struct slice cells[SHEET_COLUMNS], FILE *to)
{
	bool good = true, more = true;

	while (good && more) {
		more = false;
		for (size_t c = 0; c < t->sheet->width; c++) {
			add_cell(t, c, take_line(&cells[c], t->width[c]));
			more = more || cells[c].len > 0;
		}
		good = end_line(t, to);
	}
	return good;
}

static bool put_heading(struct table *t, FILE *to)
{
	struct slice cells[SHEET_COLUMNS];

	for (size_t c = 0; c < t->sheet->width; c++)
		cells[c] = column_name(t, c);
	if (!put_cells(t, cells, to))
		return false;
	for (size_t c = 0; c < t->sheet->width; c++) {
		add_blanks(&t->line, c > 0 ? GAP : 0);
		for (size_t n = 0; n < t->width[c]; n++)
			buf_char(&t->line, '-');
	}
	return end_line(t, to);
}

static bool put_rows(struct table *t, FILE *to)
{
	bool good = put_heading(t, to);

	for (size_t r = 0; good && r < sheet_rows(t->sheet); r++) {
		struct slice cells[SHEET_COLUMNS];

		for (size_t c = 0; c < t->sheet->width; c++)
			cells[c] = clean_cell(t, r, c);
		good = put_cells(t, cells, to);
	}
	return good;
}

/* Text beside the name that the line begins with, and below it from the same place on. */
static bool put_text(struct table *t, struct slice text, size_t indent, FILE *to)
{
	bool good = true;

	do {
		struct slice line = take_line(&text, t->room - indent);

		add_blanks(&t->line, indent > t->line.len ? indent - t->line.len : 0);
		buf_add(&t->line, line.p, line.len);
		good = end_line(t, to);
	} while (good && text.len > 0);
	return good;
}

/* "Name: cell"; without indent there is no room for both in a line. */
static bool put_field(struct table *t, size_t row, size_t column, size_t indent, FILE *to)
{
	struct slice cell = clean_cell(t, row, column), name = column_name(t, column);

	if (indent == 0)
		return put_text(t, name, 0, to) && (cell.len == 0 || put_text(t, cell, 0, to));
	buf_printf(&t->line, "%s:", name.p);
	return put_text(t, cell, indent, to);
}

/* An empty line between two rows. */
static bool put_records(struct table *t, FILE *to)
{
	size_t indent = 0;
	bool good = true;

	for (size_t c = 0; c < t->sheet->width; c++)
		indent = larger(indent, column_name(t, c).len + 2);
	if (t->room < indent + READABLE)
		indent = 0;
	for (size_t r = 0; good && r < sheet_rows(t->sheet); r++) {
		good = r == 0 || end_line(t, to);
		for (size_t c = 0; good && c < t->sheet->width; c++)
			good = put_field(t, r, c, indent, to);
	}
	return good;
}

bool out_table(const struct sheet *s, FILE *to, unsigned width)
{
	struct table t = { .sheet = s, .room = width > 0 ? width : SIZE_MAX };
	bool good;

	for (size_t c = 0; c < s->width; c++)
		measure_column(&t, c);
	good = put_text(&t, slice_of(s->title != NULL ? s->title : ""), 0, to) && end_line(&t, to);
	if (fit(&t))
		good = good && put_rows(&t, to);
	else
		good = good && put_records(&t, to);
	if (good && sheet_rows(s) == 0)
		good = put_text(&t, SLICE("(nothing)"), 0, to);
	buf_free(&t.line);
	for (size_t c = 0; c < s->width; c++)
		buf_free(&t.clean[c]);
	return good;
}
