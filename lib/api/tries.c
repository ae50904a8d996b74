/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/tries.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "danests.h"

#define TRIES_FAILED_MAX 4096

static struct map_key try_key(const struct map_node *node)
{
	const struct try *t = CONTAINER_OF(node, struct try, node);

	return (struct map_key){ t->domain, strlen(t->domain) };
}

void tries_init(struct tries *tries)
{
	*tries = (struct tries){0};
	map_init(&tries->map, try_key);
	list_init(&tries->failed);
}

void tries_free(struct tries *tries)
{
	struct map_node *node, *next;
	size_t cursor = 0;

	if (tries->map.count > 0) {
		for (node = map_next(&tries->map, &cursor, NULL); node != NULL; node = next) {
			next = map_next(&tries->map, &cursor, node);
			free(CONTAINER_OF(node, struct try, node));
		}
	}
	map_free(&tries->map);
	*tries = (struct tries){0};
}

struct try *tries_find(const struct tries *tries, const char *domain)
{
	struct map_node *node = map_get(&tries->map, domain, strlen(domain));

	struct try *t = node != NULL ? CONTAINER_OF(node, struct try, node) : NULL;

	if (t != NULL)
		t->pass = tries->pass;
	return t;
}

static struct try *try_new(struct tries *tries, const char *domain)
{
	size_t len = strlen(domain);
	struct try *t = calloc(1, sizeof(*t) + len + 1);

	if (t == NULL)
		return NULL;
	memcpy(t->domain, domain, len);
	list_init(&t->link);
	if (map_put(&tries->map, &t->node) == DANESTS_OK)
		return t;
	free(t);
	return NULL;
}

static void unlist(struct tries *tries, struct try *t)
{
	if (list_empty(&t->link))
		return;
	list_remove(&t->link);
	tries->failed_count--;
}

static void forget(struct tries *tries, struct try *t)
{
	unlist(tries, t);
	map_del(&tries->map, &t->node);
	free(t);
}

void tries_pass(struct tries *tries)
{
	struct list *next;

	for (struct list *at = tries->failed.next; at != &tries->failed; at = next) {
		struct try *t = CONTAINER_OF(at, struct try, link);

		next = at->next;
		if (t->pass != tries->pass)
			forget(tries, t);
	}
	tries->pass++;
}

bool tries_full(const struct tries *tries)
{
	return tries->failed_count >= TRIES_FAILED_MAX;
}

struct try *tries_begin(struct tries *tries, struct try *t, const char *domain)
{
	if (t == NULL)
		t = try_new(tries, domain);
	if (t == NULL)
		return NULL;
	unlist(tries, t);
	t->retry = t->again != 0;
	t->pass = tries->pass;
	t->running = true;
	tries->running++;
	tries->retrying += t->retry;
	return t;
}

void tries_end(struct tries *tries, struct try *t, time_t again)
{
	tries->running--;
	tries->retrying -= t->retry;
	t->running = t->retry = false;
	t->again = again;
	/* Those that were there first stay: were they to go instead, each would be gone by
	 * the time that it is looked for. */
	if (again == 0 || tries_full(tries)) {
		forget(tries, t);
		return;
	}
	list_append(&tries->failed, &t->link);
	tries->failed_count++;
}
