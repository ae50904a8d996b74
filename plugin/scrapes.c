/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections of those who want figures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "base/attr.h"
#include "plugin/metrics.h"
#include "plugin/scrapes.h"

#define SCRAPES_MOST 16         /* at once; others queue in the backlog */
#define SCRAPES_ASK_MS 10000    /* for a request, and for what takes the reply to be made */
#define SCRAPES_READ_MS 10000   /* for the client to read the reply */
#define SCRAPES_LINGER_MS 2000  /* for it to hang up */
#define SCRAPES_PAUSE_MS 500    /* without descriptors or memory */
#define SCRAPES_COMPLAIN_MS 60000

enum state { ASKING, WAITING, READING, LINGERING };

struct scrape {
	struct scrapes *scrapes;
	struct list all;
	struct loop_watch watch;
	struct loop_timer late;
	enum state state;
	bool body;      /* false: HEAD */
	struct buf in, out;
	int fd;
};

/* ---- Who may connect ---- */

static void accept_some(void *arg, int events);

static void pause_accepting(struct scrapes *s)
{
	struct listeners *ls = s->listeners;

	for (size_t i = 0; i < ls->count; i++)
		loop_unwatch(s->loop, &ls->each[i].watch);
	s->paused = true;
}

static void retry_accepting(void *arg);

static int accept_again(struct scrapes *s)
{
	struct listeners *ls = s->listeners;
	int r = DANESTS_OK;

	for (size_t i = 0; i < ls->count && r == DANESTS_OK; i++) {
		ls->each[i].owner = s;
		r = loop_watch(s->loop, &ls->each[i].watch, ls->each[i].fd, LOOP_READ,
		    accept_some, &ls->each[i]);
	}
	s->paused = r != DANESTS_OK;
	return r;
}

/* No descriptor, no memory: the backlog would wake us for ever. */
static void rest(struct scrapes *s)
{
	unsigned long held;

	if (log_may(&s->complaints, SCRAPES_COMPLAIN_MS, &held))
		log_line(LOG_WARNING, "metrics: no descriptors or memory for a connection: %s",
		    strerror(errno));
	pause_accepting(s);
	if (loop_timer(s->loop, &s->resume, SCRAPES_PAUSE_MS, retry_accepting, s) !=
	    DANESTS_OK)
		log_line(LOG_ERR, "metrics are no longer served: out of memory");
}

static void retry_accepting(void *arg)
{
	struct scrapes *s = arg;

	if (s->count < SCRAPES_MOST && accept_again(s) != DANESTS_OK)
		rest(s);
}

static void scrape_close(struct scrape *c)
{
	struct scrapes *s = c->scrapes;

	loop_unwatch(s->loop, &c->watch);
	loop_untimer(s->loop, &c->late);
	list_remove(&c->all);
	s->count--;
	close(c->fd);
	buf_free(&c->in);
	buf_free(&c->out);
	free(c);
	if (s->paused && !s->closing && s->resume.place == 0 && accept_again(s) != DANESTS_OK)
		rest(s);
}

/* ---- Replies ---- */

static void scrape_event(void *arg, int events);
static void scrape_late(void *arg);

/* On to the next state. False: the client had to be closed. */
static bool enter(struct scrape *c, enum state state, int events, int64_t ms)
{
	struct loop *loop = c->scrapes->loop;
	int r = DANESTS_OK;

	c->state = state;
	if (events == 0)
		loop_unwatch(loop, &c->watch);
	else
		r = loop_watch(loop, &c->watch, c->fd, events, scrape_event, c);
	if (r == DANESTS_OK && ms > 0)
		r = loop_timer(loop, &c->late, ms, scrape_late, c);
	if (r != DANESTS_OK)
		scrape_close(c);
	return r == DANESTS_OK;
}

static bool would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* As much as goes; then wait for the client to hang up, so that nothing it has still
 * sent cuts off what it has not read yet. */
static void write_out(struct scrape *c)
{
	while (c->out.len > 0) {
		ssize_t n = send(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL);

		if (n < 0 && would_block())
			return;
		if (n < 0) {
			scrape_close(c);
			return;
		}
		buf_consume(&c->out, (size_t)n);
	}
	shutdown(c->fd, SHUT_WR);
	(void)enter(c, LINGERING, LOOP_READ, SCRAPES_LINGER_MS);
}

