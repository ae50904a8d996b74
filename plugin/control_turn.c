/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Octets in and out, and whose turn it is. Postfix waits while we work, so all that
 * connections have to do is done by one timer, a millisecond of it at a time for all of
 * them together.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "plugin/control_impl.h"

#define TURN_US 1000
#define TURN_PAUSE_MS 1 /* not 0: that could be in this turn of the loop still */
#define TURN_STEPS 8    /* of one connection, before the next one has its own */

static bool would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* False: the client is gone, or there was no memory for what it is due. */
static bool flush(struct control_conn *c)
{
	size_t done = 0;

	if (c->out.bad)
		return false;
	while (done < c->out.len) {
		ssize_t n = send(c->fd, c->out.data + done, c->out.len - done, MSG_NOSIGNAL);

		if (n < 0 && !would_block())
			return false;
		if (n < 0)
			break;
		done += (size_t)n;
	}
	if (done > 0)
		c->stalled = 0;
	if (done == c->out.len)
		buf_free(&c->out);
	else
		buf_consume(&c->out, done);
	return true;
}

static bool fill(struct control_conn *c)
{
	char *room = buf_room(&c->in, CONTROL_READ);
	ssize_t n = room != NULL ? read(c->fd, room, CONTROL_READ) : -1;

	if (room == NULL || (n < 0 && !would_block()))
		return false;
	if (n > 0) {
		c->in.len += (size_t)n;
		c->heard = clock_mono_ms();
	}
	c->eof = n == 0;
	return true;
}

/* False: the client is gone. A hang-up is both events; who has only said all reads on. */
static bool take_events(struct control_conn *c)
{
	int events = c->events;

	c->events = 0;
	if ((events & LOOP_READ) != 0 && !fill(c))
		return false;
	return !c->eof || (events & LOOP_WRITE) == 0;
}

/* One request or part of one at a time, each when the answers before it are read. True:
 * there is more to do at once. */
static bool step(struct control_conn *c)
{
	void (*more)(struct control_conn *) = c->more;

	if (c->out.len > 0 || c->last)
		return false;
	if (!c->busy)
		return control_take_line(c);
	if (more == NULL)
		return false;
	c->more = NULL;
	more(c);
	return true;
}

/* Wait for what can come next. False: nothing can. */
static bool settle(struct control_conn *c, bool again)
{
	struct loop *loop = c->control->service->loop;
	int events = 0;

	if (c->out.len > 0)
		events = LOOP_WRITE;
	else if (!again && !c->eof && !c->last &&
	    c->in.len < (c->busy ? CONTROL_READ : PROTO_MAX_LINE))
		events = LOOP_READ; /* while busy, too: it may leave */
	if (c->out.len > 0 || (!c->busy && c->in.len > 0))
		c->stalled = c->stalled != 0 ? c->stalled : clock_mono_ms();
	else
		c->stalled = 0;
	if (events == 0) {
		loop_unwatch(loop, &c->watch);
		return again || c->busy;
	}
	return events == c->watch.events ||
	    loop_watch(loop, &c->watch, c->fd, events, control_on_event, c) == DANESTS_OK;
}

/* False: it is over. */
static bool have_turn(struct control_conn *c, int64_t end)
{
	bool alive = take_events(c), more = true;

	if (alive && c->back) {
		c->back = false;
		c->home(c);
	}
	alive = alive && flush(c);
	for (int i = 0; alive && more && i < TURN_STEPS; i++) {
		more = step(c);
		alive = flush(c);
		if (clock_mono_us() >= end)
			break;
	}
	more = more && c->out.len == 0;
	if (!alive || !settle(c, more))
		return false;
	if (more)
		list_append(&c->control->ready, &c->ready);
	return true;
}

static void turns(void *arg);

static void set_timer(struct control *control, int64_t ms)
{
	if (loop_timer(control->service->loop, &control->turn, ms, turns, control) == DANESTS_OK)
		return;
	/* Nothing would ever happen to them again. */
	while (!list_empty(&control->ready))
		control_conn_close(CONTAINER_OF(control->ready.next, struct control_conn, ready));
}

static void turns(void *arg)
{
	int64_t end = clock_mono_us() + TURN_US;
	struct control *control = arg;

	while (!list_empty(&control->ready)) {
		struct control_conn *c = CONTAINER_OF(control->ready.next, struct control_conn,
		    ready);

		list_remove(&c->ready);
		if (!have_turn(c, end))
			control_conn_close(c);
		if (clock_mono_us() >= end)
			break;
	}
	if (!list_empty(&control->ready))
		set_timer(control, TURN_PAUSE_MS);
}

void control_wake(struct control_conn *c)
{
	if (!list_empty(&c->ready))
		return;
	list_append(&c->control->ready, &c->ready);
	if (c->control->turn.place == 0)
		set_timer(c->control, 0);
}

/* Not watched until it has had its turn: it would be told again and again. */
void control_on_event(void *arg, int events)
{
	struct control_conn *c = arg;

	c->events = c->watch.events == LOOP_READ ? events : 0;
	loop_unwatch(c->control->service->loop, &c->watch);
	control_wake(c);
}
