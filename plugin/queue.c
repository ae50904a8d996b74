/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/queue.h"

#include <fcntl.h>
#include <unistd.h>

#include "danests.h"

int queue_open(struct queue *q)
{
	int fd[2];

	if (pipe(fd) < 0)
		return DANESTS_ESYSTEM;
	for (int i = 0; i < 2; i++) {
		fcntl(fd[i], F_SETFD, FD_CLOEXEC);
		fcntl(fd[i], F_SETFL, O_NONBLOCK);
	}
	if (pthread_mutex_init(&q->mutex, NULL) != 0) {
		close(fd[0]);
		close(fd[1]);
		return DANESTS_ESYSTEM;
	}
	list_init(&q->items);
	q->rd = fd[0];
	q->wr = fd[1];
	q->open = true;
	return DANESTS_OK;
}

void queue_close(struct queue *q)
{
	if (!q->open)
		return;
	pthread_mutex_destroy(&q->mutex);
	close(q->rd);
	close(q->wr);
	q->open = false;
}

int queue_fd(const struct queue *q) { return q->rd; }

void queue_wake(struct queue *q)
{
	ssize_t n = write(q->wr, "", 1);

	(void)n; /* a full pipe wakes as well */
}

void queue_push(struct queue *q, struct list *list)
{
	bool first;

	if (list_empty(list))
		return;
	pthread_mutex_lock(&q->mutex);
	first = list_empty(&q->items);
	list_move(&q->items, list);
	pthread_mutex_unlock(&q->mutex);
	/* Somebody who was not first relies on the byte of the one who was. */
	if (first)
		queue_wake(q);
}

void queue_take(struct queue *q, struct list *list)
{
	char drain[64];
	ssize_t n;

	/* The bytes first: one written while we hold items is for what comes after. */
	do
		n = read(q->rd, drain, sizeof(drain));
	while (n == (ssize_t)sizeof(drain));
	pthread_mutex_lock(&q->mutex);
	list_move(list, &q->items);
	pthread_mutex_unlock(&q->mutex);
}
