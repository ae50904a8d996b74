/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread that serves: listeners, connections, the desk, signals. */
#ifndef PLUGIN_SERVER_H
#define PLUGIN_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "plugin/desk.h"
#include "plugin/service.h"

struct server;

/*
 * Connections there may be in all. Beyond max_clients there is a reserve: the
 * server never closes an idle client (Postfix may take that for a failed lookup),
 * so whoever fills max_clients with idle connections must not lock others out.
 */
size_t server_limit(size_t max_clients);

/* Takes over the listeners' events and the worker's answers, and makes the rest of the
 * service. All of it stays the caller's, but for what is made here. DANESTS_OK,
 * DANESTS_ENOMEM, DANESTS_ESYSTEM. */
int server_new(struct server **out, struct service *service,
    const struct desk_options *desk) ATTR_MUST_CHECK;

/* Until SIGTERM or SIGINT comes on this descriptor (see signals.h); then everybody
 * who waits has been answered and the listeners are closed. DANESTS_OK or
 * DANESTS_ESYSTEM. */
int server_run(struct server *server, int signals) ATTR_MUST_CHECK;

/* Take clients, as many as the configuration in force allows; or leave them in their
 * queue while the listeners change. */
void server_watch(struct server *server, bool on);

/* After the worker has been stopped. NULL is fine. */
void server_free(struct server *server);

#endif
