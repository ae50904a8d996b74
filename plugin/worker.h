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

/* What passes between the threads, in order: lookups, errands, and what the library
 * tells by itself. */
enum task_kind { TASK_LOOKUP, TASK_ERRAND, TASK_EVENT };
struct task {
	struct list link;
	enum task_kind kind;
};

/* One lookup. From worker_submit() until worker_collect() it is the worker's,
 * all but what the struct around it keeps for itself. */
struct job {
	struct task task;
	const char *nexthop;    /* canonical; does not change */
	danests_policy *policy; /* the outcome: the collector owns it */
	int error;              /* or why there is none */
};

/*
 * Something to be done with the context: run() by the worker, then done() by whoever
 * collects. Keep run() short, a millisecond or so: lookups wait meanwhile. The errand
 * is the worker's in between. Both must be set.
 */
struct errand {
	struct task task;
	void (*run)(struct errand *errand, danests *ctx);
	void (*done)(struct errand *errand);
};

/* A danests_event, copied. The collector frees it with free(). */
struct event {
	struct task task;
	enum danests_event_kind kind;
	const char *domain, *text; /* in the same block */
};

struct worker;

/* Starts the thread; the context is its own from here on, also to free. DANESTS_OK,
 * DANESTS_ENOMEM, DANESTS_ESYSTEM: then the context stays the caller's. */
int worker_start(struct worker **out, danests *ctx) ATTR_MUST_CHECK;

/* Ends the thread and frees the context. Jobs and errands it still holds are let go:
 * their owner frees them after this. NULL is fine. */
void worker_stop(struct worker *worker);

void worker_submit(struct worker *worker, struct job *job);
void worker_call(struct worker *worker, struct errand *errand);

/* Jobs that max_lookups does not count: see danests_status. As of a moment ago. */
size_t worker_parked(const struct worker *worker);

/* Readable when there is something to collect. */
int worker_fd(const struct worker *worker);

/* Append what is finished to list, by the link of its task. */
void worker_collect(struct worker *worker, struct list *list);

#endif
