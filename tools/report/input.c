/* SPDX-License-Identifier: BSD-2-Clause */
/* Files to lines in the order of time: a heap of files, by their next line. */
#include "tools/report/input.h"

#include <stdlib.h>
#include <string.h>

#include "tools/report/input_impl.h"

static bool before(const struct file *a, const struct file *b)
{
	return a->key != b->key ? a->key < b->key : a->rank < b->rank;
}

static void put(struct run *run, size_t at, struct file *f)
{
	run->heap[at] = f;
	f->heap_at = at;
}

/* f, whose place is at or above `at`, goes up as far as it must. */
static void rise(struct run *run, size_t at, struct file *f)
{
	while (at > 0 && before(f, run->heap[(at - 1) / 2])) {
		put(run, at, run->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	put(run, at, f);
}

static void sink(struct run *run, size_t at, struct file *f)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= run->heap_len)
			break;
		if (child + 1 < run->heap_len && before(run->heap[child + 1], run->heap[child]))
			child++;
		if (!before(run->heap[child], f))
			break;
		put(run, at, run->heap[child]);
		at = child;
	}
	put(run, at, f);
}

/* f stands somewhere, and its key has changed. */
static void settle(struct run *run, struct file *f)
{
	rise(run, f->heap_at, f);
	sink(run, f->heap_at, f);
}

static void drop(struct run *run, struct file *f)
{
	struct file *last = run->heap[--run->heap_len];

	if (last == f)
		return;
	put(run, f->heap_at, last);
	settle(run, last);
}

/* What may be the second half of a line goes on waiting when no first half was there, unless it
 * is the first one. */
static void release(struct run *run, struct file *x, int64_t us)
{
	for (; x != NULL && x->state != FILE_LIVE; x = x->next) {
		if (x->state == FILE_OVER || (!x->timed && x->cut_start && !input_starts(run, x)))
			continue;
		input_follow(x, us);
		x->key = x->timed ? x->first_us : us;
		settle(run, x);
		return;
	}
}

/* The next line of the first file, which waited or has given one. While it is looked for, others
 * may come before it: where a file ends, the one behind it may begin. */
static void advance(struct run *run, struct file *f)
{
	if (f->state == FILE_WAITING) {
		f->state = FILE_LIVE;
		if (f->timed && f->key > f->first_us)
			f->key = f->first_us;
		if ((f->key == INPUT_NEVER && input_prefix(run, f)) || !input_open(run, f))
			f->state = FILE_OVER;
	}
	if (f->state == FILE_LIVE && input_next(run, f)) {
		sink(run, f->heap_at, f);
		return;
	}
	drop(run, f);
	release(run, f->next, f->key);
	release(run, f->heir, f->key);
}

static void merge(struct run *run, void (*take)(void *arg, const struct line *line), void *arg)
{
	for (size_t i = 0; i < run->count; i++)
		if (run->files[i].state == FILE_WAITING)
			rise(run, run->heap_len++, &run->files[i]);
	while (run->heap_len > 0 && !run->counts->out_of_memory) {
		struct file *f = run->heap[0];

		if (f->state == FILE_LIVE)
			take(arg, &f->line);
		if (f->state == FILE_OVER) /* its octets were part of another file's line */
			drop(run, f);
		else
			advance(run, f);
	}
}

static bool name_files(struct run *run)
{
	static const char *const standard[] = { "-" };
	const struct input_options *o = run->options;
	const char *const *names = o->count > 0 ? o->files : standard;
	size_t count = o->count > 0 ? o->count : 1;
	bool dash = false, again;

	run->files = calloc(count, sizeof(struct file));
	run->heap = malloc(count * sizeof(struct file *));
	run->head = malloc(INPUT_HEAD);
	if (run->files == NULL || run->heap == NULL || run->head == NULL)
		return false;
	for (size_t i = 0; i < count; i++) {
		struct file *f = &run->files[run->count];

		f->path = names[i];
		f->at = i;
		f->policies = o->count > 0 && i >= count - o->policies;
		f->year = o->year;
		again = dash && strcmp(f->path, "-") == 0;
		dash = dash || strcmp(f->path, "-") == 0;
		if (again) {
			run->counts->missing++;
			input_complain(run, f, "standard input was named before",
			    "it can be read only once");
		} else if (input_scan(run, f)) {
			run->count++;
		} else {
			*f = (struct file){0};
		}
	}
	return true;
}

static void sum_up(struct run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		if (run->files[i].once) {
			run->total = 0;
			return;
		}
		run->total += (uint64_t)run->files[i].size;
	}
}

void input_run(const struct input_options *options, struct input_counts *counts,
    void (*take)(void *arg, const struct line *line), void *arg)
{
	struct run run = { .options = options, .counts = counts, .fits = INPUT_FITS };

	*counts = (struct input_counts){0};
	if (name_files(&run) && !counts->out_of_memory && input_years(&run) && input_order(&run)) {
		sum_up(&run);
		merge(&run, take, arg);
	} else {
		counts->out_of_memory = true;
	}
	for (size_t i = 0; i < run.count; i++) {
		input_close(&run, &run.files[i]);
		free(run.files[i].piece);
	}
	free(run.files);
	free(run.heap);
	free(run.head);
}
