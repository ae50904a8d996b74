/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A read cursor with a sticky failure: read a whole record, check once.
 * Reading past the end sets bad and yields zeros; it never touches memory
 * outside the span.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
	const uint8_t *p, *end;
	bool bad;
};

struct span span_of(const void *data, size_t len);
size_t span_left(const struct span *s);
uint8_t span_u8(struct span *s);
uint16_t span_u16(struct span *s); /* big-endian, as on the wire */
uint32_t span_u32(struct span *s);

/* The next n bytes, or NULL (and bad) when there are fewer. */
const uint8_t *span_take(struct span *s, size_t n);

/* All that is left; *len is its length. Never NULL unless the span was. */
const uint8_t *span_rest(struct span *s, size_t *len);

#endif
