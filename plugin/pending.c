/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/pending.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static struct pending *pending_of(const struct map_node *node)
{
	return node == NULL ? NULL : CONTAINER_OF(node, struct pending, node);
}

struct pending *pending_of_task(struct task *task)
{
	return CONTAINER_OF(task, struct pending, job.task);
}

static struct map_key pending_key(const struct map_node *node)
{
	const struct pending *p = pending_of(node);

	return (struct map_key){ p->key, p->key_len };
}

void pendings_init(struct pendings *ps)
{
	*ps = (struct pendings){0};
	map_init(&ps->map, pending_key);
	list_init(&ps->queue);
	list_init(&ps->retired);
}

void pendings_free(struct pendings *ps)
{
	struct map_node *node, *next;
	size_t cursor = 0;

	for (node = map_next(&ps->map, &cursor, NULL); node != NULL; node = next) {
		next = map_next(&ps->map, &cursor, node);
		free(pending_of(node));
	}
	while (!list_empty(&ps->retired)) {
		struct pending *p = CONTAINER_OF(ps->retired.next, struct pending, retired);

		list_remove(&p->retired);
		free(p);
	}
	map_free(&ps->map);
}

struct pending *pending_find(const struct pendings *ps, const char *key, size_t len)
{
	return pending_of(map_get(&ps->map, key, len));
}

struct pending *pending_add(struct pendings *ps, const char *key, size_t len)
{
	struct pending *p = calloc(1, sizeof(*p) + len + 1);

	if (p == NULL)
		return NULL;
	memcpy(p->key, key, len);
	p->key_len = len;
	p->job.nexthop = p->key;
	p->asked_us = clock_mono_us();
	list_init(&p->waiters);
	list_init(&p->retired);
	if (map_put(&ps->map, &p->node) != DANESTS_OK) {
		free(p);
		return NULL;
	}
	list_append(&ps->queue, &p->job.task.link);
	ps->queued++;
	return p;
}

struct pending *pending_next(struct pendings *ps)
{
	struct pending *p;

	if (list_empty(&ps->queue))
		return NULL;
	p = pending_of_task(CONTAINER_OF(ps->queue.next, struct task, link));
	list_remove(&p->job.task.link);
	p->running = true;
	ps->queued--;
	ps->running++;
	return p;
}

void pending_retire(struct pendings *ps, struct pending *p)
{
	map_del(&ps->map, &p->node);
	list_append(&ps->retired, &p->retired);
}

void pending_remove(struct pendings *ps, struct pending *p)
{
	if (list_empty(&p->retired))
		map_del(&ps->map, &p->node);
	list_remove(&p->retired);
	if (p->running) {
		ps->running--;
		return;
	}
	list_remove(&p->job.task.link);
	ps->queued--;
}

void pending_free(struct pending *p)
{
	if (p == NULL)
		return;
	danests_policy_unref(p->job.policy);
	free(p);
}
