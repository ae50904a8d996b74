/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines in, one request at a time, lines out. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "plugin/control_impl.h"

#define CONTROL_STEPS 8 /* of a connection in one turn: others want theirs */

void control_conn_free(struct control_conn *c)
{
	list_remove(&c->all);
	request_free(&c->request);
	buf_free(&c->in);
	buf_free(&c->out);
	buf_free(&c->lines);
	json_decref(c->found);
	control_imports_free(c);
	free(c);
}

static void let_go_of_walk(struct control_conn *c, danests *ctx)
{
	(void)ctx;
	danests_walk_free(c->walk);
	c->walk = NULL;
}

void control_conn_close(struct control_conn *c)
{
	if (c->fd >= 0) {
		loop_unwatch(c->control->service->loop, &c->watch);
		loop_untimer(c->control->service->loop, &c->again);
		control_asks_free(c);
		close(c->fd);
		c->fd = -1;
		c->control->count--;
	}
	/* A walk is the worker's to free. */
	if (!c->away && c->walk != NULL)
		control_errand(c, let_go_of_walk, control_conn_close);
	if (!c->away)
		control_conn_free(c);
}

/* ---- Errands ---- */

static struct control_conn *conn_of(struct errand *errand)
{
	return CONTAINER_OF(errand, struct control_conn, errand);
}

static void errand_run(struct errand *errand, danests *ctx)
{
	conn_of(errand)->work(conn_of(errand), ctx);
}

static void errand_done(struct errand *errand)
{
	struct control_conn *c = conn_of(errand);

	c->away = false;
	if (c->fd < 0) {
		control_conn_close(c);
		return;
	}
	c->home(c);
	control_turn(c);
}

void control_errand(struct control_conn *c, void (*work)(struct control_conn *, danests *),
    void (*home)(struct control_conn *))
{
	c->more = NULL;
	c->work = work;
	c->home = home;
	c->away = true;
	c->errand = (struct errand){ .run = errand_run, .done = errand_done };
	worker_call(c->control->service->worker, &c->errand);
}

/* ---- Last lines ---- */

static void finish(struct control_conn *c, struct grow *object)
{
	grow_line(&c->out, grow_done(object));
	request_free(&c->request);
	control_asks_free(c);
	c->busy = false;
	c->more = NULL;
}

void control_ok(struct control_conn *c, struct grow *object)
{
	grow_put(object, "ok", json_true());
	finish(c, object);
}

void control_error(struct control_conn *c, const char *token, const char *reason, int code)
{
	struct grow line = grow_object();

	grow_put(&line, "error", grow_text(token));
	grow_put(&line, "reason", grow_text(reason));
	grow_put(&line, "code", json_integer(code));
	finish(c, &line);
}

void control_no_memory(struct control_conn *c)
{
	control_error(c, PROTO_NO_MEMORY, "out of memory", EX_OSERR);
}

/* ---- Requests ---- */

static void begin(struct control_conn *c)
{
	static void (*const begins[REQUEST_COUNT])(struct control_conn *) = {
		[REQUEST_STATUS] = control_status, [REQUEST_LIST] = control_walk,
		[REQUEST_EXPORT] = control_walk,   [REQUEST_GET] = control_get,
		[REQUEST_PURGE] = control_walk,    [REQUEST_IMPORT] = control_import,
		[REQUEST_SYNC] = control_sync,     [REQUEST_EXPLAIN] = control_explain,
		[REQUEST_ANSWER] = control_answer, [REQUEST_OVERRIDES] = control_overrides,
	};

	c->done = c->kept = 0;
	c->at = 0;
	c->walked = false;
	c->result = DANESTS_OK;
	c->problem[0] = '\0';
	buf_reset(&c->lines);
	if (c->request.what == REQUEST_PURGE && c->request.names != NULL)
		control_drop(c);
	else
		begins[c->request.what](c);
}

void control_refuse(struct control_conn *c, int code, const char *problem)
{
	if (code == EX_DATAERR) {
		control_error(c, PROTO_BAD_RECORD, problem, code);
	} else if (code == EX_OSERR) {
		control_no_memory(c);
	} else {
		control_error(c, PROTO_BAD_REQUEST, problem, code);
		c->last = true;
	}
}

bool control_peek(struct control_conn *c, size_t *len)
{
	char *end = NULL;

	if (c->in.len > c->seen)
		end = memchr(c->in.data + c->seen, '\n', c->in.len - c->seen);
	if (end == NULL) {
		c->seen = c->in.len;
		return false;
	}
	*len = (size_t)(end - c->in.data);
	return true;
}

int control_read(struct control_conn *c, size_t len, struct request *out,
    char problem[REQUEST_PROBLEM])
{
	int r = request_read(out, c->in.data, len, problem);

	buf_consume(&c->in, len + 1);
	c->seen = 0;
	c->stalled = 0;
	return r;
}

/* The next request, if a whole one has come. */
static bool take_line(struct control_conn *c)
{
	char problem[REQUEST_PROBLEM];
	size_t len;
	int r;

	if (control_peek(c, &len)) {
		r = control_read(c, len, &c->request, problem);
		c->busy = r == EX_OK;
		if (r == EX_OK)
			begin(c);
		else
			control_refuse(c, r, problem);
		return true;
	}
	if (c->in.len >= PROTO_MAX_LINE) {
		control_error(c, PROTO_BAD_REQUEST, "the line is too long", EX_USAGE);
		c->last = true;
		return true;
	}
	if (c->in.len == 0)
		buf_free(&c->in);
	return false;
}

/* ---- The turn ---- */

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
	c->in.len += n > 0 ? (size_t)n : 0;
	c->eof = n == 0;
	return true;
}

static void on_event(void *arg, int events)
{
	struct control_conn *c = arg;

	bool reads = c->watch.events == LOOP_READ;

	if (reads && (events & LOOP_READ) != 0 && !fill(c)) {
		control_conn_close(c);
		return;
	}
	/* A hang-up is both events; who has only said all reads on. */
	if (reads && c->eof && (events & LOOP_WRITE) != 0) {
		control_conn_close(c);
		return;
	}
	control_turn(c);
}

static void on_again(void *arg)
{
	control_turn(arg);
}

/* One request or part of one at a time, each when the answers before it are read. True:
 * there is more to do at once. */
static bool step(struct control_conn *c)
{
	void (*more)(struct control_conn *) = c->more;

	if (c->out.len > 0 || c->last)
		return false;
	if (!c->busy)
		return take_line(c);
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
	if (again && loop_timer(loop, &c->again, 0, on_again, c) != DANESTS_OK)
		return false;
	if (events == 0) {
		loop_unwatch(loop, &c->watch);
		return again || c->busy;
	}
	return events == c->watch.events ||
	    loop_watch(loop, &c->watch, c->fd, events, on_event, c) == DANESTS_OK;
}

void control_turn(struct control_conn *c)
{
	bool alive = flush(c), more = true;

	for (int i = 0; alive && more && i < CONTROL_STEPS; i++) {
		more = step(c);
		alive = flush(c);
	}
	if (!alive || !settle(c, more && c->out.len == 0))
		control_conn_close(c);
}

bool control_conn_new(struct control *control, int fd)
{
	struct control_conn *c = calloc(1, sizeof(*c));

	if (c == NULL || loop_watch(control->service->loop, &c->watch, fd, LOOP_READ, on_event,
	    c) != DANESTS_OK) {
		close(fd);
		free(c);
		return false;
	}
	c->control = control;
	c->fd = fd;
	list_append(&control->all, &c->all);
	control->count++;
	return true;
}
