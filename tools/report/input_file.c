/* SPDX-License-Identifier: BSD-2-Clause */
/* One file's octets in a buffer, and its lines out of it. Lines are not copied. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "tools/report/input_impl.h"

#define SHOW_MS 100
#define AFTER_US (3 * INT64_C(3600000000)) /* more than a clock is put back */

void input_complain(const struct run *run, const struct file *f, const char *why,
    const char *came)
{
	char text[2 * UNPACK_WHY];

	if (run->options->complain == NULL)
		return;
	text_format(text, sizeof(text), "%s; %s", why, came);
	run->options->complain(run->options->arg, f->path, text);
}

static size_t buffer_size(const struct run *run)
{
	size_t share = INPUT_BUFFERS / (run->buffers + 1);

	if (share > INPUT_BUFFER)
		return INPUT_BUFFER;
	return share < INPUT_BUFFER_MIN ? INPUT_BUFFER_MIN : share;
}

static bool goes_on(const struct file *f)
{
	return f->after && (!f->timed || (f->after_us > f->first_us - AFTER_US &&
	    f->after_us < f->first_us + AFTER_US));
}

void input_follow(struct file *f, int64_t us)
{
	f->after = true;
	f->after_us = us;
	if (f->ready && goes_on(f))
		line_reader_after(&f->reader, us);
}

bool input_open(struct run *run, struct file *f)
{
	const struct line_zone zone = { run->options->now, f->year };
	char why[UNPACK_WHY];

	if (f->ready)
		return true;
	if (f->u == NULL)
		f->u = unpack_open(f->path, why);
	if (f->u == NULL) {
		run->counts->missing++;
		input_complain(run, f, why, "left out");
		return false;
	}
	if (f->data == NULL) {
		f->cap = buffer_size(run);
		f->data = malloc(f->cap);
		if (f->data == NULL) {
			run->counts->out_of_memory = true;
			return false;
		}
		run->buffers++;
	}
	line_reader_init(&f->reader, &zone);
	if (goes_on(f))
		line_reader_after(&f->reader, f->after_us);
	f->ready = true;
	return true;
}

void input_close(struct run *run, struct file *f)
{
	if (f->u != NULL)
		run->counts->octets += unpack_done(f->u);
	if (f->ready)
		run->counts->guessed += f->reader.guessed;
	if (f->data != NULL)
		run->buffers--;
	line_reader_free(&f->reader);
	unpack_close(f->u);
	free(f->data);
	f->u = NULL;
	f->data = NULL;
	f->cap = f->from = f->to = 0;
	f->ready = false;
	f->state = FILE_OVER;
}

/* After each piece of a file, and that is often enough. */
static void show(struct run *run)
{
	uint64_t done = run->counts->octets;
	int64_t now;

	if (run->options->progress == NULL)
		return;
	now = clock_mono_ms();
	if (now - run->shown_ms < SHOW_MS)
		return;
	run->shown_ms = now;
	for (size_t i = 0; i < run->count; i++)
		if (run->files[i].u != NULL)
			done += unpack_done(run->files[i].u);
	run->options->progress(run->options->arg, done, run->total, run->counts->lines);
}

bool input_room(struct run *run, struct file *f, size_t n)
{
	size_t rest = f->to - f->from, cap = f->cap;
	char *data;

	if (f->from > 0 && rest > 0)
		memmove(f->data, f->data + f->from, rest);
	f->from = 0;
	f->to = rest;
	while (cap < rest + n)
		cap *= 2;
	if (cap == f->cap)
		return true;
	data = realloc(f->data, cap);
	if (data == NULL) {
		run->counts->out_of_memory = true;
		return false;
	}
	f->data = data;
	f->cap = cap;
	return true;
}

static void damaged(struct run *run, const struct file *f, const char *why)
{
	run->counts->damaged++;
	input_complain(run, f, why, "read up to there");
}

bool input_fill(struct run *run, struct file *f)
{
	char why[UNPACK_WHY];
	ssize_t n;

	if (f->eof)
		return false;
	if (!input_room(run, f, f->to - f->from < f->cap / 2 ? 1 : f->cap / 2)) {
		f->eof = true;
		return false;
	}
	n = unpack_read(f->u, f->data + f->to, f->cap - f->to, why);
	if (n < 0)
		damaged(run, f, why);
	else
		f->to += (size_t)n;
	f->eof = n <= 0;
	show(run);
	return n > 0;
}

/* The rest of the buffer is no whole record: more of it. false: the file is over. */
static bool more(struct run *run, struct file *f)
{
	if (f->last)
		return false;
	if (!f->eof && f->to - f->from >= INPUT_RECORD)
		f->force = true;
	else if (!input_fill(run, f)) {
		if (f->from < f->to)
			input_cut(run, f);
		f->last = true;
	}
	return f->from < f->to;
}

static void take_key(struct file *f)
{
	if (f->line.us != LINE_NO_TIME && f->line.us > f->key)
		f->key = f->line.us;
}

bool input_next(struct run *run, struct file *f)
{
	struct input_counts *counts = run->counts;
	enum line_got got;
	size_t used;

	for (;;) {
		if (f->from == f->to) {
			if (!more(run, f))
				break;
			continue;
		}
		got = line_next(&f->reader, f->data + f->from, f->to - f->from,
		    f->last || f->force, &f->line, &used);
		if (got == LINE_MORE) {
			if (!more(run, f))
				break;
			continue;
		}
		f->force = false;
		f->from += used;
		counts->lines += got != LINE_EMPTY;
		counts->strange += got == LINE_STRANGE;
		if (got == LINE_GOOD) {
			take_key(f);
			return true;
		}
	}
	input_close(run, f);
	return false;
}
