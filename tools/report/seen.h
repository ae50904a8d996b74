/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which fingerprints were there before, of the last million or so. A table of fixed size:
 * buckets of eight, where the newest pushes out the oldest. It is given memory when the first
 * one comes, and by the system only where it is written to.
 */
#ifndef REPORT_SEEN_H
#define REPORT_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEEN_BUCKETS ((size_t)1 << 17) /* 8 MB in all */
#define SEEN_WAYS 8                    /* one cache line */

struct seen {
	void *memory;
	uint64_t (*buckets)[SEEN_WAYS];
	bool out_of_memory; /* from then on nothing was seen */
};

/* Was it there? From now on it is. The number is of a keyed hash, like that of keep.h. */
bool seen_before(struct seen *s, uint64_t fingerprint);
/* It will be asked for soon. */
void seen_soon(const struct seen *s, uint64_t fingerprint);
void seen_free(struct seen *s);

#endif
