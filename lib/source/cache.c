/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is kept, and why. Answers about hosts (ADDR, CNAME, TLSA) are shared by all
 * domains of a provider and pay many times over, as DS answers are by all of a zone. MX,
 * STSTXT and TXT answers belong to one domain: the resolver's cache has them while they
 * live, and whoever answers the same domain again and again remembers the whole reply;
 * here a million of them would only push out what is shared. Only their failures are
 * kept, for seconds, so that a dead resolver is not asked at once again.
 */
#include "source/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "danests.h"
#include "source/cache_impl.h"

static bool worth_keeping(const struct answer *a)
{
	switch (a->kind) {
	case QUESTION_ADDR:
	case QUESTION_CNAME:
	case QUESTION_TLSA:
	case QUESTION_DS:
		return true;
	case QUESTION_MX:
	case QUESTION_STSTXT:
	case QUESTION_TXT:
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
	cache_sweep(cache);
	if (a->kind == QUESTION_STS && a->state != ANSWER_FAILED && a->id != NULL &&
	    a->text != NULL)
		cache_held_keep(cache, &q->name, a);
	else if (worth_keeping(a) && a->expires > clock_now())
		(void)cache_put(cache, q, answer_ref(a), 0);
}

/* ---- Asked ---- */

/* Never "none" by lack of memory: that would be a downgrade. */
static struct answer *held(struct cache *cache, const struct question *q)
{
	struct answer *a = NULL;

	if (cache_held_find(cache, &q->name, &a) != DANESTS_OK)
		return answer_failed(q->kind, FAILURE_LOCAL, 0, "out of memory");
	if (a == NULL)
		return answer_ref(cache->none);
	cache_held_touch(cache, &q->name);
	return a;
}

/* NULL: not held, or under another id, or no memory. */
static struct answer *held_as_sts(struct cache *cache, const struct question *q)
{
	struct answer *policy = NULL, *a = NULL;

	if (cache_held_find(cache, &q->name, &policy) == DANESTS_OK && policy != NULL &&
	    strcmp(policy->id, q->id) == 0)
		a = cache_as_kind(policy, QUESTION_STS);
	answer_unref(policy);
	return a;
}

static enum source_result give(struct ask *ask, struct answer *a)
{
	if (a == NULL)
		return SOURCE_PASS;
	ask_arrive(ask, a);
	return SOURCE_ANSWERED;
}

enum source_result cache_ask_anew(struct cache *cache, struct ask *ask)
{
	struct entry *e = cache_fresh(cache, &ask->q);

	return give(ask, e != NULL ? answer_ref(e->answer) : NULL);
}

enum source_result cache_ask(struct cache *cache, struct ask *ask)
{
	struct answer *a = NULL;

	if (ask->q.kind == QUESTION_STSHELD)
		return give(ask, held(cache, &ask->q));
	if (ask->q.kind == QUESTION_STS)
		a = held_as_sts(cache, &ask->q);
	return a != NULL ? give(ask, a) : cache_ask_anew(cache, ask);
}

/* ---- All of them ---- */

struct cache_walk *cache_walk_new(struct cache *cache)
{
	struct cache_walk *walk = calloc(1, sizeof(*walk));

	if (walk == NULL)
		return NULL;
	if (cache->store != NULL && (walk->disk = store_walk_new(cache->store)) == NULL) {
		free(walk);
		return NULL;
	}
	walk->cache = cache;
	walk->next = cache->policies.next;
	list_append(&cache->walks, &walk->link);
	return walk;
}

enum store_step cache_walk_next(struct cache_walk *walk, struct record *out)
{
	struct entry *e;

	if (walk->disk != NULL)
		return store_walk_next(walk->disk, out);
	if (walk->next == &walk->cache->policies)
		return STORE_END;
	e = CONTAINER_OF(walk->next, struct entry, policy);
	walk->next = e->policy.next;
	*out = cache_held_record(e);
	return STORE_RECORD;
}

void cache_walk_free(struct cache_walk *walk)
{
	if (walk == NULL)
		return;
	store_walk_free(walk->disk);
	list_remove(&walk->link);
	free(walk);
}
