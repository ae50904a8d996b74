/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Figures for Prometheus: GET /metrics and nothing else, over HTTP/1. A few
 * connections, each for one request and for a bounded time.
 */
#ifndef PLUGIN_METRICS_H
#define PLUGIN_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attr.h"
#include "base/buf.h"
#include "danests.h"
#include "plugin/service.h"
#include "plugin/stats.h"

struct metrics;

/* Serves service->metrics, from the loop of a service that server_new() has completed.
 * Without such listeners there is nothing to serve: that is fine, too. DANESTS_OK,
 * DANESTS_ENOMEM, DANESTS_ESYSTEM. */
int metrics_new(struct metrics **out, struct service *service) ATTR_MUST_CHECK;

/* Take clients, or leave them in their queue while the listeners change. */
void metrics_watch(struct metrics *metrics, bool on);

/* After the worker has been stopped, before server_free(). NULL is fine. */
void metrics_free(struct metrics *metrics);

/* ---- The request ---- */

#define METRICS_HEAD 8192 /* octets that its head may have */

/*
 * What the octets so far ask for. 0: more must come. Else the status of the reply: 200
 * for the figures, or 400, 404, 405, 431, 505; that stays, whatever follows. *body:
 * false when only the head of the reply is wanted.
 */
int metrics_request(const char *data, size_t len, bool *body);

/* ---- The text ---- */

/* All that it is made of. */
struct metrics_facts {
	const struct stats *stats;
	const struct danests_status *status; /* its strings are not looked at */
	const char *dnssec;                  /* the mode: a word of danestsd.conf(5) */
	time_t started;
	uint64_t cpu_us, memory_max;         /* of this process; octets */
	size_t clients, clients_limit;
	size_t waiting;                      /* questions */
	size_t running, queued;              /* lookups */
	size_t memo_entries, memo_bytes, memo_limit;
	size_t overrides;
};

/* In the text format of Prometheus, version 0.0.4. */
void metrics_write(struct buf *out, const struct metrics_facts *facts);

#endif
