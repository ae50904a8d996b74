/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "danests.h"

#define MAP_MIN 16       /* buckets of the first table */
#define MAP_STEP 4       /* old buckets emptied per map_put(): done long before the next growth */
#define MAP_PROBES 64    /* buckets map_pick() looks at */

/* ---- SipHash-1-3 (Aumasson, Bernstein): one round per word, three at the end ---- */

static uint64_t rotl(uint64_t v, unsigned n)
{
	return v << n | v >> (64 - n);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

/* Compilers make one load of the first kind. */
static inline uint64_t little_endian_8(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	    (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
	    (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

static uint64_t little_endian(const uint8_t *p, size_t n)
{
	uint64_t word = 0;

	while (n-- > 0)
		word = word << 8 | p[n];
	return word;
}

static inline void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

uint64_t map_hash(const uint64_t seed[2], const void *data, size_t len)
{
	uint64_t v[4] = {
		seed[0] ^ UINT64_C(0x736f6d6570736575), seed[1] ^ UINT64_C(0x646f72616e646f6d),
		seed[0] ^ UINT64_C(0x6c7967656e657261), seed[1] ^ UINT64_C(0x7465646279746573),
	};
	const uint8_t *p = data;
	size_t left = len;

	for (; left >= 8; left -= 8, p += 8)
		sip_word(v, little_endian_8(p));
	sip_word(v, (uint64_t)len << 56 | little_endian(p, left));
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- The table ---- */

void map_init(struct map *m, map_key_fn *key)
{
	memset(m, 0, sizeof(*m));
	m->key = key;
	if (getentropy(m->seed, sizeof(m->seed)) == 0)
		return;
	/* A kernel without random numbers: better a guessable seed than no table. */
	m->seed[0] = (uint64_t)clock_mono_us() ^ (uint64_t)(uintptr_t)m;
	m->seed[1] = (uint64_t)clock_now() ^ (uint64_t)getpid() << 32;
}

void map_free(struct map *m)
{
	if (m == NULL)
		return;
	free(m->cur);
	free(m->old);
	m->cur = m->old = NULL;
	m->cur_n = m->old_n = m->moved = m->count = 0;
}

static struct map_node **cur_bucket(const struct map *m, uint64_t hash)
{
	return m->cur == NULL ? NULL : &m->cur[hash & (m->cur_n - 1)];
}

/* Where the hash was before growth; NULL when that bucket has moved already. */
static struct map_node **old_bucket(const struct map *m, uint64_t hash)
{
	size_t i;

	if (m->old == NULL)
		return NULL;
	i = (size_t)hash & (m->old_n - 1);
	return i < m->moved ? NULL : &m->old[i];
}

static void link_node(struct map *m, struct map_node *node)
{
	struct map_node **head = &m->cur[node->hash & (m->cur_n - 1)];

	node->next = *head;
	*head = node;
}

static void move_some(struct map *m)
{
	struct map_node *node, *next;
	int step;

	for (step = 0; step < MAP_STEP && m->old != NULL; step++) {
		for (node = m->old[m->moved]; node != NULL; node = next) {
			next = node->next;
			link_node(m, node);
		}
		m->old[m->moved++] = NULL;
		if (m->moved == m->old_n) {
			free(m->old);
			m->old = NULL;
			m->old_n = m->moved = 0;
		}
	}
}

/* calloc() of a large table gets untouched zero pages: no time is spent here. */
static void grow(struct map *m)
{
	struct map_node **table;
	size_t n = m->cur_n == 0 ? MAP_MIN : m->cur_n * 2;

	while (n <= m->count && n <= SIZE_MAX / 4 / sizeof(*table))
		n *= 2;
	table = calloc(n, sizeof(*table));
	if (table == NULL)
		return;
	m->old = m->cur;
	m->old_n = m->cur_n;
	m->moved = 0;
	m->cur = table;
	m->cur_n = n;
}

int map_put(struct map *m, struct map_node *node)
{
	struct map_key key = m->key(node);

	if (m->old != NULL)
		move_some(m);
	if (m->count >= m->cur_n && m->old == NULL)
		grow(m);
	if (m->cur == NULL)
		return DANESTS_ENOMEM;
	node->hash = map_hash(m->seed, key.data, key.len);
	link_node(m, node);
	m->count++;
	return DANESTS_OK;
}

static struct map_node *find(const struct map *m, struct map_node **bucket, uint64_t hash,
    const void *data, size_t len)
{
	struct map_node *node;
	struct map_key key;

	for (node = bucket == NULL ? NULL : *bucket; node != NULL; node = node->next) {
		if (node->hash != hash)
			continue;
		key = m->key(node);
		if (key.len == len && (len == 0 || memcmp(key.data, data, len) == 0))
			return node;
	}
	return NULL;
}

struct map_node *map_get(const struct map *m, const void *key, size_t len)
{
	struct map_node *node;
	uint64_t hash;

	if (m->count == 0)
		return NULL;
	hash = map_hash(m->seed, key, len);
	node = find(m, cur_bucket(m, hash), hash, key, len);
	return node != NULL ? node : find(m, old_bucket(m, hash), hash, key, len);
}

static bool unlink_node(struct map_node **at, const struct map_node *node)
{
	for (; at != NULL && *at != NULL; at = &(*at)->next) {
		if (*at == node) {
			*at = node->next;
			return true;
		}
	}
	return false;
}

/* Moves no bucket: a walk in progress must find the others where they were. */
void map_del(struct map *m, struct map_node *node)
{
	if (unlink_node(cur_bucket(m, node->hash), node) ||
	    unlink_node(old_bucket(m, node->hash), node))
		m->count--;
}

/* ---- Walking ---- */

/* Buckets numbered through both tables; those of old that have moved are empty. */
static struct map_node *bucket_at(const struct map *m, size_t i)
{
	return i < m->cur_n ? m->cur[i] : m->old[i - m->cur_n];
}

/* The cursor counts buckets begun, so that after's own is the one before it. */
struct map_node *map_next(const struct map *m, size_t *cursor, struct map_node *after)
{
	struct map_node *node;

	if (after != NULL && after->next != NULL)
		return after->next;
	while (*cursor < m->cur_n + m->old_n) {
		node = bucket_at(m, (*cursor)++);
		if (node != NULL)
			return node;
	}
	return NULL;
}

struct map_node *map_pick(const struct map *m, uint64_t r)
{
	struct map_node **bucket, *node;
	size_t length = 0, i, skip;

	if (m->count == 0)
		return NULL;
	for (i = 0; i < 2 * MAP_PROBES; i++) {
		/* Each place of the hash space has a bucket in both tables. */
		bucket = i % 2 ? old_bucket(m, r + i / 2) : cur_bucket(m, r + i / 2);
		if (bucket != NULL && *bucket != NULL)
			break;
	}
	if (i == 2 * MAP_PROBES)
		return NULL;
	for (node = *bucket; node != NULL; node = node->next)
		length++;
	skip = (size_t)((r >> 32) % length);
	for (node = *bucket; skip > 0; skip--)
		node = node->next;
	return node;
}

size_t map_bytes(const struct map *m)
{
	return (m->cur_n + m->old_n) * sizeof(*m->cur);
}
