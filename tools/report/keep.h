/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of one size, found by a number, so many at most: past that the oldest one that was
 * not used lately makes room. The number is the whole key, so it comes from a keyed hash
 * (map_hash, keep_mix) wherever strangers choose what it stands for: nobody can then make two
 * of them meet, nor fill one bucket. Records come from slabs; they stay where they are.
 */
#ifndef REPORT_KEEP_H
#define REPORT_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"

/* The first member of a record. */
struct keep_node {
	struct keep_node *next;
	struct list age;
	uint64_t key;
	bool used; /* since it was last looked at for eviction */
};

struct keep {
	struct keep_node **buckets;
	size_t n, count, max, size; /* n: a power of two; size: of a record */
	struct list age;            /* oldest first */
	struct keep_node *spare;
	void *slabs;
	size_t left;                /* records of the first slab that were never used */
	uint64_t *forgotten;        /* counts evictions */
	void (*drop)(void *arg, struct keep_node *node); /* before a record is gone, or NULL */
	void *arg;
};

void keep_init(struct keep *k, size_t size, size_t max, uint64_t *forgotten);
void keep_free(struct keep *k); /* also one that is all zero */

void *keep_get(struct keep *k, uint64_t key);
/* All zero but for its node; the key must not be there. NULL: no memory. */
void *keep_add(struct keep *k, uint64_t key);
/* Calls drop, too. */
void keep_del(struct keep *k, void *record);
/* The oldest one goes; false: there is none. */
bool keep_evict(struct keep *k);

/* A number that nobody can tell without the seed; different for different words. */
static inline uint64_t keep_mix(const uint64_t seed[2], uint64_t word)
{
	word = (word ^ seed[0]) * UINT64_C(0x9fb21c651e98df25);
	word ^= word >> 32;
	word = (word + seed[1]) * UINT64_C(0xd6e8feb86659fd93);
	return word ^ word >> 32;
}

#endif
