/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From one thread to another: a list under a mutex, and a pipe that is readable
 * while the list holds something. A burst costs one byte, not one per item.
 */
#ifndef PLUGIN_QUEUE_H
#define PLUGIN_QUEUE_H

#include <pthread.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/list.h"

struct queue {
	pthread_mutex_t mutex;
	struct list items;
	int rd, wr;
	bool open; /* queue_open() came through */
};

/* DANESTS_OK or DANESTS_ESYSTEM. */
int queue_open(struct queue *q) ATTR_MUST_CHECK;
void queue_close(struct queue *q); /* a zeroed one is fine; the items stay the caller's */

/* What to poll for reading. */
int queue_fd(const struct queue *q);

/* Move everything on list to the end of the queue. An empty list is fine. */
void queue_push(struct queue *q, struct list *list);

/* Move everything in the queue to the end of list. Never waits. */
void queue_take(struct queue *q, struct list *list);

/* Make the taker look, though there is nothing to take. */
void queue_wake(struct queue *q);

#endif
