/* SPDX-License-Identifier: BSD-2-Clause */
/* Which file comes when, and after which other one. */
#include <stdlib.h>
#include <string.h>

#include "tools/report/input_impl.h"

static int by_place(const void *a, const void *b)
{
	const struct file *x = *(struct file *const *)a, *y = *(struct file *const *)b;

	if (x->policies != y->policies)
		return x->policies ? -1 : 1;
	if (x->timed != y->timed)
		return x->timed ? 1 : -1;
	if (x->timed && x->first_us != y->first_us)
		return x->first_us < y->first_us ? -1 : 1;
	return input_name_order(x, y);
}

static int by_log(const void *a, const void *b)
{
	const struct file *x = *(struct file *const *)a, *y = *(struct file *const *)b;
	int r = input_name_log(x, y);

	return r != 0 ? r : (x->rank > y->rank) - (x->rank < y->rank);
}

static int by_name(const void *a, const void *b)
{
	return input_name_order(*(struct file *const *)a, *(struct file *const *)b);
}

/* Files of one log, by their times; one that begins with the end of a line begins when the one
 * before it is over, or has gone on for too long. So does one that begins in an hour that comes
 * twice. */
static void link_logs(struct file **of, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct file *f = of[i];

		if (input_name_log(of[i - 1], f) != 0)
			continue;
		of[i - 1]->next = f;
		f->owned = true;
		if (f->first_us == of[i - 1]->first_us)
			continue;
		f->key = f->second_us;
		if (f->cut_start)
			f->key += INPUT_SLACK_US;
	}
}

static bool same_dir(const struct file *a, const struct file *b)
{
	size_t n = input_name_dir(a->path);

	return n == input_name_dir(b->path) && memcmp(a->path, b->path, n) == 0;
}

/* What has no time and does not begin with a record goes on where some file ends, first of all
 * the one before it by name. Empty ones do not come between. No chain becomes a ring: what is put
 * into one, or in front of one, is a file that no other leads to. */
static void link_timeless(struct run *run, struct file **of, size_t n)
{
	struct file *prev = NULL, *front = NULL, *f;

	for (size_t i = 0; i < n; i++) {
		f = of[i];
		if (!f->timed && !f->cut_start)
			continue;
		if (prev != NULL && !same_dir(prev, f))
			prev = front = NULL;
		if (prev == NULL && !f->timed)
			front = f;
		if (prev != NULL && prev->next == NULL && front != NULL && f->timed)
			prev->next = f;
		if (front != NULL && f->timed) {
			if (input_starts(run, front))
				front->key = f->first_us - 1;
			front = NULL;
		}
		if (!f->timed && f->next == NULL && prev != NULL) {
			f->next = prev->next;
			prev->next = f;
		}
		prev = f;
	}
}

/* Does x go on where t stops, in the middle of its first line? Then that is a line of a moment
 * before x; how long before tells which x it is. */
static int64_t distance(const struct run *run, const struct file *t, const struct file *x)
{
	char both[2 * INPUT_PIECE];
	size_t used;
	int64_t us;

	memcpy(both, t->piece, t->piece_len);
	memcpy(both + t->piece_len, x->piece, x->piece_len);
	if (input_try(run, x->year, both, t->piece_len + x->piece_len, true, &us, &used) !=
	    LINE_GOOD || us == LINE_NO_TIME ||
	    us > x->first_us || us < x->first_us - INPUT_APART_US)
		return INT64_MAX;
	return x->first_us - us;
}

static struct file *closest(struct run *run, const struct file *t, bool cut)
{
	int64_t least = INT64_MAX, d;
	struct file *best = NULL;

	for (size_t i = 0; i < run->count && run->fits > 0; i++) {
		struct file *x = &run->files[i];

		if (!x->timed || x->fronted || x->cut_start != cut || x->piece_len == 0)
			continue;
		run->fits--;
		d = distance(run, t, x);
		if (d < least) {
			least = d;
			best = x;
		}
	}
	return best;
}

static bool is_part(const struct file *t)
{
	return !t->timed && t->whole && t->piece_len > 0 && t->piece[t->piece_len - 1] != '\n';
}

/* The first octets of a log, cut before its first line was complete, whose name does not say what
 * comes next. */
static void find_front(struct run *run, struct file *t)
{
	struct file *x = closest(run, t, true);

	if (x == NULL)
		return;
	for (size_t i = 0; i < run->count; i++)
		if (run->files[i].next == t)
			run->files[i].next = t->next;
	x->fronted = true;
	t->key = x->first_us - 1;
	t->next = x;
}

bool input_prefix(struct run *run, const struct file *t)
{
	return is_part(t) && closest(run, t, false) != NULL;
}

static void set_key(struct file *f)
{
	if (f->timed && !(f->policies && f->bare))
		f->key = f->first_us;
	else
		f->key = f->cut_start && !f->policies ? INPUT_NEVER : INPUT_FIRST;
}

bool input_order(struct run *run)
{
	struct file **of = malloc((run->count + 1) * sizeof(struct file *));
	size_t n = 0, timed = 0;

	if (of == NULL)
		return false;
	for (size_t i = 0; i < run->count; i++) {
		of[i] = &run->files[i];
		set_key(of[i]);
	}
	qsort(of, run->count, sizeof(struct file *), by_place);
	for (size_t i = 0; i < run->count; i++)
		of[i]->rank = i;
	for (size_t i = 0; i < run->count; i++)
		if (run->files[i].timed && !run->files[i].policies)
			of[timed++] = &run->files[i];
	qsort(of, timed, sizeof(struct file *), by_log);
	link_logs(of, timed);
	for (size_t i = 0; i < run->count; i++)
		if (!run->files[i].policies)
			of[n++] = &run->files[i];
	qsort(of, n, sizeof(struct file *), by_name);
	link_timeless(run, of, n);
	for (size_t i = 0; i < n; i++)
		if (is_part(of[i]) && !input_starts(run, of[i]))
			find_front(run, of[i]);
	free(of);
	return true;
}
