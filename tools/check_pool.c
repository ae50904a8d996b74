/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that probe. There are no more than are needed, and never more than a few
 * connections to one address: a provider with a thousand domains is not to be flooded.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/check.h"

#define MAX_THREADS 32
#define MAX_PER_ADDRESS 2

struct check_pool {
	pthread_mutex_t lock;
	pthread_cond_t more;     /* a job may be begun, or stop */
	struct check_job *queue, **queue_end, *done;
	const struct check_job *running[MAX_THREADS]; /* by thread */
	pthread_t threads[MAX_THREADS];
	unsigned int count, idle, waiting; /* threads; jobs in the queue */
	bool stop;
	int wake[2];
};

struct seat { /* what a thread is told */
	struct check_pool *pool;
	unsigned int at;
};

static bool same_address(const struct check_job *a, const struct check_job *b)
{
	const struct probe *x = &a->address->probe, *y = &b->address->probe;

	return x->addr_len == y->addr_len && memcmp(&x->addr, &y->addr, x->addr_len) == 0;
}

static bool is_busy(const struct check_pool *pool, const struct check_job *job)
{
	unsigned int same = 0;

	for (unsigned int i = 0; i < pool->count; i++)
		same += pool->running[i] != NULL && same_address(pool->running[i], job);
	return same >= MAX_PER_ADDRESS;
}

/* The oldest job whose address has room, off the queue; or NULL. */
static struct check_job *next_job(struct check_pool *pool)
{
	for (struct check_job **at = &pool->queue; *at != NULL; at = &(*at)->next) {
		struct check_job *job = *at;

		if (is_busy(pool, job))
			continue;
		*at = job->next;
		if (pool->queue_end == &job->next)
			pool->queue_end = at;
		pool->waiting--;
		return job;
	}
	return NULL;
}

static void finish(struct check_pool *pool, struct check_job *job)
{
	job->next = pool->done;
	pool->done = job;
	/* A full pipe is readable already. */
	while (write(pool->wake[1], "", 1) < 0 && errno == EINTR)
		;
	pthread_cond_broadcast(&pool->more);
}

static void *work(void *arg)
{
	struct seat seat = *(struct seat *)arg;
	struct check_pool *pool = seat.pool;
	struct check_job *job;

	free(arg);
	pthread_mutex_lock(&pool->lock);
	while (!pool->stop) {
		job = next_job(pool);
		if (job == NULL) {
			pool->idle++;
			pthread_cond_wait(&pool->more, &pool->lock);
			pool->idle--;
			continue;
		}
		pool->running[seat.at] = job;
		pthread_mutex_unlock(&pool->lock);
		probe_run(&job->address->probe);
		pthread_mutex_lock(&pool->lock);
		pool->running[seat.at] = NULL;
		finish(pool, job);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* Signals are the main thread's. */
static bool start_thread(struct check_pool *pool)
{
	struct seat *seat = malloc(sizeof(*seat));
	sigset_t all, before;
	int r;

	if (seat == NULL)
		return false;
	*seat = (struct seat){ pool, pool->count };
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&pool->threads[pool->count], NULL, work, seat);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r != 0)
		free(seat);
	else
		pool->count++;
	return r == 0;
}

static bool set_flags(int fd)
{
	return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

struct check_pool *check_pool_new(void)
{
	struct check_pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL)
		return NULL;
	if (pipe(pool->wake) != 0) {
		free(pool);
		return NULL;
	}
	pool->queue_end = &pool->queue;
	if (!set_flags(pool->wake[0]) || !set_flags(pool->wake[1]) ||
	    pthread_mutex_init(&pool->lock, NULL) != 0) {
		close(pool->wake[0]);
		close(pool->wake[1]);
		free(pool);
		return NULL;
	}
	if (pthread_cond_init(&pool->more, NULL) != 0) {
		pthread_mutex_destroy(&pool->lock);
		close(pool->wake[0]);
		close(pool->wake[1]);
		free(pool);
		return NULL;
	}
	return pool;
}

int check_pool_fd(const struct check_pool *pool)
{
	return pool->wake[0];
}

int check_pool_put(struct check_pool *pool, struct check_job *job)
{
	bool there;

	pthread_mutex_lock(&pool->lock);
	job->next = NULL;
	*pool->queue_end = job;
	pool->queue_end = &job->next;
	pool->waiting++;
	if (pool->idle < pool->waiting && pool->count < MAX_THREADS)
		(void)start_thread(pool); /* those that are there do it, then */
	there = pool->count > 0;
	pthread_cond_signal(&pool->more);
	pthread_mutex_unlock(&pool->lock);
	return there ? DANESTS_OK : DANESTS_ESYSTEM;
}

struct check_job *check_pool_take(struct check_pool *pool)
{
	struct check_job *job;
	char drain[64];

	pthread_mutex_lock(&pool->lock);
	job = pool->done;
	if (job != NULL)
		pool->done = job->next;
	else
		while (read(pool->wake[0], drain, sizeof(drain)) > 0)
			;
	pthread_mutex_unlock(&pool->lock);
	return job;
}

void check_pool_free(struct check_pool *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stop = true;
	pthread_cond_broadcast(&pool->more);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned int i = 0; i < pool->count; i++)
		(void)pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->more);
	pthread_mutex_destroy(&pool->lock);
	close(pool->wake[0]);
	close(pool->wake[1]);
	free(pool);
}
