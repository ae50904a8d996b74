/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "danests.h"

#define CONN_MAX_FRAME (CONN_MAX_QUERY + NETSTRING_OVERHEAD)

struct conn {
	struct conns *conns;
	struct list all;
	struct loop_watch watch;
	struct asker asker;
	struct buf in;   /* read, not yet asked */
	size_t whole;    /* how much of it is known to be good frames */
	struct buf out;  /* answered, not yet written */
	int64_t stalled; /* clock_mono_ms() since when; 0: not at all */
	bool eof;        /* the client sends no more, but may still be reading */
	int fd;
};

static void conn_close(struct conn *c)
{
	desk_leave(c->conns->desk, &c->asker);
	loop_unwatch(c->conns->loop, &c->watch);
	list_remove(&c->all);
	c->conns->count--;
	close(c->fd);
	buf_free(&c->in);
	buf_free(&c->out);
	free(c);
}

static bool waiting(const struct conn *c) { return c->asker.pending != NULL; }

static bool would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* ---- Writing ---- */

/* As much as goes; *done is how much. False: the client is gone. */
static bool write_some(struct conn *c, const char *data, size_t len, size_t *done)
{
	*done = 0;
	while (*done < len) {
		ssize_t n = send(c->fd, data + *done, len - *done, MSG_NOSIGNAL);

		if (n < 0)
			return would_block();
		*done += (size_t)n;
	}
	return true;
}

/* What was kept back. */
static bool flush_kept(struct conn *c)
{
	size_t done;

	if (c->out.len == 0)
		return true;
	if (!write_some(c, c->out.data, c->out.len, &done))
		return false;
	if (done == c->out.len)
		buf_free(&c->out);
	else
		buf_consume(&c->out, done);
	if (done > 0)
		c->stalled = 0; /* it reads; conn_settle() starts the clock anew */
	return true;
}

/* What the shared buffer has gathered for this connection; it is empty after. */
static bool flush_gathered(struct conn *c)
{
	struct buf *out = &c->conns->out;
	size_t done = 0;
	bool ok = !out->bad;

	if (ok && c->out.len == 0 && out->len > 0)
		ok = write_some(c, out->data, out->len, &done);
	if (ok && done < out->len) {
		buf_add(&c->out, out->data + done, out->len - done);
		ok = !c->out.bad;
	}
	if (out->bad || out->cap > 4 * CONN_WRITE)
		buf_free(out);
	else
		buf_reset(out);
	return ok;
}

/* ---- Asking ---- */

/*
 * Ask what is whole in data, until a question has to wait or the client does not
 * read its answers. *used is how much of data that was. False: garbage.
 */
static bool ask_all(struct conn *c, const char *data, size_t len, size_t *used)
{
	struct conns *cs = c->conns;
	enum netstring_result r = NETSTRING_OK;
	struct netstring frame;

	*used = 0;
	while (!waiting(c) && c->out.len == 0) {
		r = netstring_parse(data + *used, len - *used, CONN_MAX_QUERY, &frame);
		if (r != NETSTRING_OK)
			break;
		*used += frame.frame_len;
		desk_ask(cs->desk, &c->asker, frame.payload, frame.len, &cs->out);
		if (cs->out.len >= CONN_WRITE && !flush_gathered(c))
			return false;
	}
	/* What came before the garbage has been asked properly and is answered. */
	cs->desk->stats.bad_frames += r == NETSTRING_BAD;
	return flush_gathered(c) && r != NETSTRING_BAD;
}

/* Garbage is seen at once, also behind a question that has to wait (spec.md 3). No
 * frame is looked at twice, but for the head of one that is not whole yet. */
static bool kept_is_good(struct conn *c)
{
	enum netstring_result r;
	struct netstring frame;

	while ((r = netstring_parse(c->in.data + c->whole, c->in.len - c->whole,
	    CONN_MAX_QUERY, &frame)) == NETSTRING_OK)
		c->whole += frame.frame_len;
	c->conns->desk->stats.bad_frames += r == NETSTRING_BAD;
	return r != NETSTRING_BAD;
}

/* Keep what could not be asked yet: data without its first used octets. */
static bool keep(struct conn *c, const char *data, size_t len, size_t used)
{
	c->whole = c->whole > used ? c->whole - used : 0;
	if (len == used) {
		buf_free(&c->in);
		return true;
	}
	buf_reset(&c->in);
	buf_add(&c->in, data + used, len - used);
	return !c->in.bad && kept_is_good(c);
}

