/* SPDX-License-Identifier: BSD-2-Clause */
/* getdns' event loop interface (getdns_extra.h) on our loop. */
#ifndef STUB_EVLOOP_H
#define STUB_EVLOOP_H

#include <getdns/getdns.h>
#include <getdns/getdns_extra.h>
#include <sys/socket.h>

#include "base/loop.h"

struct evloop {
	getdns_eventloop base; /* for getdns_context_set_eventloop() */
	struct loop *loop;
	struct sockaddr_storage peer; /* the only one that may answer */
	socklen_t peer_len;
};

void evloop_init(struct evloop *ev, struct loop *loop);

#endif
