/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/sheet.h"

#include <stdlib.h>

#define SHEET_MIN_CELLS 64
#define SHEET_DIGITS 20 /* of the largest number */

void sheet_init(struct sheet *s, const char *title, const struct sheet_column *columns,
    size_t width)
{
	*s = (struct sheet){ .title = title, .columns = columns, .width = width };
}

static bool make_room(struct sheet *s)
{
	size_t room = s->room < SHEET_MIN_CELLS ? SHEET_MIN_CELLS : s->room * 2;
	uint32_t *ends;

	if (s->count < s->room)
		return true;
	ends = room > SIZE_MAX / sizeof(*ends) ? NULL : realloc(s->ends, room * sizeof(*ends));
	if (ends == NULL)
		return false;
	s->ends = ends;
	s->room = room;
	return true;
}

void sheet_text(struct sheet *s, struct slice cell)
{
	if (s->bad)
		return;
	if (!make_room(s) || cell.len > UINT32_MAX - s->cells.len) {
		s->bad = true;
		return;
	}
	buf_add(&s->cells, cell.p, cell.len);
	s->bad = s->cells.bad;
	if (!s->bad)
		s->ends[s->count++] = (uint32_t)s->cells.len;
}

void sheet_number(struct sheet *s, uint64_t n)
{
	char digits[SHEET_DIGITS], *at = digits + sizeof(digits);

	do
		*--at = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	sheet_text(s, (struct slice){ at, (size_t)(digits + sizeof(digits) - at) });
}

size_t sheet_rows(const struct sheet *s)
{
	return s->width > 0 ? s->count / s->width : 0;
}

struct slice sheet_cell(const struct sheet *s, size_t row, size_t column)
{
	size_t i = row * s->width + column, from = i > 0 ? s->ends[i - 1] : 0;

	/* No cell with anything in it: no memory that one could point into. */
	if (s->cells.data == NULL)
		return (struct slice){ "", 0 };
	return (struct slice){ s->cells.data + from, s->ends[i] - from };
}

void sheet_free(struct sheet *s)
{
	if (s == NULL)
		return;
	buf_free(&s->cells);
	free(s->ends);
	*s = (struct sheet){0};
}
