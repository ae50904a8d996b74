/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table in memory. Each class of entries is a ring with a hand at its head
 * (CLOCK). No call looks at more than a few entries per entry it pushes out.
 */
#include "source/cache_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "danests.h"

enum {
	CACHE_LOOKS = 8,        /* entries looked at to find one to push out */
	CACHE_SWEEP = 2,        /* entries looked at, per ring, whenever one comes in */
	/* The table's share of an entry: at the moment it grows there are three buckets
	 * for each entry, and never more. So growth never oversteps the bound. */
	CACHE_TABLE_SHARE = 3 * sizeof(void *),
	/* malloc(3) adds some to each block, and arrays grow in steps: measured with
	 * glibc, on one policy for four addresses. */
	CACHE_MALLOC = 16 * sizeof(void *),
	/* Enforce policies beyond this go before the others: they may be 64 KiB each,
	 * and a few strangers must not push out thousands. */
	CACHE_LARGE = 4096,
	/* s: a policy that only memory holds stays for so long after its end, as one on
	 * disk does: the clock may be ahead, and put right (S13). */
	CACHE_OVER = 2 * 86400,
};

static struct map_key entry_key(const struct map_node *node)
{
	const struct entry *e = CONTAINER_OF(node, struct entry, node);

	return (struct map_key){ e->key, e->key_len };
}

int cache_new(struct cache **out, size_t max_bytes)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (cache == NULL)
		return DANESTS_ENOMEM;
	cache->none = answer_new(QUESTION_STSHELD, ANSWER_ABSENT_INSECURE, 0);
	if (cache->none == NULL) {
		free(cache);
		return DANESTS_ENOMEM;
	}
	map_init(&cache->map, entry_key);
	for (size_t i = 0; i < CLASSES; i++)
		list_init(&cache->ring[i]);
	list_init(&cache->policies);
	list_init(&cache->walks);
	cache->max = max_bytes;
	*out = cache;
	return DANESTS_OK;
}

void cache_connect(struct cache *cache, struct store *store, struct events *events)
{
	cache->store = store;
	cache->events = events;
}

static bool is_policy(const struct entry *e) { return e->answer->kind == QUESTION_STSHELD; }

/* Who walks goes on with the one after it. */
static void leave_policies(struct cache *cache, struct entry *e)
{
	for (struct list *at = cache->walks.next; at != &cache->walks; at = at->next) {
		struct cache_walk *walk = CONTAINER_OF(at, struct cache_walk, link);

		if (walk->next == &e->policy)
			walk->next = e->policy.next;
	}
	list_remove(&e->policy);
	cache->policy_count--;
}

void cache_drop(struct cache *cache, struct entry *e)
{
	if (is_policy(e))
		leave_policies(cache, e);
	map_del(&cache->map, &e->node);
	list_remove(&e->ring);
	cache->bytes[e->class] -= e->bytes;
	answer_unref(e->answer);
	free(e);
}

static void drop_class(struct cache *cache, enum cache_class class)
{
	while (!list_empty(&cache->ring[class]))
		cache_drop(cache, CONTAINER_OF(cache->ring[class].next, struct entry, ring));
}

void cache_forget(struct cache *cache) { drop_class(cache, CLASS_PLAIN); }

void cache_free(struct cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t class = 0; class < CLASSES; class++)
		drop_class(cache, (enum cache_class)class);
	map_free(&cache->map);
	answer_unref(cache->none);
	free(cache);
}

size_t cache_entries(const struct cache *cache)
{
	return cache->map.count;
}

size_t cache_bytes(const struct cache *cache)
{
	size_t table = map_bytes(&cache->map), share = cache->map.count * CACHE_TABLE_SHARE;
	size_t sum = share > table ? share : table;

	for (size_t i = 0; i < CLASSES; i++)
		sum += cache->bytes[i];
	return sum;
}

/* ---- Out ---- */

/*
 * When the end of an answer is further away than possible the clock went back since it
 * came, and nobody knows how old it is. A policy is not lost by that (S13): what is
 * given out of it is bounded, cache_held.c.
 */
static bool expired(const struct entry *e)
{
	time_t now = clock_now(), end = e->answer->expires;

	return end <= now || (!is_policy(e) && end - now > ANSWER_TTL_MAX);
}

/* What is under the hand, which moves on. */
static struct entry *hand(struct list *ring)
{
	struct list *at = ring->next;

	list_remove(at);
	list_append(ring, at);
	return CONTAINER_OF(at, struct entry, ring);
}

/* What expired, or what nobody has used since the hand was here last; else, after
 * some looks, what is under the hand. */
