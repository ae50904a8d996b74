/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may come in, and when they have to go. */
#include "plugin/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "plugin/control_impl.h"
#include "plugin/logline.h"

#define CONTROL_SWEEP_MS 10000
#define CONTROL_PAUSE_MS 500 /* without descriptors: how long clients queue */

/* A last line for somebody who is not served; it fits into any socket. */
static void turn_away(int fd, const char *reason)
{
	char line[160];
	int len = snprintf(line, sizeof(line), "{\"error\":\"%s\",\"reason\":\"%s\",\"code\":%d}\n",
	    PROTO_BUSY, reason, EX_TEMPFAIL);

	if (send(fd, line, (size_t)len, MSG_NOSIGNAL) < 0)
		log_line(LOG_INFO, "control: a client was gone before it could be sent away");
	close(fd);
}

/* Who thinks for long must not keep others out who have a question now. */
static void make_room(struct control *control)
{
	int64_t longest = clock_mono_ms() - CONTROL_IDLE_MS;
	struct control_conn *oldest = NULL;

	for (struct list *l = control->all.next; l != &control->all; l = l->next) {
		struct control_conn *c = CONTAINER_OF(l, struct control_conn, all);

		if (c->fd < 0 || c->busy || c->in.len > 0 || c->out.len > 0 ||
		    !list_empty(&c->ready) || c->heard > longest)
			continue;
		longest = c->heard;
		oldest = c;
	}
	if (oldest != NULL)
		control_conn_close(oldest);
}

static void welcome(struct control *control, int fd)
{
	if (!control_peer(fd)) {
		log_line(LOG_WARNING, "control: sent away a client that is neither root nor this user");
		close(fd);
		return;
	}
	if (control->count >= CONTROL_MAX)
		make_room(control);
	if (control->count >= CONTROL_MAX) {
		turn_away(fd, "too many connections to the control socket; try again");
	} else if (!control_conn_new(control, fd)) {
		log_line(LOG_ERR, "control: no memory for a client, sent it away");
	}
}

static void accept_some(void *arg, int events);

static int watch_all(struct control *control)
{
	struct listeners *ls = control->service->control;
	int r = DANESTS_OK;

	for (size_t i = 0; i < ls->count && r == DANESTS_OK; i++) {
		ls->each[i].owner = control;
		r = loop_watch(control->service->loop, &ls->each[i].watch, ls->each[i].fd,
		    LOOP_READ, accept_some, &ls->each[i]);
	}
	return r;
}

static void unwatch_all(struct control *control)
{
	struct listeners *ls = control->service->control;

	for (size_t i = 0; i < ls->count; i++)
		loop_unwatch(control->service->loop, &ls->each[i].watch);
}

static void resume(void *arg)
{
	struct control *control = arg;

	if (!control->ending && watch_all(control) != DANESTS_OK)
		log_line(LOG_ERR, "control: cannot take clients any more: out of memory");
}

static void accept_some(void *arg, int events)
{
	struct listener *l = arg;
	struct control *control = l->owner;
	int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd >= 0) {
		welcome(control, fd);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
		/* It would wake us for ever. */
		unwatch_all(control);
		if (loop_timer(control->service->loop, &control->resume, CONTROL_PAUSE_MS,
		    resume, control) != DANESTS_OK)
			resume(control);
	}
}

void control_watch(struct control *control, bool on)
{
	unwatch_all(control);
	loop_untimer(control->service->loop, &control->resume);
	if (on)
		resume(control);
}

/* Idle is not stalled: somebody may be reading, or thinking. */
static void sweep(void *arg)
{
	struct control *control = arg;
	int64_t now = clock_mono_ms();
	struct list *l, *next;

	for (l = control->all.next; l != &control->all; l = next) {
		struct control_conn *c = CONTAINER_OF(l, struct control_conn, all);

		next = l->next;
		if (c->fd >= 0 && c->stalled != 0 && now - c->stalled >= CONTROL_STALL_MS)
			control_conn_close(c);
	}
	if (loop_timer(control->service->loop, &control->sweep, CONTROL_SWEEP_MS, sweep,
	    control) != DANESTS_OK)
		log_line(LOG_ERR, "control: stalled clients are no longer closed: out of memory");
}

int control_new(struct control **out, struct service *service)
{
	struct control *control = calloc(1, sizeof(*control));
	int r;

	if (control == NULL)
		return DANESTS_ENOMEM;
	control->service = service;
	list_init(&control->all);
	list_init(&control->ready);
	r = watch_all(control);
	if (r == DANESTS_OK)
		r = loop_timer(service->loop, &control->sweep, CONTROL_SWEEP_MS, sweep, control);
	if (r != DANESTS_OK) {
		control_free(control);
		return r;
	}
	*out = control;
	return DANESTS_OK;
}

void control_end(struct control *control)
{
	struct list *l, *next;

	if (control == NULL || control->ending)
		return;
	control->ending = true;
	unwatch_all(control);
	loop_untimer(control->service->loop, &control->sweep);
	loop_untimer(control->service->loop, &control->resume);
	for (l = control->all.next; l != &control->all; l = next) {
		next = l->next;
		if (CONTAINER_OF(l, struct control_conn, all)->fd >= 0)
			control_conn_close(CONTAINER_OF(l, struct control_conn, all));
	}
	loop_untimer(control->service->loop, &control->turn);
	/* What is left waits for an errand, as the end of the worker would, too; and a walk
	 * must not outlive its context. */
	while (!list_empty(&control->all))
		if (loop_turn(control->service->loop, -1) != DANESTS_OK)
			break;
}

void control_free(struct control *control)
{
	if (control == NULL)
		return;
	control_end(control);
	while (!list_empty(&control->all))
		control_conn_free(CONTAINER_OF(control->all.next, struct control_conn, all));
	free(control);
}
