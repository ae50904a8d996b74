/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/https_loop.h"

#include <stddef.h>
#include <stdlib.h>

#include "danests.h"

struct socket {
	struct list link;
	struct loop_watch watch;
	struct https_loop *hl;
	curl_socket_t fd;
};

static void tell_done(struct https_loop *hl)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(hl->multi, &left)) != NULL) {
		if (message->msg == CURLMSG_DONE)
			hl->done(hl->arg, message->easy_handle, message->data.result);
	}
}

/* What went wrong is told per transfer; each has a time limit of its own besides. */
static void act(struct https_loop *hl, curl_socket_t fd, int what)
{
	int running;

	(void)curl_multi_socket_action(hl->multi, fd, what, &running);
	tell_done(hl);
}

static void on_ready(void *arg, int events)
{
	struct socket *s = arg; /* curl may free it in here */
	int what = (events & LOOP_READ ? CURL_CSELECT_IN : 0) |
	    (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0);

	act(s->hl, s->fd, what);
}

static void on_timer(void *arg)
{
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static void socket_free(struct socket *s)
{
	if (s == NULL)
		return;
	loop_unwatch(s->hl->loop, &s->watch);
	list_remove(&s->link);
	free(s);
}

static struct socket *socket_new(struct https_loop *hl, curl_socket_t fd)
{
	struct socket *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->hl = hl;
	s->fd = fd;
	list_append(&hl->sockets, &s->link);
	if (curl_multi_assign(hl->multi, fd, s) != CURLM_OK) {
		socket_free(s);
		return NULL;
	}
	return s;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *data)
{
	static const int events[] = {
		[CURL_POLL_NONE] = 0,
		[CURL_POLL_IN] = LOOP_READ,
		[CURL_POLL_OUT] = LOOP_WRITE,
		[CURL_POLL_INOUT] = LOOP_READ | LOOP_WRITE,
	};
	struct https_loop *hl = arg;
	struct socket *s = data;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		socket_free(s);
		return 0;
	}
	if (s == NULL)
		s = socket_new(hl, fd);
	if (s == NULL)
		return -1;
	if (events[what] == 0) {
		loop_unwatch(hl->loop, &s->watch);
		return 0;
	}
	return loop_watch(hl->loop, &s->watch, fd, events[what], on_ready, s) == DANESTS_OK ?
	    0 : -1;
}

/* Not from in here: curl wants to be called back later, be it at once. */
static int on_timeout(CURLM *multi, long ms, void *arg)
{
	struct https_loop *hl = arg;

	(void)multi;
	if (ms < 0) {
		loop_untimer(hl->loop, &hl->timer);
		return 0;
	}
	return loop_timer(hl->loop, &hl->timer, ms, on_timer, hl) == DANESTS_OK ? 0 : -1;
}

int https_loop_open(struct https_loop *hl, struct loop *loop, https_loop_fn *done, void *arg)
{
	*hl = (struct https_loop){ .loop = loop, .done = done, .arg = arg };
	list_init(&hl->sockets);
	hl->multi = curl_multi_init();
	if (hl->multi == NULL)
		return DANESTS_ENOMEM;
	if (curl_multi_setopt(hl->multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
	    curl_multi_setopt(hl->multi, CURLMOPT_SOCKETDATA, hl) == CURLM_OK &&
	    curl_multi_setopt(hl->multi, CURLMOPT_TIMERFUNCTION, on_timeout) == CURLM_OK &&
	    curl_multi_setopt(hl->multi, CURLMOPT_TIMERDATA, hl) == CURLM_OK)
		return DANESTS_OK;
	https_loop_close(hl);
	return DANESTS_ENOMEM;
}

void https_loop_close(struct https_loop *hl)
{
	if (hl->multi == NULL)
		return;
	(void)curl_multi_cleanup(hl->multi);
	while (!list_empty(&hl->sockets))
		socket_free(CONTAINER_OF(hl->sockets.next, struct socket, link));
	loop_untimer(hl->loop, &hl->timer);
	hl->multi = NULL;
}