static void push_out(struct cache *cache, enum cache_class class)
{
	struct entry *e = NULL;

	for (int look = 0; look < CACHE_LOOKS; look++) {
		e = hand(&cache->ring[class]);
		if (!e->used || expired(e))
			break;
		e->used = false;
	}
	cache_drop(cache, e);
}

static bool is_garbage(const struct cache *cache, const struct entry *e)
{
	bool only_here = is_policy(e) && cache->store == NULL;

	return expired(e) && (!only_here || clock_now() - e->answer->expires >= CACHE_OVER);
}

void cache_sweep(struct cache *cache)
{
	for (size_t class = 0; class < CLASSES; class++) {
		for (int i = 0; i < CACHE_SWEEP && !list_empty(&cache->ring[class]); i++) {
			struct entry *e = hand(&cache->ring[class]);

			if (is_garbage(cache, e))
				cache_drop(cache, e);
		}
	}
}

/*
 * Policies last, enforce policies very last: lose one, and an attacker may take a
 * domain's protection away (RFC 8461 10.2). With a store these are only copies, and
 * get half of the room.
 */
static void shrink(struct cache *cache)
{
	while (cache->bytes[CLASS_PLAIN] > cache->max / 2)
		push_out(cache, CLASS_PLAIN);
	while (cache->store != NULL && cache->bytes[CLASS_POLICY] > cache->max / 2)
		push_out(cache, CLASS_POLICY);
	for (size_t class = 0; class < CLASSES; class++) {
		while (cache_bytes(cache) > cache->max && !list_empty(&cache->ring[class]))
			push_out(cache, (enum cache_class)class);
	}
}

void cache_set_limit(struct cache *cache, size_t max_bytes)
{
	cache->max = max_bytes;
	shrink(cache);
}

/* ---- In ---- */

struct entry *cache_find(const struct cache *cache, const struct question *q)
{
	char key[QUESTION_TEXT_MAX + 1];
	size_t len = question_text(q, key);
	struct map_node *node = map_get(&cache->map, key, len);

	return node != NULL ? CONTAINER_OF(node, struct entry, node) : NULL;
}

struct entry *cache_fresh(const struct cache *cache, const struct question *q)
{
	struct entry *e = cache_find(cache, q);

	if (e == NULL || expired(e))
		return NULL;
	e->used = true;
	return e;
}

static enum cache_class class_of(const struct cache *cache, const struct answer *a)
{
	if (a->kind != QUESTION_STSHELD)
		return CLASS_PLAIN;
	if (a->body.mode != STSBODY_ENFORCE || cache->store != NULL)
		return CLASS_POLICY;
	return a->bytes > CACHE_LARGE ? CLASS_LARGE : CLASS_ENFORCE;
}

/* After the one it replaces, so that a walk gives out one of them and not both. */
static void join_policies(struct cache *cache, struct entry *e, struct entry *old)
{
	list_append(old != NULL ? old->policy.next : &cache->policies, &e->policy);
	cache->policy_count++;
}

static struct entry *entry_new(const struct cache *cache, const struct question *q,
    struct answer *a, time_t asked)
{
	char key[QUESTION_TEXT_MAX + 1];
	size_t len = question_text(q, key);
	struct entry *e = calloc(1, sizeof(*e) + len + 1);

	if (e == NULL)
		return NULL;
	memcpy(e->key, key, len);
	e->key_len = len;
	e->answer = a;
	e->asked = asked;
	e->class = class_of(cache, a);
	e->bytes = sizeof(*e) + len + 1 + a->bytes + CACHE_MALLOC +
	    a->count * 2 * sizeof(void *);
	list_init(&e->ring);
	list_init(&e->policy);
	return e;
}

/* S13: without memory for a policy the one before it stays, where nothing else holds
 * it. Of what else there is, what is known now is newer, even when it is not kept. */
static int no_memory(struct cache *cache, struct entry *old, struct answer *a)
{
	if (old != NULL && (!is_policy(old) || cache->store != NULL))
		cache_drop(cache, old);
	answer_unref(a);
	return DANESTS_ENOMEM;
}

int cache_put(struct cache *cache, const struct question *q, struct answer *a, time_t asked)
{
	struct entry *old = cache_find(cache, q), *e = entry_new(cache, q, a, asked);

	if (e == NULL)
		return no_memory(cache, old, a);
	if (is_policy(e))
		join_policies(cache, e, old);
	if (old != NULL)
		cache_drop(cache, old);
	/* Fails only for the very first one: old is not lost by it. */
	if (map_put(&cache->map, &e->node) != DANESTS_OK) {
		if (is_policy(e))
			leave_policies(cache, e);
		free(e);
		return no_memory(cache, NULL, a);
	}
	list_append(&cache->ring[e->class], &e->ring);
	cache->bytes[e->class] += e->bytes;
	shrink(cache);
	return DANESTS_OK;
}
