/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What we remember: the first source asked and the last one told. Bounded;
 * what is expired, or came while the clock was wrong and ahead, is never given
 * out. Policies are kept to the end of their max_age (S13) and pushed out last,
 * enforce policies never while anything else can go.
 */
#ifndef SOURCE_CACHE_H
#define SOURCE_CACHE_H

#include <stddef.h>

#include "base/attr.h"
#include "source/source.h"

struct cache;

int cache_new(struct cache **out, size_t max_bytes) ATTR_MUST_CHECK;
void cache_free(struct cache *cache); /* NULL is fine */

/*
 * ANSWERED or PASS. STSHELD is always answered: the held policy, or
 * ABSENT_INSECURE. STS is answered from the held policy when it has that id,
 * or from a remembered failure of that id (S11: 5 minutes), else PASS.
 */
enum source_result cache_ask(struct cache *cache, struct ask *ask);

/* Remember an answer that came from the wire. A fetched policy becomes the held
 * one of its domain (max_age 0: nothing is kept, and what was held is dropped).
 * Without memory it is simply not kept. */
void cache_keep(struct cache *cache, const struct question *q, const struct answer *a);

size_t cache_entries(const struct cache *cache);
size_t cache_bytes(const struct cache *cache);

#endif
