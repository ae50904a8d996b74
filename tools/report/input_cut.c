/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A log that was cut in the middle of a line: its first half stands at the end of one file, its
 * second at the beginning of another, or of several. Which one that is, the order of the files
 * says, and when they are of no order, that some file begins with what is no record.
 */
#include <string.h>

#include "tools/report/input_impl.h"

static bool fits(const struct file *f, const struct file *x)
{
	return x != f && x->state == FILE_WAITING && x->policies == f->policies;
}

static bool earlier(const struct file *x, const struct file *y)
{
	if (x->timed != y->timed)
		return x->timed;
	if (x->timed && x->first_us != y->first_us)
		return x->first_us < y->first_us;
	return x->rank < y->rank;
}

/* What has no place in a log; the first of these by time, and behind them those without one. */
static struct file *homeless(struct run *run, const struct file *f, bool whole)
{
	struct file *best = NULL;

	for (size_t i = 0; i < run->count; i++) {
		struct file *x = &run->files[i];

		if (!fits(f, x) || x->owned || !(x->cut_start || (!whole && x->timed)) ||
		    (x->timed && x->first_us < f->key))
			continue;
		if (best == NULL || earlier(x, best))
			best = x;
	}
	return best;
}

/* At least its first line, or all of it. */
static bool load(struct run *run, struct file *x)
{
	if (!input_open(run, x)) {
		x->state = FILE_OVER;
		return false;
	}
	while (!x->eof && x->to - x->from < LINE_MAX_OCTETS &&
	    (x->from == x->to || memchr(x->data + x->from, '\n', x->to - x->from) == NULL))
		if (!input_fill(run, x))
			break;
	return true;
}

enum joined { JOINED_NOT, JOINED, JOINED_ALL };

/* Puts the first octets of x behind the rest of f, and sees how many of them make a record:
 * 0, when they make none. */
static size_t try_join(struct run *run, struct file *f, const struct file *x)
{
	size_t rest = f->to - f->from, add = x->to - x->from, used;
	enum line_got got;
	int64_t us;

	if (add > LINE_MAX_OCTETS)
		add = LINE_MAX_OCTETS;
	if (add == 0 || rest > LINE_MAX_OCTETS || !input_room(run, f, add))
		return 0;
	memcpy(f->data + f->to, x->data + x->from, add);
	got = input_try(run, f->year, f->data + f->from, rest + add, x->eof, &us, &used);
	/* What is no record (yet) must be all of x. */
	if (got != LINE_GOOD && (got == LINE_MORE || used < rest + add || !x->eof))
		return 0;
	return used <= rest ? 0 : used - rest;
}

static bool join(struct run *run, struct file *f, struct file *x)
{
	size_t n;

	input_follow(x, f->key);
	if (!load(run, x))
		return false;
	do
		n = try_join(run, f, x);
	while (n == 0 && x->to - x->from < LINE_MAX_OCTETS &&
	    f->reader.form == LINE_EXPORT && input_fill(run, x));
	f->to += n;
	x->from += n;
	if (n == 0)
		return false;
	x->joined = true;
	x->cut_start = false;
	return true;
}

/* The next one of the same log. Of files that are there twice, the second half belongs to the
 * second copy when the first one has its own. */
static struct file *follower(struct run *run, struct file *f, const struct file *end, bool whole)
{
	int64_t copies = end->first_us;
	bool behind = false;

	for (struct file *x = end->next; x != NULL; x = x->next) {
		bool copy = x->timed && x->first_us == copies;

		if (behind && !copy)
			break;
		if (fits(f, x) && (x->cut_start || !whole) && join(run, f, x))
			return x;
		if (!x->timed || copy)
			continue;
		if (!x->joined)
			break;
		behind = true;
		copies = x->first_us;
	}
	return NULL;
}

/* What goes on where f, or end, which f took in, stops. */
static struct file *join_any(struct run *run, struct file *f, const struct file *end)
{
	size_t used;
	int64_t us;
	bool whole = input_try(run, f->year, f->data + f->from, f->to - f->from, true, &us,
	    &used) == LINE_GOOD;
	struct file *x = follower(run, f, end, whole);

	if (x != NULL || end->next != NULL)
		return x;
	x = homeless(run, f, whole);
	return x != NULL && join(run, f, x) ? x : NULL;
}

/* The last record has its end. Those of journalctl -o export end with a blank line. */
static bool complete(const struct file *f)
{
	return f->reader.form != LINE_EXPORT && f->data[f->to - 1] == '\n';
}

void input_cut(struct run *run, struct file *f)
{
	struct file *x = f;

	while (!complete(f)) {
		x = join_any(run, f, x);
		if (x == NULL)
			return;
		f->heir = x;
		if (x->from < x->to || !x->eof)
			return;
		input_close(run, x);
	}
}

bool input_starts(struct run *run, const struct file *x)
{
	char line[2 * INPUT_PIECE];
	size_t len = 0, used;
	int64_t us;

	for (; x != NULL && x->state == FILE_WAITING && x->cut_start && x->piece_len > 0 &&
	    len + x->piece_len <= sizeof(line); x = x->next) {
		memcpy(line + len, x->piece, x->piece_len);
		len += x->piece_len;
		if (line[len - 1] == '\n')
			break;
	}
	if (len == 0 || run->fits == 0)
		return false;
	run->fits--;
	return input_try(run, run->options->year, line, len, true, &us, &used) == LINE_GOOD &&
	    us != LINE_NO_TIME;
}
