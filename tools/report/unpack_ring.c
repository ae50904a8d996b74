/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread that unpacks ahead of the reader, into a ring of buffers. It owns the unpacking
 * part of struct unpack from its start to its end; the ring is all that both of them touch.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tools/report/unpack_impl.h"

struct slot {
	char *data;
	size_t len;
};

struct ring {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;  /* waited for by one side at a time */
	struct slot slots[UNPACK_SLOTS];
	size_t first, filled;
	bool finished, stop;
	ssize_t result;          /* 0 or -1, when finished */
	size_t at;               /* the reader's, in the first slot */
};

static atomic_size_t threads;

/* A whole slot, so that the two sides meet seldom. */
static ssize_t fill(struct unpack *u, struct slot *slot)
{
	ssize_t n = 1;

	slot->len = 0;
	while (slot->len < UNPACK_SLOT && n > 0) {
		n = unpack_decode(u, slot->data + slot->len, UNPACK_SLOT - slot->len);
		if (n > 0)
			slot->len += (size_t)n;
	}
	return n;
}

static void *work(void *arg)
{
	struct unpack *u = arg;
	struct ring *ring = u->ring;
	struct slot *slot;
	ssize_t n;

	pthread_mutex_lock(&ring->lock);
	while (!ring->stop && !ring->finished) {
		if (ring->filled == UNPACK_SLOTS) {
			pthread_cond_wait(&ring->changed, &ring->lock);
			continue;
		}
		slot = &ring->slots[(ring->first + ring->filled) % UNPACK_SLOTS];
		pthread_mutex_unlock(&ring->lock);
		n = fill(u, slot);
		pthread_mutex_lock(&ring->lock);
		if (slot->len > 0)
			ring->filled++;
		if (n <= 0) {
			ring->finished = true;
			ring->result = n;
		}
		pthread_cond_signal(&ring->changed);
	}
	pthread_mutex_unlock(&ring->lock);
	return NULL;
}

static void ring_free(struct ring *ring)
{
	for (size_t i = 0; i < UNPACK_SLOTS; i++)
		free(ring->slots[i].data);
	pthread_cond_destroy(&ring->changed);
	pthread_mutex_destroy(&ring->lock);
	free(ring);
}

static struct ring *ring_new(void)
{
	struct ring *ring = calloc(1, sizeof(*ring));

	if (ring == NULL)
		return NULL;
	if (pthread_mutex_init(&ring->lock, NULL) != 0) {
		free(ring);
		return NULL;
	}
	if (pthread_cond_init(&ring->changed, NULL) != 0) {
		pthread_mutex_destroy(&ring->lock);
		free(ring);
		return NULL;
	}
	for (size_t i = 0; i < UNPACK_SLOTS; i++) {
		ring->slots[i].data = malloc(UNPACK_SLOT);
		if (ring->slots[i].data == NULL) {
			ring_free(ring);
			return NULL;
		}
	}
	return ring;
}

/* Signals are the main thread's. What cannot be had is done without. */
void unpack_ring_start(struct unpack *u)
{
	sigset_t all, before;
	int r;

	if (atomic_fetch_add(&threads, 1) >= UNPACK_THREADS || (u->ring = ring_new()) == NULL) {
		atomic_fetch_sub(&threads, 1);
		return;
	}
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&u->ring->thread, NULL, work, u);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r != 0) {
		ring_free(u->ring);
		u->ring = NULL;
		atomic_fetch_sub(&threads, 1);
	}
}

ssize_t unpack_ring_read(struct unpack *u, void *to, size_t cap)
{
	struct ring *ring = u->ring;
	struct slot *slot;
	ssize_t result;
	size_t n;

	pthread_mutex_lock(&ring->lock);
	while (ring->filled == 0 && !ring->finished)
		pthread_cond_wait(&ring->changed, &ring->lock);
	result = ring->result;
	slot = ring->filled > 0 ? &ring->slots[ring->first] : NULL;
	pthread_mutex_unlock(&ring->lock);
	if (slot == NULL)
		return result;
	n = slot->len - ring->at < cap ? slot->len - ring->at : cap;
	memcpy(to, slot->data + ring->at, n);
	ring->at += n;
	if (ring->at < slot->len)
		return (ssize_t)n;
	ring->at = 0;
	pthread_mutex_lock(&ring->lock);
	ring->first = (ring->first + 1) % UNPACK_SLOTS;
	ring->filled--;
	pthread_cond_signal(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
	return (ssize_t)n;
}

void unpack_ring_close(struct unpack *u)
{
	struct ring *ring = u->ring;

	if (ring == NULL)
		return;
	pthread_mutex_lock(&ring->lock);
	ring->stop = true;
	pthread_cond_signal(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
	(void)pthread_join(ring->thread, NULL);
	atomic_fetch_sub(&threads, 1);
	ring_free(ring);
	u->ring = NULL;
}
