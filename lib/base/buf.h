/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Growable bytes with a sticky failure: write a whole message, check once.
 * A zeroed struct buf is an empty buffer. After any call data is either NULL
 * (nothing was ever written) or followed by a NUL that len does not count.
 * When memory runs out, bad becomes true and later writes do nothing.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct buf {
	char *data;
	size_t len, cap;
	bool bad;
};

void buf_add(struct buf *b, const void *data, size_t len);
void buf_str(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) ATTR_PRINTF(2, 3);
void buf_u8(struct buf *b, uint8_t v);
void buf_u16(struct buf *b, uint16_t v); /* big-endian, as on the wire */
void buf_u32(struct buf *b, uint32_t v);

/* Room for at least n more bytes; where they go, or NULL (then b->bad). The
 * caller adds what it wrote to b->len itself, e.g. after read(2). */
char *buf_room(struct buf *b, size_t n);

void buf_consume(struct buf *b, size_t n); /* drop n bytes from the front */
void buf_reset(struct buf *b);             /* empty, keep the memory */
void buf_free(struct buf *b);              /* empty, give the memory back */

/* The text, now owned by the caller (free(3)); NULL when bad. b is empty after. */
char *buf_steal(struct buf *b);

#endif
