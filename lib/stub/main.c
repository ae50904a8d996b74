/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * danests-stub TIMEOUT_MS RESOLVER...: questions come in and replies go out on
 * standard input, a socket that libdanests holds the other end of. Nobody else
 * starts this program. It trusts nobody either: the resolver's packets go
 * through getdns' parsers, which is why it is a process of its own that owns
 * nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/loop.h"
#include "base/text.h"
#include "danests.h"
#include "stub/confine.h"
#include "stub/resolve.h"

#define SOCKET 0
#define READ_SIZE ((size_t)1 << 18)
#define OUT_MAX ((size_t)64 << 20) /* when nobody reads */
#define WATCHDOG_S 20              /* a turn that takes so long is endless */

struct program {
	struct loop *loop;
	struct resolve *resolve;
	struct loop_watch watch;
	struct loop_timer flush, alive;
	struct buf in, out;
};

/* Whoever started us starts another one. */
static _Noreturn void end(int status) { _exit(status); }

static void on_io(void *arg, int events);

static void write_replies(struct program *p)
{
	ssize_t n = 0;

	if (p->out.len > 0)
		n = send(SOCKET, p->out.data, p->out.len, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		end(0);
	if (n > 0)
		buf_consume(&p->out, (size_t)n);
	if (loop_watch(p->loop, &p->watch, SOCKET, LOOP_READ |
	    (p->out.len > 0 ? LOOP_WRITE : 0), on_io, p) != DANESTS_OK)
		end(71);
}

static void on_flush(void *arg) { write_replies(arg); }

static void on_replied(void *arg, const struct stub_reply *reply)
{
	struct program *p = arg;

	/* One write for all replies of a turn. */
	if (p->out.len == 0 && loop_timer(p->loop, &p->flush, 0, on_flush, p) != DANESTS_OK)
		end(71);
	stub_put_reply(&p->out, reply);
	if (p->out.bad || p->out.len > OUT_MAX)
		end(71);
}

static void read_questions(struct program *p)
{
	char *room = buf_room(&p->in, READ_SIZE);
	ssize_t n = room != NULL ? recv(SOCKET, room, READ_SIZE, 0) : 0;
	struct stub_question q;
	size_t at = 0;
	int frame;

	if (n == 0) /* the other end is gone */
		end(0);
	if (n < 0) {
		if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
			end(0);
		return;
	}
	p->in.len += (size_t)n;
	while ((frame = stub_frame((uint8_t *)p->in.data + at, p->in.len - at)) > 0) {
		if (stub_get_question(&q, (uint8_t *)p->in.data + at, (size_t)frame) != DANESTS_OK)
			end(65);
		resolve_ask(p->resolve, &q);
		at += (size_t)frame;
	}
	if (frame < 0)
		end(65);
	buf_consume(&p->in, at);
}

static void on_io(void *arg, int events)
{
	if ((events & LOOP_READ) != 0)
		read_questions(arg);
	if ((events & LOOP_WRITE) != 0)
		write_replies(arg);
}

/* SIGALRM ends us when a turn of the loop never does. */
static void on_alive(void *arg)
{
	struct program *p = arg;

	(void)alarm(WATCHDOG_S);
	if (loop_timer(p->loop, &p->alive, WATCHDOG_S * 1000 / 4, on_alive, p) != DANESTS_OK)
		end(71);
}

static bool arguments(int argc, char **argv, struct dns_servers *servers, uint64_t *timeout_ms)
{
	if (argc < 3 || argc > DNS_SERVERS_MAX + 2 ||
	    !text_number(argv[1], strlen(argv[1]), 1, 3600000, timeout_ms))
		return false;
	for (int i = 2; i < argc; i++)
		if (dns_server_parse(&servers->at[servers->count++], argv[i], strlen(argv[i])) !=
		    DANESTS_OK)
			return false;
	return true;
}

static bool is_socket(int fd)
{
	int type;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM &&
	    fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

int main(int argc, char **argv)
{
	struct program p = {0};
	struct dns_servers servers = {0};
	uint64_t timeout_ms;

	if (!arguments(argc, argv, &servers, &timeout_ms) || !is_socket(SOCKET)) {
		static const char usage[] = "danests-stub: started by libdanests only\n";

		(void)!write(2, usage, sizeof(usage) - 1);
		return 64;
	}
	confine_descriptors();
	if (!confine_process())
		return 71;
	if (loop_new(&p.loop) != DANESTS_OK)
		return 71;
	p.resolve = resolve_new(p.loop, &servers, (int)timeout_ms, on_replied, &p);
	if (p.resolve == NULL)
		return 71;
	confine_system();
	on_alive(&p);
	write_replies(&p);
	while (loop_turn(p.loop, -1) == DANESTS_OK)
		;
	return 71;
}
