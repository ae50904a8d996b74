/* SPDX-License-Identifier: BSD-2-Clause */
/* What loop.c and the kernel's half of it (loop_epoll.c, loop_kqueue.c) share. */
#ifndef BASE_LOOP_IMPL_H
#define BASE_LOOP_IMPL_H

#include "base/loop.h"

#define LOOP_BATCH 256 /* descriptors served in one turn */

struct loop_ready {
	struct loop_watch *watch; /* NULL: cleared since */
	int events;
};

struct loop {
	int fd;
	struct loop_timer **heap; /* the earliest first */
	size_t timers, heap_cap;
	struct loop_ready ready[LOOP_BATCH];
	unsigned ready_count;
	bool turning;
};

/* Each returns DANESTS_OK, DANESTS_ENOMEM or DANESTS_ESYSTEM. */
int loop_kernel_open(struct loop *loop) ATTR_MUST_CHECK;
/* From w->events (0: not watched yet) to events. */
int loop_kernel_set(struct loop *loop, struct loop_watch *w, int events) ATTR_MUST_CHECK;
void loop_kernel_clear(struct loop *loop, struct loop_watch *w);
/* Calls loop_ready() for what is ready. */
int loop_kernel_wait(struct loop *loop, int ms) ATTR_MUST_CHECK;

void loop_ready(struct loop *loop, struct loop_watch *w, int events);

#endif
