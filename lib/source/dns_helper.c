/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/dns_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "danests.h"

#define OUT_MAX ((size_t)1 << 20)   /* what we hold for a slow one */
#define READ_SIZE ((size_t)1 << 18) /* one read(2) */
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS 5000
#define RETRY_MS 1000               /* when there is no timer for it */
#define STABLE_MS 10000             /* after so long a life it is started at once */

static void on_io(void *arg, int events);

/* ---- Start ---- */

/* Its standard input is the socket; it has no other way out, and nothing of the
 * caller's signals or environment. */
static int spawn(struct dns_helper *h, int sock, char **argv)
{
	char lang[] = "LANG=C", *env[] = { lang, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	if (posix_spawn_file_actions_init(&files) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&attr) != 0) {
		posix_spawn_file_actions_destroy(&files);
		return ENOMEM;
	}
	error = posix_spawn_file_actions_adddup2(&files, sock, 0);
	if (error == 0)
		error = posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_RDWR, 0);
	if (error == 0)
		error = posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_RDWR, 0);
	if (error == 0)
		error = posix_spawnattr_setsigmask(&attr, &none);
	if (error == 0)
		error = posix_spawnattr_setsigdefault(&attr, &all);
	if (error == 0)
		error = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
		    POSIX_SPAWN_SETSIGDEF);
	if (error == 0)
		error = posix_spawn(&h->pid, h->program, &files, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

static int launch(struct dns_helper *h)
{
	char texts[DNS_SERVERS_MAX][DNS_SERVER_TEXT_MAX], ms[16], name[] = "danests-stub";
	char *argv[DNS_SERVERS_MAX + 3] = { name, ms };
	int fds[2], error;

	snprintf(ms, sizeof(ms), "%d", h->timeout_ms);
	for (size_t i = 0; i < h->servers.count; i++) {
		dns_server_text(&h->servers.at[i], texts[i]);
		argv[i + 2] = texts[i];
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
		return errno;
	error = spawn(h, fds[1], argv);
	if (error != 0)
		h->pid = 0;
	close(fds[1]);
	if (error == 0 &&
	    loop_watch(h->loop, &h->watch, fds[0], LOOP_READ, on_io, h) != DANESTS_OK)
		error = ENOMEM;
	h->fd = fds[0];
	if (error != 0) {
		if (h->pid == 0)
			close(fds[0]);
		else
			helper_stop(h);
	}
	return error;
}

static void try_start(void *arg);

static void start_later(struct dns_helper *h, int ms)
{
	h->pause_ms = h->pause_ms == 0 ? PAUSE_FIRST_MS : 2 * h->pause_ms;
	if (h->pause_ms > PAUSE_MAX_MS)
		h->pause_ms = PAUSE_MAX_MS;
	if (loop_timer(h->loop, &h->restart, ms, try_start, h) != DANESTS_OK)
		h->error = ENOMEM;
}

static void try_start(void *arg)
{
	struct dns_helper *h = arg;

	buf_reset(&h->in);
	buf_reset(&h->out);
	h->started_ms = clock_mono_ms();
	h->error = launch(h);
	if (h->error == 0)
		h->on_up(h->arg);
	else
		start_later(h, h->pause_ms);
}

void helper_start(struct dns_helper *h) { try_start(h); }

void helper_retry(struct dns_helper *h)
{
	if (h->error != 0 && !helper_up(h) && h->restart.place == 0 &&
	    clock_mono_ms() - h->started_ms >= RETRY_MS)
		try_start(h);
}

/* ---- End ---- */

void helper_stop(struct dns_helper *h)
{
	if (h->loop == NULL)
		return;
	loop_untimer(h->loop, &h->flush);
	loop_untimer(h->loop, &h->restart);
	loop_unwatch(h->loop, &h->watch);
	if (h->pid != 0) {
		close(h->fd);
		/* The host program may have buried it already (SIGCHLD ignored, or a
		 * wait for any child): then that number may belong to another. */
		if (waitpid(h->pid, NULL, WNOHANG) == 0) {
			kill(h->pid, SIGKILL);
			while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
				;
		}
	}
	h->pid = 0;
	buf_free(&h->in);
	buf_free(&h->out);
}

static void died(struct dns_helper *h)
{
	int ms;

	if (clock_mono_ms() - h->started_ms >= STABLE_MS)
		h->pause_ms = 0;
	helper_stop(h);
	h->deaths++;
	ms = h->pause_ms;
	start_later(h, ms);
	h->on_death(h->arg);
}

/* ---- In and out ---- */

/* False: it is dead, or mad. */
static bool read_replies(struct dns_helper *h)
{
	char *room = buf_room(&h->in, READ_SIZE);
	struct stub_reply reply;
	ssize_t n;
	size_t at = 0;
	int frame = 0;

	if (room == NULL)
		return false;
	n = recv(h->fd, room, READ_SIZE, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
	if (n == 0)
		return false;
	h->in.len += (size_t)n;
	while ((frame = stub_frame((uint8_t *)h->in.data + at, h->in.len - at)) > 0) {
		if (stub_get_reply(&reply, (uint8_t *)h->in.data + at, (size_t)frame) !=
		    DANESTS_OK || !h->on_reply(h->arg, &reply))
			return false;
		at += (size_t)frame;
	}
	buf_consume(&h->in, at);
	return frame == 0;
}

static bool write_questions(struct dns_helper *h)
{
	ssize_t n = 0;

	/* Half a frame must never go out. */
	if (h->out.bad)
		return false;
	if (h->out.len > 0)
		n = send(h->fd, h->out.data, h->out.len, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		return false;
	if (n > 0)
		buf_consume(&h->out, (size_t)n);
	return loop_watch(h->loop, &h->watch, h->fd,
	    LOOP_READ | (h->out.len > 0 ? LOOP_WRITE : 0), on_io, h) == DANESTS_OK;
}

static void on_io(void *arg, int events)
{
	struct dns_helper *h = arg;

	if ((events & LOOP_READ) != 0 && !read_replies(h))
		died(h);
	else if ((events & LOOP_WRITE) != 0 && !write_questions(h))
		died(h);
}

static void on_flush(void *arg)
{
	struct dns_helper *h = arg;

	if (helper_up(h) && !write_questions(h))
		died(h);
}

int helper_ask(struct dns_helper *h, const struct stub_question *q)
{
	/* Too many questions shall not pass for a resolver that cannot be asked. */
	size_t most = (q->flags & STUB_PROBE) != 0 ? 2 * OUT_MAX : OUT_MAX;

	if (!helper_up(h) || h->out.bad || h->out.len > most)
		return DANESTS_EBUSY;
	/* The first of this turn: one write for all of them. */
	if (h->out.len == 0 && loop_timer(h->loop, &h->flush, 0, on_flush, h) != DANESTS_OK)
		return DANESTS_EBUSY;
	stub_put_question(&h->out, q);
	return h->out.bad ? DANESTS_EBUSY : DANESTS_OK;
}
