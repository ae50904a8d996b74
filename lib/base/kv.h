/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "key=value key=value ...": one line, values quoted only where needed.
 *
 *	nexthop=example.com hosts=2 reason="say \"no\""
 *
 * A key is lower-case letters, digits and '_'. A value stands bare unless it is
 * empty or holds a blank, '"' or '\'; inside quotes '"' and '\' have a '\' before
 * them. Everything else than printable ASCII is written as '?'.
 */
#ifndef BASE_KV_H
#define BASE_KV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Adds a blank first unless the buffer is empty or ends with one. */
void kv_write(struct buf *out, const char *key, const char *value);
/* The same, quoted whether needed or not. */
void kv_write_quoted(struct buf *out, const char *key, const char *value);

struct kv {
	const char *key;
	size_t key_len;
	const char *value;  /* as written, without the quotes */
	size_t value_len;
	bool quoted;        /* then '\' is an escape in value */
};

enum kv_status { KV_END, KV_PAIR, KV_BAD };

/* The next pair at *at, which moves past it. KV_BAD: what stands there is no
 * pair; *at stays. */
enum kv_status kv_next(const char **at, const char *end, struct kv *out);

/* The value itself; out has room for value_len + 1 bytes. Returns its length. */
size_t kv_value(const struct kv *kv, char *out);

#endif
