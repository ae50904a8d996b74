/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Questions without an answer yet, one per nexthop however many ask: those at the
 * worker, and those that wait for their turn, oldest first. Beside it there may be
 * earlier ones of that nexthop at the worker, whose answers will be out of date.
 */
#ifndef PLUGIN_PENDING_H
#define PLUGIN_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/map.h"
#include "plugin/changes.h"
#include "plugin/worker.h"

struct pending {
	struct map_node node;
	struct job job;       /* its link is in pendings.queue until it is submitted */
	struct list waiters;  /* askers, by their mate */
	int64_t asked_us;     /* clock_mono_us() */
	bool running;
	struct list retired;  /* in pendings.retired, or nowhere */
	struct changes_mark mark; /* of its domain, when it was handed to the worker */
	size_t key_len;
	char key[];           /* ends with NUL */
};

struct pendings {
	struct map map;
	struct list queue;
	struct list retired; /* running, but no longer found */
	size_t queued, running;
};

void pendings_init(struct pendings *ps);

/* All of them, also those that were at the worker: stop it before. */
void pendings_free(struct pendings *ps);

struct pending *pending_find(const struct pendings *ps, const char *key, size_t len);

/* A new one at the end of the queue; NULL without memory. */
struct pending *pending_add(struct pendings *ps, const char *key, size_t len);

/* The first of the queue is now running; NULL when there is none. */
struct pending *pending_next(struct pendings *ps);

/* A running one is no longer found: the next question for its key begins another. Who
 * waits for it goes on to. */
void pending_retire(struct pendings *ps, struct pending *p);

/* No longer found, no longer counted; then pending_free(). */
void pending_remove(struct pendings *ps, struct pending *p);
void pending_free(struct pending *p);

/* Of the task of its job. */
struct pending *pending_of_task(struct task *task);

#endif
