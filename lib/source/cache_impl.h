/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the cache: the table of answers in memory (cache_table.c) beneath what is
 * kept (cache.c) and the policies that are held (cache_held.c). */
#ifndef SOURCE_CACHE_IMPL_H
#define SOURCE_CACHE_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/list.h"
#include "base/map.h"
#include "source/cache.h"

/* In the order in which they are pushed out. */
enum cache_class { CLASS_PLAIN, CLASS_POLICY, CLASS_LARGE, CLASS_ENFORCE, CLASSES };

struct entry {
	struct map_node node;
	struct list ring;
	struct list policy;     /* in cache->policies; on its own when it is none */
	struct answer *answer;
	enum cache_class class;
	bool used;              /* since the hand passed last */
	size_t bytes;           /* all of it */
	time_t asked;           /* policies: struct record's used */
	size_t key_len;
	char key[];
};

struct cache {
	struct map map;
	struct list ring[CLASSES];
	size_t bytes[CLASSES];
	size_t max;
	struct list policies;   /* of the rings, those that are policies */
	size_t policy_count;
	struct list walks;
	struct answer *none;    /* STSHELD: we hold nothing */
	struct store *store;    /* NULL: policies are held in memory only */
	struct events *events;  /* NULL: nobody wants to know */
};

struct cache_walk {
	struct list link;       /* in cache->walks */
	struct cache *cache;
	struct store_walk *disk;/* NULL: policies are in memory */
	struct list *next;      /* then: the one to give out next */
};

/* ---- cache_table.c ---- */

struct entry *cache_find(const struct cache *cache, const struct question *q);
/* The same when it is not over, and it counts as used. */
struct entry *cache_fresh(const struct cache *cache, const struct question *q);

/* Takes over the answer's count. Where there is no room, it is not kept. DANESTS_OK;
 * DANESTS_ENOMEM: nor is what was there, but for a policy that nothing else holds. */
int cache_put(struct cache *cache, const struct question *q, struct answer *a, time_t asked);
void cache_drop(struct cache *cache, struct entry *e);
void cache_sweep(struct cache *cache);

/* ---- cache_held.c ---- */

/* *out is the policy in force for this domain, counted, or NULL. DANESTS_OK;
 * DANESTS_ENOMEM: there may be one. */
int cache_held_find(struct cache *cache, const struct domain *domain,
    struct answer **out) ATTR_MUST_CHECK;

/* Of an entry that is a policy, with the times that it came with. */
struct record cache_held_record(const struct entry *e);

/* Somebody asks for what is held. */
void cache_held_touch(struct cache *cache, const struct domain *domain);

/* A policy was fetched. */
void cache_held_keep(struct cache *cache, const struct domain *domain, const struct answer *a);

/* The same policy as the answer to another kind of question; NULL without memory. */
struct answer *cache_as_kind(const struct answer *policy, enum question_kind kind);

#endif
