/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/probe_wire.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"

static ssize_t socket_recv(struct wire *wire, void *data, size_t size)
{
	ssize_t n;

	do
		n = recv(wire->fd, data, size, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

static ssize_t socket_send(struct wire *wire, const void *data, size_t len)
{
	ssize_t n;

	do
		n = send(wire->fd, data, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n;
}

static int socket_poll(struct wire *wire, short events, int ms)
{
	struct pollfd pfd = { .fd = wire->fd, .events = events };
	int n = poll(&pfd, 1, ms);

	/* Interrupted is as if nothing came: the caller looks at the clock. */
	return n < 0 && errno == EINTR ? 0 : n;
}

const struct wire_ops wire_socket = { socket_recv, socket_send, socket_poll };

enum { GOODBYE_MS = 1000 };

void wire_is_known(struct wire *wire)
{
	if (wire->known != 0)
		return;
	wire->known = clock_mono_ms();
	if (wire->deadline > wire->known + GOODBYE_MS)
		wire->deadline = wire->known + GOODBYE_MS;
}

static bool is_not_now(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK;
}

static void failed(struct wire *wire, int error)
{
	switch (error) {
	case ECONNRESET:
	case EPIPE:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTUNREACH:
		wire->state = WIRE_RESET;
		break;
	case ETIMEDOUT: /* of TCP: nobody acknowledges */
		wire->state = WIRE_LATE;
		break;
	default:
		wire->state = WIRE_LOCAL;
		break;
	}
	wire->error = error;
}

bool wire_wait(struct wire *wire, short events)
{
	while (wire->state == WIRE_OPEN) {
		int64_t left = wire->deadline - clock_mono_ms();
		int n;

		if (left <= 0) {
			wire->state = WIRE_LATE;
			break;
		}
		n = wire->ops->poll(wire, events, left > INT_MAX ? INT_MAX : (int)left);
		if (n > 0)
			return true;
		if (n < 0)
			failed(wire, errno);
	}
	return false;
}

size_t wire_take(struct wire *wire, void *data, size_t size)
{
	ssize_t n;

	if (wire->state != WIRE_OPEN)
		return 0;
	if (wire->came >= WIRE_BOUND) {
		wire->state = WIRE_FULL;
		return 0;
	}
	n = wire->ops->recv(wire, data, size);
	if (n > 0) {
		wire->came += (size_t)n;
		return (size_t)n;
	}
	if (n == 0)
		wire->state = WIRE_CLOSED;
	else if (!is_not_now(errno))
		failed(wire, errno);
	return 0;
}

size_t wire_read(struct wire *wire, void *data, size_t size)
{
	size_t n;

	do
		n = wire_take(wire, data, size);
	while (n == 0 && wire_wait(wire, POLLIN));
	return n;
}

size_t wire_give(struct wire *wire, const void *data, size_t len)
{
	ssize_t n;

	if (wire->state != WIRE_OPEN)
		return len;
	n = wire->ops->send(wire, data, len);
	if (n >= 0)
		return (size_t)n;
	return is_not_now(errno) ? 0 : len;
}

bool wire_send(struct wire *wire, const void *data, size_t len)
{
	const char *rest = data;
	size_t n;

	while (len > 0) {
		n = wire_give(wire, rest, len);
		rest += n;
		len -= n;
		if (n == 0 && !wire_wait(wire, POLLOUT))
			return false;
	}
	return true;
}

void wire_finish(struct wire *wire)
{
	char dropped[4096];

	if (wire->fd >= 0)
		shutdown(wire->fd, SHUT_WR);
	while (wire_read(wire, dropped, sizeof(dropped)) > 0)
		continue;
}