static void conn_event(void *arg, int events);

/* Wait for what can come next, or close. */
static void conn_settle(struct conn *c)
{
	int events = 0;

	if (c->out.len > 0)
		events |= LOOP_WRITE;
	else if (!c->eof && c->in.len < CONN_MAX_FRAME)
		events |= LOOP_READ;
	if (c->out.len > 0 || (c->in.len > 0 && !waiting(c)))
		c->stalled = c->stalled != 0 ? c->stalled : clock_mono_ms();
	else
		c->stalled = 0;
	if (events == 0 && !waiting(c))
		conn_close(c); /* all is said, and the client has gone */
	else if (events == 0)
		loop_unwatch(c->conns->loop, &c->watch);
	else if (events != c->watch.events && loop_watch(c->conns->loop, &c->watch, c->fd,
	    events, conn_event, c) != DANESTS_OK)
		conn_close(c);
}

/* Ask what was kept and, if there is something to read, what comes behind it. */
static void conn_turn(struct conn *c, bool readable)
{
	char *data = c->conns->in;
	size_t len = c->in.len, used = 0;

	if (len > 0)
		memcpy(data, c->in.data, len);
	if (readable && !c->eof && len < CONN_READ) {
		ssize_t n = read(c->fd, data + len, CONN_READ - len);

		if (n < 0 && !would_block()) {
			conn_close(c);
			return;
		}
		c->eof = n == 0;
		len += n > 0 ? (size_t)n : 0;
	}
	if (!ask_all(c, data, len, &used)) {
		conn_close(c);
		return;
	}
	if (used > 0)
		c->stalled = 0; /* what is left belongs to another frame */
	if (c->in.len != 0 || used < len) {
		if (!keep(c, data, len, used)) {
			conn_close(c);
			return;
		}
	}
	conn_settle(c);
}

static void conn_event(void *arg, int events)
{
	struct conn *c = arg;

	if (c->out.len > 0) {
		if (!flush_kept(c)) {
			conn_close(c);
			return;
		}
		if (c->out.len > 0) {
			conn_settle(c);
			return;
		}
	}
	conn_turn(c, (events & LOOP_READ) != 0);
}

static void conn_answered(struct asker *asker, const char *frame, size_t len)
{
	struct conn *c = CONTAINER_OF(asker, struct conn, asker);

	buf_add(&c->conns->out, frame, len);
	if (!flush_gathered(c)) {
		conn_close(c);
		return;
	}
	conn_turn(c, false);
}

/* ---- All of them ---- */

void conns_init(struct conns *cs, struct loop *loop, struct desk *desk)
{
	cs->loop = loop;
	cs->desk = desk;
	list_init(&cs->all);
}

int conn_new(struct conns *cs, int fd)
{
	struct conn *c = calloc(1, sizeof(*c));
	int r;

	if (c == NULL) {
		close(fd);
		return DANESTS_ENOMEM;
	}
	c->conns = cs;
	c->fd = fd;
	c->asker.answered = conn_answered;
	r = loop_watch(cs->loop, &c->watch, fd, LOOP_READ, conn_event, c);
	if (r != DANESTS_OK) {
		close(fd);
		free(c);
		return r;
	}
	list_append(&cs->all, &c->all);
	cs->count++;
	return DANESTS_OK;
}

void conns_sweep(struct conns *cs)
{
	int64_t now = clock_mono_ms();
	struct list *l, *next;

	for (l = cs->all.next; l != &cs->all; l = next) {
		struct conn *c = CONTAINER_OF(l, struct conn, all);

		next = l->next;
		if (c->stalled != 0 && now - c->stalled >= CONN_STALL_MS)
			conn_close(c);
	}
}

bool conns_unwritten(const struct conns *cs)
{
	for (const struct list *l = cs->all.next; l != &cs->all; l = l->next)
		if (CONTAINER_OF(l, struct conn, all)->out.len > 0)
			return true;
	return false;
}

void conns_close(struct conns *cs)
{
	while (!list_empty(&cs->all))
		conn_close(CONTAINER_OF(cs->all.next, struct conn, all));
	buf_free(&cs->out);
}
