/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection to somebody who may be hostile: one deadline for all that is waited for,
 * one bound for all that comes, and why it ended. Tests have wires without a socket.
 */
#ifndef TOOLS_PROBE_WIRE_H
#define TOOLS_PROBE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Octets that are taken from one server, TLS records included. */
enum { WIRE_BOUND = 1024 * 1024 };

enum wire_state {
	WIRE_OPEN,
	WIRE_CLOSED, /* the other side ended it in order */
	WIRE_RESET,
	WIRE_LATE,   /* the deadline is over */
	WIRE_FULL,   /* WIRE_BOUND */
	WIRE_LOCAL,  /* our system failed: error is its errno */
};

struct wire;

/* As the system calls, non-blocking, EINTR and SIGPIPE never. */
struct wire_ops {
	ssize_t (*recv)(struct wire *wire, void *data, size_t size);
	ssize_t (*send)(struct wire *wire, const void *data, size_t len);
	/* > 0 when the events are there, 0 after ms, < 0 with errno. */
	int (*poll)(struct wire *wire, short events, int ms);
};
extern const struct wire_ops wire_socket;

struct wire {
	const struct wire_ops *ops;
	int fd;
	int64_t deadline; /* clock_mono_ms() */
	int64_t known;    /* when the result was there; 0: not yet */
	size_t came;
	enum wire_state state;
	int error;
};

/* All that matters is known: from now on there is a second for being polite. */
void wire_is_known(struct wire *wire);

/* Until one of the events is there. false: state says why not. */
bool wire_wait(struct wire *wire, short events);

/* At once: octets; or 0, nothing now (OPEN) or never again. */
size_t wire_take(struct wire *wire, void *data, size_t size);
/* Waits for some; 0: state says why there are none. */
size_t wire_read(struct wire *wire, void *data, size_t size);

/*
 * What cannot be sent because the other side is gone is dropped without a word: the reason
 * that it gave before may still be there to be read, and if none is, reading tells.
 */
size_t wire_give(struct wire *wire, const void *data, size_t len); /* at once, what fits */
bool wire_send(struct wire *wire, const void *data, size_t len);   /* waits for room */

/* No more is sent; what still comes is dropped, until the end or the deadline: closing at
 * once would reset the connection, and the other side might lose what was sent. */
void wire_finish(struct wire *wire);

#endif
