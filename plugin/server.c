/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/server.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "plugin/conn.h"
#include "plugin/logline.h"
#include "plugin/reload.h"
#include "plugin/signals.h"

#define SERVER_ACCEPT 64        /* connections taken in one turn: others want theirs */
#define SERVER_SWEEP_MS 2000    /* how often to look for stalled clients */
#define SERVER_PAUSE_MS 500     /* without descriptors: how long to let clients queue */
#define SERVER_COMPLAIN_MS 60000
#define SERVER_GOODBYE_MS 800   /* at the end: for replies that still have to go out */

struct server {
	struct loop *loop;
	struct desk *desk;
	struct conns conns;
	struct listeners *listeners;
	const struct service *service;
	struct loop_timer sweep, resume;
	struct loop_watch signals;
	size_t max_clients;
	int spare;                      /* a descriptor to give up when there are no more */
	struct log_limit full, refused, exhausted;
	bool ending;
};

size_t server_limit(size_t max_clients)
{
	return max_clients + max_clients / 8 + 16;
}

/* ---- Clients ---- */

static void complain(struct log_limit *limit, const char *what, size_t count)
{
	unsigned long held;

	if (log_may(limit, SERVER_COMPLAIN_MS, &held))
		log_line(LOG_WARNING, "%s (%zu connections; %lu times since the last such line)",
		    what, count, held + 1);
}

static void accept_some(void *arg, int events);

static int watch_all(struct server *s)
{
	int r = DANESTS_OK;

	for (size_t i = 0; i < s->listeners->count && r == DANESTS_OK; i++) {
		struct listener *l = &s->listeners->each[i];

		l->owner = s;
		r = loop_watch(s->loop, &l->watch, l->fd, LOOP_READ, accept_some, l);
	}
	return r;
}

static void unwatch_all(struct server *s)
{
	for (size_t i = 0; i < s->listeners->count; i++)
		loop_unwatch(s->loop, &s->listeners->each[i].watch);
}

static void resume(void *arg)
{
	struct server *s = arg;

	if (s->spare < 0)
		s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (watch_all(s) != DANESTS_OK &&
	    loop_timer(s->loop, &s->resume, SERVER_PAUSE_MS, resume, s) != DANESTS_OK)
		log_line(LOG_CRIT, "cannot take clients any more: out of memory");
}

/*
 * No descriptor for a client that waits in the backlog, where it would wake us for
 * ever. With the spare one it is taken and sent away: it knows at once, and Postfix
 * tries again.
 */
static void shed(struct server *s, const struct listener *l)
{
	int fd;

	s->desk->stats.clients_refused++;
	complain(&s->exhausted, "no descriptors for more clients, sent one away:"
	    " raise the limit of open files", s->conns.count);
	if (s->spare >= 0) {
		close(s->spare);
		fd = accept(l->fd, NULL, NULL);
		if (fd >= 0)
			close(fd);
		s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return;
	}
	/* Not even that: somebody else took it. Look away for a while. */
	unwatch_all(s);
	if (loop_timer(s->loop, &s->resume, SERVER_PAUSE_MS, resume, s) != DANESTS_OK)
		resume(s);
}

static void welcome(struct server *s, int fd)
{
	int one = 1;

	if (s->conns.count >= server_limit(s->max_clients)) {
		s->desk->stats.clients_refused++;
		complain(&s->refused, "max_clients and its reserve are used up, sent one away",
		    s->conns.count);
		close(fd);
		return;
	}
	if (s->conns.count >= s->max_clients)
		complain(&s->full, "max_clients is reached, taking from the reserve",
		    s->conns.count);
	/* Replies are whole; nothing follows that they could wait for. Fails on unix
	 * sockets, which do not need it. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (conn_new(&s->conns, fd) == DANESTS_OK) {
		s->desk->stats.clients++;
		return;
	}
	s->desk->stats.clients_refused++;
	complain(&s->exhausted, "no memory for more clients, sent one away", s->conns.count);
}

static void accept_some(void *arg, int events)
{
	struct listener *l = arg;
	struct server *s = l->owner;

	(void)events;
	for (int i = 0; i < SERVER_ACCEPT; i++) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			welcome(s, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			shed(s, l);
		if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

void server_watch(struct server *s, bool on)
{
	s->max_clients = (size_t)conf_number(s->service->conf, CONF_MAX_CLIENTS);
	unwatch_all(s);
	loop_untimer(s->loop, &s->resume);
	if (on)
		resume(s);
}

/* ---- The turn ---- */

static void sweep(void *arg)
{
	struct server *s = arg;

	conns_sweep(&s->conns);
	if (loop_timer(s->loop, &s->sweep, SERVER_SWEEP_MS, sweep, s) != DANESTS_OK)
		log_line(LOG_ERR, "stalled clients are no longer closed: out of memory");
}

static void on_signal(void *arg, int events)
{
	struct server *s = arg;
	int number;

	(void)events;
	while ((number = signals_next(s->signals.fd)) != 0) {
		if (number != SIGHUP)
			s->ending = true;
		else if (s->service->reload != NULL)
			reload_begin(s->service->reload);
	}
}

/* Replies that are due still go out, to clients that read them soon. */
static void say_goodbye(struct server *s)
{
	int64_t end = clock_mono_ms() + SERVER_GOODBYE_MS, left;

	unwatch_all(s);
	loop_untimer(s->loop, &s->resume);
	listen_close(s->listeners);
	desk_close(s->desk, "lookup not finished, the policy service is shutting down; try again");
	while (conns_unwritten(&s->conns) && (left = end - clock_mono_ms()) > 0)
		if (loop_turn(s->loop, (int)left) != DANESTS_OK)
			break;
}

int server_run(struct server *s, int signals)
{
	int r = loop_watch(s->loop, &s->signals, signals, LOOP_READ, on_signal, s);

	if (r == DANESTS_OK)
		r = watch_all(s);
	if (r == DANESTS_OK)
		r = loop_timer(s->loop, &s->sweep, SERVER_SWEEP_MS, sweep, s);
	while (r == DANESTS_OK && !s->ending)
		r = loop_turn(s->loop, -1);
	say_goodbye(s);
	return r;
}

int server_new(struct server **out, struct service *service, const struct desk_options *desk)
{
	struct server *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		return DANESTS_ENOMEM;
	s->service = service;
	s->listeners = service->listeners;
	s->max_clients = (size_t)conf_number(service->conf, CONF_MAX_CLIENTS);
	s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	conns_init(&s->conns, NULL, NULL);
	r = loop_new(&s->loop);
	if (r == DANESTS_OK)
		r = desk_new(&s->desk, s->loop, service->worker, desk);
	if (r != DANESTS_OK) {
		server_free(s);
		return r;
	}
	conns_init(&s->conns, s->loop, s->desk);
	service->loop = s->loop;
	service->desk = s->desk;
	service->conns = &s->conns;
	service->server = s;
	*out = s;
	return DANESTS_OK;
}

void server_free(struct server *s)
{
	if (s == NULL)
		return;
	conns_close(&s->conns);
	desk_free(s->desk);
	if (s->loop != NULL) {
		loop_unwatch(s->loop, &s->signals);
		loop_untimer(s->loop, &s->sweep);
		loop_untimer(s->loop, &s->resume);
	}
	loop_free(s->loop);
	if (s->spare >= 0)
		close(s->spare);
	free(s);
}
