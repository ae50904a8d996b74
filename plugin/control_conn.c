/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of a connection and of the requests that it sends. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "plugin/control_impl.h"

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
		list_remove(&c->ready);
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
	c->back = true;
	control_wake(c);
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
	c->heard = clock_mono_ms();
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

static void clear(struct control_conn *c)
{
	c->done = c->kept = 0;
	c->at = 0;
	c->walked = c->unforgotten = false;
	c->result = DANESTS_OK;
	c->problem[0] = '\0';
	buf_reset(&c->lines);
}

static void begin(struct control_conn *c)
{
	static void (*const begins[REQUEST_COUNT])(struct control_conn *) = {
		[REQUEST_STATUS] = control_status, [REQUEST_LIST] = control_walk,
		[REQUEST_EXPORT] = control_walk,   [REQUEST_GET] = control_get,
		[REQUEST_PURGE] = control_walk,    [REQUEST_IMPORT] = control_import,
		[REQUEST_SYNC] = control_sync,     [REQUEST_EXPLAIN] = control_explain,
		[REQUEST_ANSWER] = control_answer, [REQUEST_OVERRIDES] = control_overrides,
	};

	clear(c);
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

static void begin_or_refuse(struct control_conn *c, int code, const char *problem)
{
	if (code == EX_OK)
		begin(c);
	else
		control_refuse(c, code, problem);
}

/* Where the next line ends. */
static bool find_line(struct control_conn *c, size_t *len)
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

void control_taken(struct control_conn *c, size_t len)
{
	buf_consume(&c->in, len);
	c->seen = 0;
	c->stalled = 0;
}

static void read_work(struct control_conn *c, danests *ctx)
{
	(void)ctx;
	c->result = request_read(&c->request, c->lines.data, c->lines.len, c->problem);
}

static void read_home(struct control_conn *c)
{
	buf_free(&c->lines);
	begin_or_refuse(c, c->result, c->problem);
}

/* A megabyte of JSON takes milliseconds. */
static void read_away(struct control_conn *c, size_t len)
{
	clear(c);
	buf_add(&c->lines, c->in.data, len);
	control_taken(c, len + 1);
	if (c->lines.bad)
		control_no_memory(c);
	else
		control_errand(c, read_work, read_home);
}

static void read_here(struct control_conn *c, size_t len)
{
	char problem[REQUEST_PROBLEM];
	int code = request_read(&c->request, c->in.data, len, problem);

	control_taken(c, len + 1);
	begin_or_refuse(c, code, problem);
}

bool control_take_line(struct control_conn *c)
{
	size_t len;

	if (find_line(c, &len)) {
		c->busy = true;
		if (control_is_import(c)) {
			clear(c);
			control_import(c);
		} else if (len > CONTROL_SHORT) {
			read_away(c, len);
		} else {
			read_here(c, len);
		}
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

bool control_conn_new(struct control *control, int fd)
{
	struct control_conn *c = calloc(1, sizeof(*c));

	if (c == NULL || loop_watch(control->service->loop, &c->watch, fd, LOOP_READ,
	    control_on_event, c) != DANESTS_OK) {
		close(fd);
		free(c);
		return false;
	}
	c->control = control;
	c->fd = fd;
	c->heard = clock_mono_ms();
	list_init(&c->ready);
	list_append(&control->all, &c->all);
	control->count++;
	return true;
}
