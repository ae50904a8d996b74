/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/loop_impl.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "danests.h"

int loop_new(struct loop **out)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	int r;

	if (loop == NULL)
		return DANESTS_ENOMEM;
	r = loop_kernel_open(loop);
	if (r != DANESTS_OK) {
		free(loop);
		return r;
	}
	*out = loop;
	return DANESTS_OK;
}

void loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	close(loop->fd);
	free(loop->heap);
	free(loop);
}

int loop_fd(const struct loop *loop) { return loop->fd; }

/* ---- Descriptors ---- */

void loop_ready(struct loop *loop, struct loop_watch *w, int events)
{
	if (w->pending != 0) {
		loop->ready[w->pending - 1].events |= events;
		return;
	}
	loop->ready[loop->ready_count++] = (struct loop_ready){ w, events };
	w->pending = loop->ready_count;
}

int loop_watch(struct loop *loop, struct loop_watch *w, int fd, int events,
    loop_watch_fn *fn, void *arg)
{
	int r = DANESTS_OK;

	if (w->events != 0 && w->fd != fd)
		loop_unwatch(loop, w);
	w->fd = fd;
	w->fn = fn;
	w->arg = arg;
	if (w->events != events)
		r = loop_kernel_set(loop, w, events);
	if (r != DANESTS_OK) {
		loop_unwatch(loop, w);
		return r;
	}
	w->events = events;
	return DANESTS_OK;
}

void loop_unwatch(struct loop *loop, struct loop_watch *w)
{
	if (w->pending != 0)
		loop->ready[w->pending - 1].watch = NULL;
	w->pending = 0;
	if (w->events != 0)
		loop_kernel_clear(loop, w);
	w->events = 0;
}

/* ---- Timers: a binary heap ---- */

static void timer_place(struct loop *loop, struct loop_timer *t, size_t place)
{
	loop->heap[place - 1] = t;
	t->place = place;
}

/* From place towards the root, as far as t is earlier. */
static void timer_up(struct loop *loop, struct loop_timer *t, size_t place)
{
	while (place > 1 && loop->heap[place / 2 - 1]->due > t->due) {
		timer_place(loop, loop->heap[place / 2 - 1], place);
		place /= 2;
	}
	timer_place(loop, t, place);
}

/* From place towards the leaves, as far as t is later. */
static void timer_down(struct loop *loop, struct loop_timer *t, size_t place)
{
	for (;;) {
		size_t child = 2 * place;

		if (child > loop->timers)
			break;
		if (child < loop->timers &&
		    loop->heap[child]->due < loop->heap[child - 1]->due)
			child++;
		if (loop->heap[child - 1]->due >= t->due)
			break;
		timer_place(loop, loop->heap[child - 1], place);
		place = child;
	}
	timer_place(loop, t, place);
}

static void timer_move(struct loop *loop, struct loop_timer *t, size_t place)
{
	if (place > 1 && loop->heap[place / 2 - 1]->due > t->due)
		timer_up(loop, t, place);
	else
		timer_down(loop, t, place);
}

static int heap_grow(struct loop *loop)
{
	size_t cap = loop->heap_cap == 0 ? 64 : 2 * loop->heap_cap;
	struct loop_timer **heap = realloc(loop->heap, cap * sizeof(struct loop_timer *));

	if (heap == NULL)
		return DANESTS_ENOMEM;
	loop->heap = heap;
	loop->heap_cap = cap;
	return DANESTS_OK;
}

int loop_timer(struct loop *loop, struct loop_timer *t, int64_t ms,
    loop_timer_fn *fn, void *arg)
{
	if (t->place == 0) {
		if (loop->timers == loop->heap_cap && heap_grow(loop) != DANESTS_OK)
			return DANESTS_ENOMEM;
		timer_place(loop, t, ++loop->timers);
	}
	t->fn = fn;
	t->arg = arg;
	t->due = clock_mono_ms() + (ms > 0 ? ms : 0);
	timer_move(loop, t, t->place);
	return DANESTS_OK;
}

void loop_untimer(struct loop *loop, struct loop_timer *t)
{
	size_t place = t->place;
	struct loop_timer *last;

	if (place == 0)
		return;
	t->place = 0;
	last = loop->heap[--loop->timers];
	if (last != t)
		timer_move(loop, last, place);
}

int loop_timeout(const struct loop *loop)
{
	int64_t ms;

	if (loop->timers == 0)
		return -1;
	ms = loop->heap[0]->due - clock_mono_ms();
	if (ms <= 0)
		return 0;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* ---- The turn ---- */

/* No more than there were: a timer that sets itself to "now" must not keep us. */
static void fire_timers(struct loop *loop)
{
	int64_t now = clock_mono_ms();

	for (size_t n = loop->timers; n > 0 && loop->timers > 0; n--) {
		struct loop_timer *t = loop->heap[0];

		if (t->due > now)
			return;
		loop_untimer(loop, t);
		t->fn(t->arg);
	}
}

static void fire_watches(struct loop *loop)
{
	for (unsigned i = 0; i < loop->ready_count; i++) {
		struct loop_watch *w = loop->ready[i].watch;

		if (w == NULL)
			continue;
		w->pending = 0;
		/* What is watched may have changed since the kernel said this. */
		if ((loop->ready[i].events & w->events) != 0)
			w->fn(w->arg, loop->ready[i].events & w->events);
	}
	loop->ready_count = 0;
}

int loop_turn(struct loop *loop, int ms)
{
	int next = loop_timeout(loop);
	int r;

	/* A turn within a turn would serve descriptors twice: the outer goes on. */
	if (loop->turning)
		return DANESTS_OK;
	if (next >= 0 && (ms < 0 || next < ms))
		ms = next;
	r = loop_kernel_wait(loop, ms);
	if (r != DANESTS_OK)
		return r;
	loop->turning = true;
	fire_timers(loop);
	fire_watches(loop);
	loop->turning = false;
	return DANESTS_OK;
}
