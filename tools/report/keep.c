/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/keep.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

#define KEEP_FIRST 64   /* buckets of the first table */
#define KEEP_SLAB 64    /* records of a slab */
#define KEEP_HEAD 16    /* of a slab: the next one, and what follows is aligned */

void keep_init(struct keep *k, size_t size, size_t max, uint64_t *forgotten)
{
	*k = (struct keep){ .size = size, .max = max, .forgotten = forgotten };
	list_init(&k->age);
}

void keep_free(struct keep *k)
{
	struct list *at;
	void *slab;

	for (at = k->age.next; k->drop != NULL && at != &k->age; at = at->next)
		k->drop(k->arg, CONTAINER_OF(at, struct keep_node, age));
	while ((slab = k->slabs) != NULL) {
		memcpy(&k->slabs, slab, sizeof(k->slabs));
		free(slab);
	}
	free(k->buckets);
	*k = (struct keep){0};
}

void *keep_get(struct keep *k, uint64_t key)
{
	struct keep_node *node;

	if (k->n == 0)
		return NULL;
	for (node = k->buckets[key & (k->n - 1)]; node != NULL; node = node->next) {
		if (node->key == key) {
			node->used = true;
			return node;
		}
	}
	return NULL;
}

/* Where a table cannot grow, its chains do. */
static void grow(struct keep *k)
{
	size_t n = k->n == 0 ? KEEP_FIRST : k->n * 2;
	struct keep_node **table = calloc(n, sizeof(*table)), **head, *node;

	if (table == NULL)
		return;
	for (struct list *at = k->age.next; at != &k->age; at = at->next) {
		node = CONTAINER_OF(at, struct keep_node, age);
		head = &table[node->key & (n - 1)];
		node->next = *head;
		*head = node;
	}
	free(k->buckets);
	k->buckets = table;
	k->n = n;
}

static struct keep_node *take_record(struct keep *k)
{
	struct keep_node *node = k->spare;
	char *slab;

	if (node != NULL) {
		k->spare = node->next;
		memset(node, 0, k->size);
		return node;
	}
	if (k->left == 0) {
		slab = calloc(1, KEEP_HEAD + KEEP_SLAB * k->size);
		if (slab == NULL)
			return NULL;
		memcpy(slab, &k->slabs, sizeof(k->slabs));
		k->slabs = slab;
		k->left = KEEP_SLAB;
	}
	return (void *)((char *)k->slabs + KEEP_HEAD + --k->left * k->size);
}

void *keep_add(struct keep *k, uint64_t key)
{
	struct keep_node *node, **head;

	while (k->count >= k->max && keep_evict(k))
		continue;
	if (k->count >= k->n)
		grow(k);
	if (k->n == 0 || (node = take_record(k)) == NULL)
		return NULL;
	head = &k->buckets[key & (k->n - 1)];
	node->key = key;
	node->next = *head;
	*head = node;
	list_append(&k->age, &node->age);
	k->count++;
	return node;
}

void keep_del(struct keep *k, void *record)
{
	struct keep_node *node = record, **at = &k->buckets[node->key & (k->n - 1)];

	if (k->drop != NULL)
		k->drop(k->arg, node);
	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	list_remove(&node->age);
	node->next = k->spare;
	k->spare = node;
	k->count--;
}

/* Those that were used since get a second chance; each of them loses it, so this ends. */
bool keep_evict(struct keep *k)
{
	struct keep_node *node;

	if (k->count == 0)
		return false;
	for (;;) {
		node = CONTAINER_OF(k->age.next, struct keep_node, age);
		if (!node->used)
			break;
		node->used = false;
		list_remove(&node->age);
		list_append(&k->age, &node->age);
	}
	keep_del(k, node);
	++*k->forgotten;
	return true;
}
