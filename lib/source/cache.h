/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What we remember: the first source asked and the last one told. Bounded;
 * what is expired is never given out, nor what came while the clock was wrong and
 * ahead, but for policies. Those are kept to the end of their max_age (S13), which is
 * never more than max_age from now, whatever the clock was: in a store, of which
 * memory then only holds copies; or else in memory, where they are pushed out
 * last, enforce policies never while anything else can go.
 */
#ifndef SOURCE_CACHE_H
#define SOURCE_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "source/record.h"
#include "source/source.h"
#include "source/store.h"

struct cache;
struct cache_walk;

int cache_new(struct cache **out, size_t max_bytes) ATTR_MUST_CHECK;
void cache_free(struct cache *cache); /* NULL is fine */

/* Before the first use: where policies live (NULL: in memory), and who is told when
 * one changes (or NULL). Both stay the caller's. */
void cache_connect(struct cache *cache, struct store *store, struct events *events);

void cache_set_limit(struct cache *cache, size_t max_bytes);

/* All but the policies that are held. */
void cache_forget(struct cache *cache);

/*
 * ANSWERED or PASS. STSHELD is always answered: the held policy, or
 * ABSENT_INSECURE; FAILED when there is no memory to find out. STS is answered from
 * the held policy when it has that id, or from a remembered failure of that id (S11:
 * 5 minutes), else PASS.
 */
enum source_result cache_ask(struct cache *cache, struct ask *ask);

/* The same for a question whose answer shall be a new one: nothing but a failure
 * that is remembered (S11) keeps STS from being fetched. */
enum source_result cache_ask_anew(struct cache *cache, struct ask *ask);

/* Remember an answer that came from the wire. A fetched policy becomes the held
 * one of its domain (max_age 0: nothing is kept, and what was held is dropped).
 * Without memory it is simply not kept. */
void cache_keep(struct cache *cache, const struct question *q, const struct answer *a);

/* Make what was kept durable: store_sync(). */
int cache_sync(struct cache *cache);

size_t cache_entries(const struct cache *cache);
size_t cache_bytes(const struct cache *cache);

/* ---- The policies that are held: cache_held.c. Strings in a record are valid until
 * the next call. ---- */

/* True: *out is in force for this domain, as cache_held_in_force() says. */
bool cache_held_get(struct cache *cache, const char *domain, struct record *out);

/* Both without a sync. A put needs a text that is a policy, and what the record says
 * of it has to be right. DANESTS_OK, DANESTS_EINVAL, DANESTS_ENOMEM. */
int cache_held_put(struct cache *cache, const struct record *r) ATTR_MUST_CHECK;
int cache_held_drop(struct cache *cache, const char *domain) ATTR_MUST_CHECK;

/*
 * False: it is over. What seems to be fetched in the future was fetched while the clock
 * was ahead, or the clock is behind now; nobody knows which, and a policy is lost by
 * neither (S13): then its times in *r become those of one that is fetched now.
 */
bool cache_held_in_force(struct record *r);
bool cache_held_is_ahead(const struct record *r);

/* Those in the store, or in memory; over or not. */
size_t cache_held_count(const struct cache *cache);

/* All of them, over or not, with the times that they have, as store_walk_next(). NULL
 * without memory. */
struct cache_walk *cache_walk_new(struct cache *cache);
enum store_step cache_walk_next(struct cache_walk *walk, struct record *out);
void cache_walk_free(struct cache_walk *walk); /* NULL is fine */

#endif
