/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/dns_unbound_loop.h"

#include <stdlib.h>
#include <sys/time.h>

#include "danests.h"

typedef void ub_cb(int fd, short bits, void *arg);

struct event {
	struct ub_event super;
	struct ub_loop *ubl;
	int fd;
	short bits;   /* UB_EV_* */
	int64_t ms;   /* time-out of the last add(), or -1 */
	ub_cb *cb;
	void *arg;
	struct loop_watch watch;
	struct loop_timer timer;
};

static struct event *event_of(struct ub_event *super)
{
	return CONTAINER_OF(super, struct event, super);
}

static int64_t to_ms(const struct timeval *tv)
{
	return (int64_t)tv->tv_sec * 1000 + (tv->tv_usec + 999) / 1000;
}

static int event_del(struct ub_event *super)
{
	struct event *ev = event_of(super);

	loop_unwatch(ev->ubl->loop, &ev->watch);
	loop_untimer(ev->ubl->loop, &ev->timer);
	return 0;
}

static void on_timer(void *arg);

static int arm_timer(struct event *ev)
{
	if (ev->ms < 0)
		return DANESTS_OK;
	return loop_timer(ev->ubl->loop, &ev->timer, ev->ms, on_timer, ev);
}

/* As libevent does: an event fires once, unless it is persistent; then its
 * time-out begins anew. The callback may free the event. */
static void fire(struct event *ev, short bits)
{
	if ((ev->bits & UB_EV_PERSIST) == 0)
		event_del(&ev->super);
	else
		(void)arm_timer(ev); /* it has a place in the heap, or had a moment ago */
	ev->cb(ev->fd, bits, ev->arg);
}

static void on_timer(void *arg) { fire(arg, UB_EV_TIMEOUT); }

static void on_ready(void *arg, int events)
{
	fire(arg, (short)((events & LOOP_READ ? UB_EV_READ : 0) |
	    (events & LOOP_WRITE ? UB_EV_WRITE : 0)));
}

static int event_add(struct ub_event *super, struct timeval *tv)
{
	struct event *ev = event_of(super);
	int events = (ev->bits & UB_EV_READ ? LOOP_READ : 0) |
	    (ev->bits & UB_EV_WRITE ? LOOP_WRITE : 0);
	int r = DANESTS_OK;

	ev->ms = tv != NULL && (ev->bits & UB_EV_TIMEOUT) != 0 ? to_ms(tv) : -1;
	loop_untimer(ev->ubl->loop, &ev->timer);
	if (events != 0 && ev->fd >= 0)
		r = loop_watch(ev->ubl->loop, &ev->watch, ev->fd, events, on_ready, ev);
	if (r == DANESTS_OK)
		r = arm_timer(ev);
	if (r != DANESTS_OK) {
		event_del(super);
		return -1;
	}
	return 0;
}

static void event_add_bits(struct ub_event *super, short bits)
{
	event_del(super);
	event_of(super)->bits |= bits;
}

static void event_del_bits(struct ub_event *super, short bits)
{
	event_del(super);
	event_of(super)->bits &= (short)~bits;
}

static void event_set_fd(struct ub_event *super, int fd)
{
	event_del(super);
	event_of(super)->fd = fd;
}

static void event_free(struct ub_event *super)
{
	event_del(super);
	free(event_of(super));
}

static int event_add_timer(struct ub_event *super, struct ub_event_base *base, ub_cb *cb,
    void *arg, struct timeval *tv)
{
	struct event *ev = event_of(super);

	(void)base;
	event_del(super);
	ev->cb = cb;
	ev->arg = arg;
	ev->bits = UB_EV_TIMEOUT;
	return event_add(super, tv);
}

/* ---- What libunbound never calls in a process that has its own loop ---- */

static int no_signal(struct ub_event *super, struct timeval *tv)
{
	(void)super;
	(void)tv;
	return -1;
}

static int no_signal_del(struct ub_event *super)
{
	(void)super;
	return -1;
}

static void no_wsaevent(struct ub_event *super) { (void)super; }

static void no_wouldblock(struct ub_event *super, int bit)
{
	(void)super;
	(void)bit;
}

static void no_free(struct ub_event_base *base) { (void)base; }

static int no_dispatch(struct ub_event_base *base)
{
	(void)base;
	return -1;
}

static int no_exit(struct ub_event_base *base, struct timeval *tv)
{
	(void)base;
	(void)tv;
	return -1;
}

static struct ub_event *no_new_signal(struct ub_event_base *base, int fd, ub_cb *cb, void *arg)
{
	(void)base;
	(void)fd;
	(void)cb;
	(void)arg;
	return NULL;
}

static struct ub_event *no_new_wsaevent(struct ub_event_base *base, void *wsaevent, ub_cb *cb,
    void *arg)
{
	(void)base;
	(void)wsaevent;
	(void)cb;
	(void)arg;
	return NULL;
}

/* ---- */

static struct ub_event *event_new(struct ub_event_base *base, int fd, short bits, ub_cb *cb,
    void *arg)
{
	static struct ub_event_vmt vmt = {
		.add_bits = event_add_bits, .del_bits = event_del_bits,
		.set_fd = event_set_fd, .free = event_free,
		.add = event_add, .del = event_del,
		.add_timer = event_add_timer, .del_timer = event_del,
		.add_signal = no_signal, .del_signal = no_signal_del,
		.winsock_unregister_wsaevent = no_wsaevent,
		.winsock_tcp_wouldblock = no_wouldblock,
	};
	struct event *ev = calloc(1, sizeof(*ev));

	if (ev == NULL)
		return NULL;
	ev->super.magic = UB_EVENT_MAGIC;
	ev->super.vmt = &vmt;
	ev->ubl = CONTAINER_OF(base, struct ub_loop, base);
	ev->fd = fd;
	ev->bits = bits;
	ev->ms = -1;
	ev->cb = cb;
	ev->arg = arg;
	return &ev->super;
}

void ub_loop_init(struct ub_loop *ubl, struct loop *loop)
{
	static struct ub_event_base_vmt vmt = {
		.free = no_free, .dispatch = no_dispatch, .loopexit = no_exit,
		.new_event = event_new, .new_signal = no_new_signal,
		.winsock_register_wsaevent = no_new_wsaevent,
	};

	ubl->base.magic = UB_EVENT_MAGIC;
	ubl->base.vmt = &vmt;
	ubl->loop = loop;
}
