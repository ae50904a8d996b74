/* SPDX-License-Identifier: BSD-2-Clause */
/* The BSDs and macOS: a filter for each direction, reported one by one. */
#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/event.h>
#include <sys/time.h>

#include "base/loop_impl.h"
#include "danests.h"

int loop_kernel_open(struct loop *loop)
{
	loop->fd = kqueue();
	if (loop->fd < 0)
		return DANESTS_ESYSTEM;
	/* A kqueue is not inherited by fork(2), but posix_spawn(3) may use vfork(2). */
	(void)fcntl(loop->fd, F_SETFD, FD_CLOEXEC);
	return DANESTS_OK;
}

static int change(struct loop *loop, struct loop_watch *w, short filter, bool have, bool want)
{
	struct kevent ev;

	if (have == want)
		return DANESTS_OK;
	EV_SET(&ev, (uintptr_t)w->fd, filter, want ? EV_ADD : EV_DELETE, 0, 0, w);
	if (kevent(loop->fd, &ev, 1, NULL, 0, NULL) == 0)
		return DANESTS_OK;
	return errno == ENOMEM ? DANESTS_ENOMEM : DANESTS_ESYSTEM;
}

int loop_kernel_set(struct loop *loop, struct loop_watch *w, int events)
{
	int r = change(loop, w, EVFILT_READ, w->events & LOOP_READ, events & LOOP_READ);

	if (r != DANESTS_OK)
		return r;
	w->events = (w->events & ~LOOP_READ) | (events & LOOP_READ);
	return change(loop, w, EVFILT_WRITE, w->events & LOOP_WRITE, events & LOOP_WRITE);
}

void loop_kernel_clear(struct loop *loop, struct loop_watch *w)
{
	(void)change(loop, w, EVFILT_READ, w->events & LOOP_READ, false);
	(void)change(loop, w, EVFILT_WRITE, w->events & LOOP_WRITE, false);
}

int loop_kernel_wait(struct loop *loop, int ms)
{
	struct timespec wait = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };
	struct kevent evs[LOOP_BATCH];
	int n = kevent(loop->fd, NULL, 0, evs, LOOP_BATCH, ms < 0 ? NULL : &wait);

	if (n < 0)
		return errno == EINTR ? DANESTS_OK : DANESTS_ESYSTEM;
	for (int i = 0; i < n; i++) {
		int events = evs[i].filter == EVFILT_WRITE ? LOOP_WRITE : LOOP_READ;

		if (evs[i].flags & EV_EOF)
			events = LOOP_READ | LOOP_WRITE;
		loop_ready(loop, (struct loop_watch *)evs[i].udata, events);
	}
	return DANESTS_OK;
}
