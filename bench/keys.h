/* SPDX-License-Identifier: BSD-2-Clause */
/* The names to ask for, round and round. A zeroed struct is freeable. */
#ifndef BENCH_KEYS_H
#define BENCH_KEYS_H

#include <stddef.h>
#include <stdint.h>

#define KEYS_MAX 300   /* octets of one key */
#define KEYS_DIGITS 7

struct keys {
	/* by pattern */
	const char *head, *tail;
	size_t head_len, tail_len;
	uint64_t first, count, at;
	/* by file */
	char *text, **line;
};

/* "%" stands for the number, seven digits. Ends the program when unusable. */
void keys_pattern(struct keys *k, const char *pattern, uint64_t first, uint64_t count);
void keys_file(struct keys *k, const char *path); /* one key a line */
size_t keys_next(struct keys *k, char out[KEYS_MAX]); /* its length; no NUL */
void keys_free(struct keys *k);

#endif
