/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Latencies in buckets that grow with the value: 64 to each power of two, so a
 * figure read back is at most 1.6 % too high. Adding costs a few instructions.
 */
#ifndef BENCH_HIST_H
#define BENCH_HIST_H

#include <stdint.h>

#define HIST_SUB 64

struct hist {
	uint64_t bucket[HIST_SUB * 60];
	uint64_t count, max;
};

static inline unsigned hist_place(uint64_t v)
{
	unsigned shift;

	if (v < HIST_SUB)
		return (unsigned)v;
	shift = 57 - (unsigned)__builtin_clzll(v);
	return (shift + 1) * HIST_SUB + (unsigned)((v >> shift) & (HIST_SUB - 1));
}

static inline void hist_add(struct hist *h, uint64_t v)
{
	h->bucket[hist_place(v)]++;
	h->count++;
	if (v > h->max)
		h->max = v;
}

/* The value that a share of 0..1 of all are not above. */
static inline uint64_t hist_at(const struct hist *h, double share)
{
	uint64_t left = (uint64_t)(share * (double)h->count), v;
	unsigned i, shift;

	if (left >= h->count)
		return h->max;
	for (i = 0; left >= h->bucket[i]; i++)
		left -= h->bucket[i];
	if (i < HIST_SUB)
		return i;
	shift = i / HIST_SUB - 1;
	v = ((uint64_t)(HIST_SUB + i % HIST_SUB + 1) << shift) - 1;
	return v < h->max ? v : h->max;
}

#endif
