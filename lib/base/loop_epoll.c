/* SPDX-License-Identifier: BSD-2-Clause */
/* Linux. Level-triggered: what was not read is reported again. */
#include <errno.h>
#include <sys/epoll.h>

#include "base/loop_impl.h"
#include "danests.h"

int loop_kernel_open(struct loop *loop)
{
	loop->fd = epoll_create1(EPOLL_CLOEXEC);
	return loop->fd < 0 ? DANESTS_ESYSTEM : DANESTS_OK;
}

int loop_kernel_set(struct loop *loop, struct loop_watch *w, int events)
{
	struct epoll_event ev = { .data.ptr = w };

	if (events & LOOP_READ)
		ev.events |= EPOLLIN;
	if (events & LOOP_WRITE)
		ev.events |= EPOLLOUT;
	if (epoll_ctl(loop->fd, w->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, w->fd, &ev) == 0)
		return DANESTS_OK;
	return errno == ENOMEM ? DANESTS_ENOMEM : DANESTS_ESYSTEM;
}

void loop_kernel_clear(struct loop *loop, struct loop_watch *w)
{
	struct epoll_event ev = {0}; /* before Linux 2.6.9 it must not be NULL */

	epoll_ctl(loop->fd, EPOLL_CTL_DEL, w->fd, &ev);
}

int loop_kernel_wait(struct loop *loop, int ms)
{
	struct epoll_event evs[LOOP_BATCH];
	int n = epoll_wait(loop->fd, evs, LOOP_BATCH, ms);

	if (n < 0)
		return errno == EINTR ? DANESTS_OK : DANESTS_ESYSTEM;
	for (int i = 0; i < n; i++) {
		int events = 0;

		if (evs[i].events & EPOLLIN)
			events |= LOOP_READ;
		if (evs[i].events & EPOLLOUT)
			events |= LOOP_WRITE;
		if (evs[i].events & (EPOLLERR | EPOLLHUP))
			events |= LOOP_READ | LOOP_WRITE;
		loop_ready(loop, evs[i].data.ptr, events);
	}
	return DANESTS_OK;
}
