/* SPDX-License-Identifier: BSD-2-Clause */
/* A look at the beginning of each file: when it begins, and whether with a whole record. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tools/report/input_impl.h"

#define DAY_US INT64_C(86400000000)

enum line_got input_try(const struct run *run, int year, const char *data, size_t len, bool last,
    int64_t *us, size_t *used)
{
	const struct line_zone zone = { run->options->now, year };
	struct line line = {0};
	struct line_reader r;
	enum line_got got;

	*us = LINE_NO_TIME;
	*used = 0;
	line_reader_init(&r, &zone);
	got = len > 0 || last ? line_next(&r, data, len, last, &line, used) : LINE_MORE;
	if (got == LINE_GOOD)
		*us = line.us;
	line_reader_free(&r);
	return got;
}

static size_t first_line(const char *data, size_t len)
{
	const char *end = len > 0 ? memchr(data, '\n', len) : NULL;

	return end == NULL ? len : (size_t)(end - data) + 1;
}

/* Where records begin, when the first octets are the end of another one. */
static size_t first_record(const char *data, size_t len)
{
	size_t at = 0;

	while (at < len && !line_begins(data + at, len - at))
		at += first_line(data + at, len - at);
	return at < len ? at : 0;
}

/* In the hour that comes twice, the same stamp is also one of an hour later. */
static int64_t second_time(const struct run *run, const struct file *f, const char *data,
    size_t len)
{
	const struct line_zone zone = { run->options->now, f->year };
	int64_t us = f->first_us;
	struct line_reader r;
	struct line line;
	size_t used;

	line_reader_init(&r, &zone);
	line_reader_after(&r, us + INPUT_LATER_US);
	if (line_next(&r, data, len, f->whole, &line, &used) == LINE_GOOD &&
	    line.us > us && line.us < us + INPUT_FAR)
		us = line.us;
	line_reader_free(&r);
	return us;
}

static void find_time(const struct run *run, struct file *f, const char *data, size_t len)
{
	const struct line_zone zone = { run->options->now, f->year };
	size_t at = first_record(data, len), used;
	struct line_reader r;
	struct line line;
	enum line_got got;
	int64_t later;

	line_reader_init(&r, &zone);
	while (at < len && !f->timed) {
		got = line_next(&r, data + at, len - at, f->whole, &line, &used);
		if (got == LINE_MORE)
			break;
		at += used;
		if (got != LINE_GOOD || line.us < -INPUT_FAR || line.us > INPUT_FAR)
			continue; /* also LINE_NO_TIME */
		f->timed = true;
		f->first_us = line.us;
		f->second_us = second_time(run, f, data + at - used, len - at + used);
		if (f->year != 0 && input_try(run, f->year + 1, data + at - used,
		    len - at + used, f->whole, &later, &used) == LINE_GOOD)
			f->yearless = later != line.us;
	}
	line_reader_free(&r);
}

/* True: that was enough. */
static bool examine(const struct run *run, struct file *f, const char *data, size_t len)
{
	enum line_got got;
	size_t used;
	int64_t us;

	f->timed = false;
	find_time(run, f, data, len);
	if (!f->timed && !f->whole && len < INPUT_HEAD)
		return false;
	got = input_try(run, f->year, data, len, f->whole, &us, &used);
	/* What begins without a time, in a file that has times, was cut behind one; where there
	 * are none, lines of danestsd are whole as they are. */
	f->bare = got == LINE_GOOD && us == LINE_NO_TIME;
	if (f->timed && got == LINE_EMPTY)
		f->cut_start = data[0] == '\n'; /* the end of a line that lacks it */
	else if (f->timed)
		f->cut_start = got != LINE_GOOD || f->bare || !line_begins(data, len);
	else
		f->cut_start = len > 0 && got != LINE_GOOD;
	return true;
}

/* For finding out what it is a piece of. */
static bool keep_piece(struct file *f, const char *data, size_t len)
{
	size_t n = first_line(data, len);

	if (n > INPUT_PIECE || n == 0)
		return true;
	f->piece = malloc(n);
	if (f->piece == NULL)
		return false;
	memcpy(f->piece, data, n);
	f->piece_len = n;
	f->whole = f->whole && n == len;
	return true;
}

/* A file that can be read only once keeps what was read. */
static char *place(struct run *run, struct file *f)
{
	if (!f->once)
		return run->head;
	f->data = malloc(INPUT_HEAD);
	f->cap = f->data == NULL ? 0 : INPUT_HEAD;
	run->buffers += f->data != NULL;
	return f->data;
}

static bool look(struct run *run, struct file *f, char *data)
{
	size_t len = 0, want = INPUT_HEAD / 16;
	char why[UNPACK_WHY];
	ssize_t n = 1;

	f->whole = false;
	do {
		while (len < want && n > 0) {
			n = unpack_read(f->u, data + len, want - len, why);
			len += n > 0 ? (size_t)n : 0;
			/* Who writes a pipe may wait before there is more. */
			if (n > 0 && f->once && memchr(data, '\n', len) != NULL)
				break;
		}
		f->whole = n <= 0;
		want = want <= len ? want * 4 : want;
	} while (!examine(run, f, data, len));
	f->to = f->once ? len : 0;
	return keep_piece(f, data, len);
}

bool input_scan(struct run *run, struct file *f)
{
	char why[UNPACK_WHY], *data;

	f->u = unpack_open(f->path, why);
	if (f->u == NULL) {
		run->counts->missing++;
		input_complain(run, f, why, "left out");
		return false;
	}
	f->size = unpack_size(f->u);
	f->once = f->size < 0;
	data = place(run, f);
	if (data == NULL || !look(run, f, data)) {
		run->counts->out_of_memory = true;
		input_close(run, f);
		return false;
	}
	if (!f->once) {
		unpack_close(f->u);
		f->u = NULL;
	}
	return true;
}

static int by_first(const void *a, const void *b)
{
	const struct file *x = *(struct file *const *)a, *y = *(struct file *const *)b;

	return (x->first_us > y->first_us) - (x->first_us < y->first_us);
}

/* The same stamps, a year later. */
static void next_year(struct run *run, struct file *f)
{
	f->year++;
	if (f->once) {
		(void)examine(run, f, f->data, f->to);
		return;
	}
	free(f->piece);
	f->piece = NULL;
	f->piece_len = 0;
	if (!input_scan(run, f))
		f->state = FILE_OVER;
}

/*
 * On the circle of a year, files of one set leave a gap where they end and begin. When that is
 * over the turn of the year, they are all of the same year; else those behind the gap are first.
 */
bool input_years(struct run *run)
{
	size_t n = 0, split = 0;
	int64_t most = 180 * DAY_US, gap;
	struct file **of;

	if (run->options->year == 0 || run->count < 2)
		return true;
	of = malloc(run->count * sizeof(struct file *));
	if (of == NULL)
		return false;
	for (size_t i = 0; i < run->count; i++)
		if (run->files[i].timed && run->files[i].yearless)
			of[n++] = &run->files[i];
	qsort(of, n, sizeof(struct file *), by_first);
	if (n > 0 && 365 * DAY_US - (of[n - 1]->first_us - of[0]->first_us) > most)
		most = 365 * DAY_US - (of[n - 1]->first_us - of[0]->first_us);
	for (size_t i = 1; i < n; i++) {
		gap = of[i]->first_us - of[i - 1]->first_us;
		if (gap > most) {
			most = gap;
			split = i;
		}
	}
	for (size_t i = 0; i < split; i++)
		next_year(run, of[i]);
	free(of);
	return true;
}
