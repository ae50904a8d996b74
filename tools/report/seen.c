/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/seen.h"

#include <stdlib.h>
#include <string.h>

#define SEEN_LINE (SEEN_WAYS * sizeof(uint64_t))

static bool make(struct seen *s)
{
	if (s->out_of_memory)
		return false;
	s->memory = calloc(SEEN_BUCKETS + 1, SEEN_LINE);
	if (s->memory == NULL) {
		s->out_of_memory = true;
		return false;
	}
	s->buckets = (void *)(((uintptr_t)s->memory + SEEN_LINE - 1) & ~(SEEN_LINE - 1));
	return true;
}

static uint64_t *bucket_of(const struct seen *s, uint64_t fingerprint)
{
	return s->buckets[fingerprint >> 32 & (SEEN_BUCKETS - 1)];
}

bool seen_before(struct seen *s, uint64_t fingerprint)
{
	uint64_t *bucket;

	fingerprint += fingerprint == 0; /* 0 is an empty place */
	if (s->buckets == NULL && !make(s))
		return false;
	bucket = bucket_of(s, fingerprint);
	for (size_t i = 0; i < SEEN_WAYS; i++) {
		if (bucket[i] == fingerprint)
			return true;
	}
	memmove(bucket + 1, bucket, (SEEN_WAYS - 1) * sizeof(*bucket));
	bucket[0] = fingerprint;
	return false;
}

void seen_soon(const struct seen *s, uint64_t fingerprint)
{
#if defined(__GNUC__)
	if (s->buckets != NULL)
		__builtin_prefetch(bucket_of(s, fingerprint), 1);
#else
	(void)s;
	(void)fingerprint;
#endif
}

void seen_free(struct seen *s)
{
	free(s->memory);
	*s = (struct seen){0};
}
