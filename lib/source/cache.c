/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is kept, and why. Answers about hosts (ADDR, CNAME, TLSA) are shared by all
 * domains of a provider and pay many times over. MX and STSTXT answers belong to
 * one domain: the resolver's cache has them while they live, and whoever answers
 * the same domain again and again remembers the whole reply; here a million of them
 * would only push out what is shared. Only their failures are kept, for seconds, so
 * that a dead resolver is not asked at once again.
 *
 * Each class of entries is a ring with a hand at its head (CLOCK). No call looks at
 * more than a few entries per entry it pushes out.
 */
#include "source/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/map.h"
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
};

/* In the order in which they are pushed out. */
enum cache_class { CLASS_PLAIN, CLASS_POLICY, CLASS_LARGE, CLASS_ENFORCE, CLASSES };

struct entry {
	struct map_node node;
	struct list ring;
	struct answer *answer;
	enum cache_class class;
	bool used;              /* since the hand passed last */
	size_t bytes;           /* all of it */
	size_t key_len;
	char key[];
};

struct cache {
	struct map map;
	struct list ring[CLASSES];
	size_t bytes[CLASSES];
	size_t max;
	struct answer *none;    /* STSHELD: we hold nothing */
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
	cache->max = max_bytes;
	*out = cache;
	return DANESTS_OK;
}

static void drop(struct cache *cache, struct entry *e)
{
	map_del(&cache->map, &e->node);
	list_remove(&e->ring);
	cache->bytes[e->class] -= e->bytes;
	answer_unref(e->answer);
	free(e);
}

void cache_free(struct cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < CLASSES; i++) {
		while (!list_empty(&cache->ring[i]))
			drop(cache, CONTAINER_OF(cache->ring[i].next, struct entry, ring));
	}
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
 * Over; or further away than any answer can have been when it came: the clock went
 * back since, and nobody knows how old it is. A policy is not lost (S13) when the
 * clock is put back by less than a day.
 */
static bool expired(const struct entry *e)
{
	time_t now = clock_now(), longest = ANSWER_TTL_MAX;

	if (e->answer->kind == QUESTION_STSHELD)
		longest += (time_t)STSBODY_MAX_AGE;
	return e->answer->expires <= now || e->answer->expires - now > longest;
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
	drop(cache, e);
}

static void sweep(struct cache *cache)
{
	for (size_t class = 0; class < CLASSES; class++) {
		for (int i = 0; i < CACHE_SWEEP && !list_empty(&cache->ring[class]); i++) {
			struct entry *e = hand(&cache->ring[class]);

			if (expired(e))
				drop(cache, e);
		}
	}
}

/* Policies last, enforce policies very last: lose one, and an attacker may take
 * a domain's protection away (RFC 8461 10.2). */
static void shrink(struct cache *cache)
{
	while (cache->bytes[CLASS_PLAIN] > cache->max / 2)
		push_out(cache, CLASS_PLAIN);
	for (size_t class = 0; class < CLASSES; class++) {
		while (cache_bytes(cache) > cache->max && !list_empty(&cache->ring[class]))
			push_out(cache, (enum cache_class)class);
	}
}

/* ---- In ---- */

static struct entry *find(const struct cache *cache, const struct question *q)
{
	char key[QUESTION_TEXT_MAX + 1];
	size_t len = question_text(q, key);
	struct map_node *node = map_get(&cache->map, key, len);

	return node != NULL ? CONTAINER_OF(node, struct entry, node) : NULL;
}

static enum cache_class class_of(const struct answer *a)
{
	if (a->kind != QUESTION_STSHELD)
		return CLASS_PLAIN;
	if (a->body.mode != STSBODY_ENFORCE)
		return CLASS_POLICY;
	return a->bytes > CACHE_LARGE ? CLASS_LARGE : CLASS_ENFORCE;
}

