/* SPDX-License-Identifier: BSD-2-Clause */
#include "stub/evloop.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include "danests.h"

struct event {
	struct evloop *ev;
	getdns_eventloop_event *theirs;
	struct loop_watch watch;
	struct loop_timer timer;
};

/* getdns clears an event from inside of its callback: nothing of ours is touched
 * after one. */
static void on_ready(void *arg, int events)
{
	getdns_eventloop_event *theirs = ((struct event *)arg)->theirs;

	if ((events & LOOP_READ) != 0 && theirs->read_cb != NULL)
		theirs->read_cb(theirs->userarg);
	else if (theirs->write_cb != NULL)
		theirs->write_cb(theirs->userarg);
}

static void on_timer(void *arg)
{
	getdns_eventloop_event *theirs = ((struct event *)arg)->theirs;

	theirs->timeout_cb(theirs->userarg);
}

static bool is_udp(int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_DGRAM;
}

/*
 * getdns leaves its UDP sockets open to packets from anybody. It has just sent
 * the question when it comes to wait for the reply: from here on the kernel
 * lets in only what comes from the resolver (N2: nobody else can speak for it),
 * and tells us when there is none.
 */
static void accept_only_peer(struct evloop *ev, int fd)
{
	if (connect(fd, (struct sockaddr *)&ev->peer, ev->peer_len) != 0)
		(void)shutdown(fd, SHUT_RDWR);
}

static getdns_return_t evloop_clear(getdns_eventloop *base, getdns_eventloop_event *theirs)
{
	struct event *e = theirs->ev;

	(void)base;
	if (e == NULL)
		return GETDNS_RETURN_GOOD;
	loop_unwatch(e->ev->loop, &e->watch);
	loop_untimer(e->ev->loop, &e->timer);
	free(e);
	theirs->ev = NULL;
	return GETDNS_RETURN_GOOD;
}

static void on_writable(void *arg) { on_ready(arg, LOOP_WRITE); }

/* A datagram can always be sent: at the next turn, without asking the kernel.
 * (Its time-out is that of the wait for the reply, which comes after.) */
static bool watch(struct event *e, int fd, uint64_t timeout)
{
	struct loop *loop = e->ev->loop;
	int events = (e->theirs->read_cb != NULL ? LOOP_READ : 0) |
	    (e->theirs->write_cb != NULL ? LOOP_WRITE : 0);

	if (fd >= 0 && events == LOOP_WRITE && is_udp(fd))
		return loop_timer(loop, &e->timer, 0, on_writable, e) == DANESTS_OK;
	if (fd >= 0 && events == LOOP_READ && is_udp(fd))
		accept_only_peer(e->ev, fd);
	if (fd >= 0 && events != 0 &&
	    loop_watch(loop, &e->watch, fd, events, on_ready, e) != DANESTS_OK)
		return false;
	return e->theirs->timeout_cb == NULL || timeout == UINT64_MAX ||
	    loop_timer(loop, &e->timer, timeout > INT_MAX ? INT_MAX : (int64_t)timeout,
	    on_timer, e) == DANESTS_OK;
}

static getdns_return_t evloop_schedule(getdns_eventloop *base, int fd, uint64_t timeout,
    getdns_eventloop_event *theirs)
{
	struct evloop *ev = (struct evloop *)(void *)base;
	struct event *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return GETDNS_RETURN_MEMORY_ERROR;
	e->ev = ev;
	e->theirs = theirs;
	theirs->ev = e;
	if (!watch(e, fd, timeout)) {
		evloop_clear(base, theirs);
		return GETDNS_RETURN_MEMORY_ERROR;
	}
	return GETDNS_RETURN_GOOD;
}

/* The loop is turned by main(), and by nobody else. */
static void evloop_idle(getdns_eventloop *base) { (void)base; }

static void evloop_run_once(getdns_eventloop *base, int blocking)
{
	(void)base;
	(void)blocking;
}

void evloop_init(struct evloop *ev, struct loop *loop)
{
	static getdns_eventloop_vmt vmt = {
		.cleanup = evloop_idle, .schedule = evloop_schedule, .clear = evloop_clear,
		.run = evloop_idle, .run_once = evloop_run_once,
	};

	ev->base.vmt = &vmt;
	ev->loop = loop;
}