static const char *phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} rows[] = {
		{ 200, "OK" },
		{ 400, "Bad Request" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 431, "Request Header Fields Too Large" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].status == status)
			return rows[i].phrase;
	return "";
}

/* text NULL: what the status means, in words. */
static void reply(struct scrape *c, int status, const struct buf *text)
{
	struct buf words = {0};

	if (text == NULL) {
		buf_printf(&words, "%s\n", status == 404 ? "Not Found: GET /metrics" : phrase(status));
		text = &words;
	}
	buf_printf(&c->out, "HTTP/1.1 %d %s\r\n"
	    "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
	    "Content-Length: %zu\r\n"
	    "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "%s"
	    "Connection: close\r\n"
	    "\r\n", status, phrase(status), text->len, status == 405 ? "Allow: GET, HEAD\r\n" : "");
	if (c->body)
		buf_add(&c->out, text->data, text->len);
	if (text->bad || c->out.bad)
		scrape_close(c);
	else if (enter(c, READING, LOOP_WRITE, SCRAPES_READ_MS))
		write_out(c);
	buf_free(&words);
}

/* ---- Requests ---- */

static void want_figures(struct scrape *c)
{
	struct scrapes *s = c->scrapes;

	if (enter(c, WAITING, 0, 0))
		s->wanted(s);
}

static void read_request(struct scrape *c)
{
	char *room = buf_room(&c->in, METRICS_HEAD - c->in.len);
	ssize_t n;
	int status;

	if (room == NULL) {
		scrape_close(c);
		return;
	}
	n = read(c->fd, room, METRICS_HEAD - c->in.len);
	if (n < 0 && would_block())
		return;
	if (n <= 0) {
		scrape_close(c);
		return;
	}
	c->in.len += (size_t)n;
	status = metrics_request(c->in.data, c->in.len, &c->body);
	if (status == 0)
		return;
	buf_free(&c->in);
	if (status == 200)
		want_figures(c);
	else
		reply(c, status, NULL);
}

/* What comes after the request interests nobody. */
static void read_away(struct scrape *c)
{
	char data[4096];
	ssize_t n = read(c->fd, data, sizeof(data));

	if (n == 0 || (n < 0 && !would_block()))
		scrape_close(c);
}

static void scrape_event(void *arg, int events)
{
	struct scrape *c = arg;

	(void)events;
	if (c->state == ASKING)
		read_request(c);
	else if (c->state == READING)
		write_out(c);
	else if (c->state == LINGERING)
		read_away(c);
}

static void scrape_late(void *arg)
{
	struct scrape *c = arg;

	if (c->state == WAITING)
		reply(c, 503, NULL);
	else if (c->state == ASKING && c->in.len > 0)
		reply(c, 408, NULL);
	else
		scrape_close(c);
}

static bool scrape_new(struct scrapes *s, int fd)
{
	struct scrape *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		close(fd);
		return false;
	}
	*c = (struct scrape){ .scrapes = s, .fd = fd, .body = true };
	list_append(&s->all, &c->all);
	s->count++;
	return enter(c, ASKING, LOOP_READ, SCRAPES_ASK_MS);
}

static void accept_some(void *arg, int events)
{
	struct listener *l = arg;
	struct scrapes *s = l->owner;

	(void)events;
	while (s->count < SCRAPES_MOST) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
			continue;
		if (fd < 0 && would_block())
			return;
		if (fd < 0 || !scrape_new(s, fd)) {
			rest(s);
			return;
		}
	}
	pause_accepting(s);
}

/* ---- All of them ---- */

void scrapes_watch(struct scrapes *s, bool on)
{
	pause_accepting(s);
	loop_untimer(s->loop, &s->resume);
	if (on && accept_again(s) != DANESTS_OK)
		rest(s);
}

int scrapes_open(struct scrapes *s)
{
	list_init(&s->all);
	return accept_again(s);
}

void scrapes_answer(struct scrapes *s, const struct buf *text)
{
	struct list *at, *next;

	for (at = s->all.next; at != &s->all; at = next) {
		struct scrape *c = CONTAINER_OF(at, struct scrape, all);

		next = at->next;
		if (c->state == WAITING)
			reply(c, 200, text);
	}
}

void scrapes_close(struct scrapes *s)
{
	pause_accepting(s);
	loop_untimer(s->loop, &s->resume);
	s->closing = true;
	while (!list_empty(&s->all))
		scrape_close(CONTAINER_OF(s->all.next, struct scrape, all));
}
