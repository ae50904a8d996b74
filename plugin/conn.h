/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One Postfix connection: bytes in, questions to the desk, bytes out, in order.
 * A question that has to wait holds up those behind it on the same connection
 * and nobody else's. Idle connections own no buffers.
 */
#ifndef PLUGIN_CONN_H
#define PLUGIN_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/loop.h"
#include "plugin/desk.h"
#include "plugin/netstring.h"

#define CONN_MAX_QUERY 10000 /* what Postfix may send us */
#define CONN_STALL_MS 100000 /* Postfix's own patience, for half frames and slow readers */
#define CONN_READ 16384      /* what is read at once; more than one whole frame */
#define CONN_WRITE 65536     /* replies that are gathered before they must be written */

/* What the connections of one server have in common. */
struct conns {
	struct loop *loop;
	struct desk *desk;
	struct list all;
	size_t count;
	char in[CONN_READ]; /* for the one connection whose turn it is */
	struct buf out;
};

struct conn;

void conns_init(struct conns *conns, struct loop *loop, struct desk *desk);

/* Serve this descriptor, which is non-blocking. On failure it has been closed.
 * DANESTS_OK, DANESTS_ENOMEM, DANESTS_ESYSTEM. */
int conn_new(struct conns *conns, int fd) ATTR_MUST_CHECK;

/* Close those that have stalled for CONN_STALL_MS. Idle is not stalled. */
void conns_sweep(struct conns *conns);

/* Is there anything that has not been written yet? */
bool conns_unwritten(const struct conns *conns);

void conns_close(struct conns *conns);

#endif
