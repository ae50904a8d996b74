/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors and timers behind one pollable descriptor (epoll or kqueue).
 * No thread, no signal, no global. The loop reads and writes nothing itself;
 * that is why it may live in layer 0, where library, service and stub share it.
 *
 * Watches and timers belong to the caller, who embeds them (zeroed = idle) and
 * must clear them before freeing them. Every call here is allowed from inside
 * a callback, also clearing a watch whose event is already waiting in this
 * turn: it then does not fire.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct loop;

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

typedef void loop_watch_fn(void *arg, int events); /* LOOP_*; a hang-up is both */
typedef void loop_timer_fn(void *arg);

struct loop_watch {
	int fd, events;          /* events 0: idle */
	loop_watch_fn *fn;
	void *arg;
	unsigned pending;        /* 1 + place in the turn's event array, or 0 */
};

struct loop_timer {
	size_t place;            /* 1 + place in the heap; 0: idle */
	int64_t due;             /* clock_mono_ms() */
	loop_timer_fn *fn;
	void *arg;
};

/* DANESTS_OK, DANESTS_ENOMEM, DANESTS_ESYSTEM. */
int loop_new(struct loop **out) ATTR_MUST_CHECK;
void loop_free(struct loop *loop); /* NULL is fine */

/* One descriptor that is readable when some watch is ready. */
int loop_fd(const struct loop *loop);

/* Milliseconds to the next timer (0: due now), -1 without timers. */
int loop_timeout(const struct loop *loop);

/* Watch fd for events (not 0), or change what is watched. DANESTS_OK,
 * DANESTS_ENOMEM, DANESTS_ESYSTEM (then the watch is idle). */
int loop_watch(struct loop *loop, struct loop_watch *w, int fd, int events,
    loop_watch_fn *fn, void *arg) ATTR_MUST_CHECK;
/* Must be called before the descriptor is closed. Idle is fine. */
void loop_unwatch(struct loop *loop, struct loop_watch *w);

/* Fire once, ms from now; setting a set timer moves it. 0 or DANESTS_ENOMEM. */
int loop_timer(struct loop *loop, struct loop_timer *t, int64_t ms,
    loop_timer_fn *fn, void *arg) ATTR_MUST_CHECK;
void loop_untimer(struct loop *loop, struct loop_timer *t);

/*
 * One turn: wait up to ms (-1: for ever, 0: not at all; never past the next
 * timer), then call what is ready: timers first, each watch at most once.
 * DANESTS_OK or DANESTS_ESYSTEM.
 */
int loop_turn(struct loop *loop, int ms);

#endif
