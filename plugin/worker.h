/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The thread that resolves. It owns the context and does nothing but start,
 * process and reap: a DNSSEC validation takes 150 us and a certificate chain a
 * millisecond, and no client with a warm question may wait for either.
 */
#ifndef PLUGIN_WORKER_H
#define PLUGIN_WORKER_H

#include <stddef.h>

#include "base/attr.h"
#include "base/list.h"
#include "danests.h"

/* One lookup. From worker_submit() until worker_collect() it is the worker's,
 * all but what the struct around it keeps for itself. */
struct job {
	struct list link;
	const char *nexthop;    /* canonical; does not change */
	danests_policy *policy; /* the outcome: the collector owns it */
	int error;              /* or why there is none */
};

struct worker;

/* Starts the thread; the context is its own from here on, also to free. DANESTS_OK,
 * DANESTS_ENOMEM, DANESTS_ESYSTEM: then the context stays the caller's. */
int worker_start(struct worker **out, danests *ctx) ATTR_MUST_CHECK;

/* Ends the thread and frees the context. Jobs it still holds are let go: their
 * owner frees them after this. NULL is fine. */
void worker_stop(struct worker *worker);

void worker_submit(struct worker *worker, struct job *job);

/* Jobs that max_lookups does not count: see danests_status. As of a moment ago. */
size_t worker_parked(const struct worker *worker);

/* Readable when there is something to collect. */
int worker_fd(const struct worker *worker);

/* Append finished jobs to list, by their link. */
void worker_collect(struct worker *worker, struct list *list);

#endif
