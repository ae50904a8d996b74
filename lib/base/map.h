/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A table of things found by a key of bytes. The node is part of the thing
 * stored (see CONTAINER_OF), so putting something in allocates nothing but,
 * now and then, a larger table; and growth moves a few nodes per call, so that
 * no call takes long even with a million entries. The hash is keyed
 * (SipHash-1-3): strangers choose our keys.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct map_node {
	struct map_node *next;
	uint64_t hash;
};

struct map_key {
	const void *data;
	size_t len;
};

/* The key of a stored thing. Must not change while it is in the table. */
typedef struct map_key map_key_fn(const struct map_node *node);

struct map {
	struct map_node **cur, **old; /* old: being emptied into cur */
	size_t cur_n, old_n, moved;   /* powers of two; buckets of old done so far */
	size_t count;
	uint64_t seed[2];
	map_key_fn *key;
};

/* Seeds the hash from the system's random source. Allocates nothing. */
void map_init(struct map *m, map_key_fn *key);
void map_free(struct map *m); /* the table only; the things stay the caller's */

struct map_node *map_get(const struct map *m, const void *key, size_t len);

/* The key must not be in the table yet. 0, or DANESTS_ENOMEM (only when the
 * table has no memory at all; a failed growth is tried again later). */
int map_put(struct map *m, struct map_node *node) ATTR_MUST_CHECK;
void map_del(struct map *m, struct map_node *node);

/*
 * Walk all: start with *cursor = 0 and after NULL, then after = the node got
 * last, until NULL. Nothing may be added during a walk. Things may be deleted,
 * but the one to go on from must still be there: fetch the next, then delete.
 */
struct map_node *map_next(const struct map *m, size_t *cursor,
    struct map_node *after);

/* A node picked from around place r, NULL when empty: for eviction by chance.
 * Looks at a bounded number of buckets, so it may return NULL on a sparse table. */
struct map_node *map_pick(const struct map *m, uint64_t r);

/* Bytes of the tables themselves, for accounting. */
size_t map_bytes(const struct map *m);

/* SipHash-1-3 of data under seed; also what seeds other tables use. */
uint64_t map_hash(const uint64_t seed[2], const void *data, size_t len);

#endif