/* Takes over the answer's count. */
static void put(struct cache *cache, const struct question *q, struct answer *a)
{
	char key[QUESTION_TEXT_MAX + 1];
	size_t len = question_text(q, key);
	struct entry *old = find(cache, q), *e = calloc(1, sizeof(*e) + len + 1);

	/* What is known now is newer, even when it finds no room. */
	if (old != NULL)
		drop(cache, old);
	if (e == NULL) {
		answer_unref(a);
		return;
	}
	memcpy(e->key, key, len);
	e->key_len = len;
	e->answer = a;
	e->class = class_of(a);
	e->bytes = sizeof(*e) + len + 1 + a->bytes + CACHE_MALLOC +
	    a->count * 2 * sizeof(void *);
	if (map_put(&cache->map, &e->node) != DANESTS_OK) {
		answer_unref(a);
		free(e);
		return;
	}
	list_append(&cache->ring[e->class], &e->ring);
	cache->bytes[e->class] += e->bytes;
	shrink(cache);
}

/* The same policy as the answer to another kind of question; NULL without memory. */
static struct answer *as_kind(const struct answer *policy, enum question_kind kind)
{
	struct answer *a = answer_new(kind, policy->state, policy->expires);
	char why[STSBODY_WHY];
	struct stsbody body;

	if (a == NULL)
		return NULL;
	if (answer_set_id(a, policy->id) == DANESTS_OK &&
	    stsbody_parse(&body, policy->text, policy->text_len, why) == DANESTS_OK &&
	    answer_set_policy(a, policy->text, policy->text_len, &body) == DANESTS_OK)
		return a;
	answer_unref(a);
	return NULL;
}

static void keep_policy(struct cache *cache, const struct question *q, const struct answer *a)
{
	struct question held = { .kind = QUESTION_STSHELD, .name = q->name };
	struct entry *old = find(cache, &held);
	struct answer *copy;

	if (a->expires <= clock_now()) { /* max_age 0 */
		if (old != NULL)
			drop(cache, old);
		return;
	}
	copy = as_kind(a, QUESTION_STSHELD);
	if (copy != NULL) /* else the old one stays: better than none (S13) */
		put(cache, &held, copy);
}

static bool worth_keeping(const struct answer *a)
{
	switch (a->kind) {
	case QUESTION_ADDR:
	case QUESTION_CNAME:
	case QUESTION_TLSA:
		return true;
	case QUESTION_MX:
	case QUESTION_STSTXT:
	case QUESTION_STS: /* S11; a policy is kept as what we hold */
		return a->state == ANSWER_FAILED;
	default:
		return false;
	}
}

void cache_keep(struct cache *cache, const struct question *q, const struct answer *a)
{
	if (a == NULL || a->kind != q->kind)
		return;
	sweep(cache);
	if (a->kind == QUESTION_STS && a->state != ANSWER_FAILED && a->id != NULL &&
	    a->text != NULL)
		keep_policy(cache, q, a);
	else if (worth_keeping(a) && a->expires > clock_now())
		put(cache, q, answer_ref(a));
}

/* ---- Asked ---- */

static struct answer *fresh(const struct cache *cache, const struct question *q)
{
	struct entry *e = find(cache, q);

	if (e == NULL || expired(e))
		return NULL;
	e->used = true;
	return e->answer;
}

/* NULL: not held, or under another id, or no memory. */
static struct answer *held_as_sts(struct cache *cache, const struct question *q)
{
	struct question held = { .kind = QUESTION_STSHELD, .name = q->name };
	struct answer *policy = fresh(cache, &held);

	if (policy == NULL || strcmp(policy->id, q->id) != 0)
		return NULL;
	return as_kind(policy, QUESTION_STS);
}

enum source_result cache_ask(struct cache *cache, struct ask *ask)
{
	struct answer *a = NULL;

	if (ask->q.kind == QUESTION_STS)
		a = held_as_sts(cache, &ask->q);
	if (a == NULL) {
		a = fresh(cache, &ask->q);
		if (a == NULL && ask->q.kind == QUESTION_STSHELD)
			a = cache->none;
		if (a == NULL)
			return SOURCE_PASS;
		a = answer_ref(a);
	}
	ask_arrive(ask, a);
	return SOURCE_ANSWERED;
}
