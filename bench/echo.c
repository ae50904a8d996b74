/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The floor: what one thread with epoll can do at best when each request costs
 * one read and one write and nothing in between. Sends back what it gets.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "net.h"

static void add(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		err(EX_OSERR, "epoll_ctl");
}

static void take_clients(int epoll, int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		net_nodelay(fd);
		add(epoll, fd);
	}
}

/* One question is in flight at a time, so a reply always fits the socket's buffer. */
static void serve(int fd)
{
	char data[16384];
	ssize_t n = read(fd, data, sizeof(data));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || write(fd, data, (size_t)n) != n)
		close(fd);
}

int main(int argc, char **argv)
{
	struct epoll_event event[256];
	int epoll, listener, i, n;

	if (argc != 2) {
		fprintf(stderr, "usage: echo unix:PATH|inet:HOST:PORT\n");
		return EX_USAGE;
	}
	net_raise_nofile();
	listener = net_listen(argv[1]);
	net_nonblock(listener);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0)
		err(EX_OSERR, "epoll_create1");
	add(epoll, listener);
	for (;;) {
		n = epoll_wait(epoll, event, 256, -1);
		if (n < 0 && errno != EINTR)
			err(EX_OSERR, "epoll_wait");
		for (i = 0; i < n; i++) {
			if (event[i].data.fd == listener)
				take_clients(epoll, listener);
			else
				serve(event[i].data.fd);
		}
	}
}
