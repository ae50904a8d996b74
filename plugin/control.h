/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket: what an administrator may ask of the running service, and the
 * only way to change its state from outside. ctl/proto.h has the protocol.
 *
 * It lives in the thread that serves and never keeps it for more than a millisecond, for
 * all connections together: long lines are read and the context is asked by errands, a
 * millisecond each, and nothing more is asked of it until the client has read what came
 * before.
 */
#ifndef PLUGIN_CONTROL_H
#define PLUGIN_CONTROL_H

#include <stdbool.h>

#include "base/attr.h"
#include "plugin/service.h"

struct control;

/* Serve service->control, after server_new(). DANESTS_OK, DANESTS_ENOMEM,
 * DANESTS_ESYSTEM. */
int control_new(struct control **out, struct service *service) ATTR_MUST_CHECK;

/* Take clients, or leave them in their queue while the listeners change. */
void control_watch(struct control *control, bool on);

/* Takes no more clients and lets those go that there are. While the worker still runs:
 * it lets go of what it holds for them. NULL is fine. */
void control_end(struct control *control);

/* After the worker has been stopped, before server_free(). NULL is fine. */
void control_free(struct control *control);

/* May whoever is at the other end of this connection use it? The mode of the socket has
 * said so already; this asks the kernel once more, where it can be asked. */
bool control_peer(int fd);

#endif
