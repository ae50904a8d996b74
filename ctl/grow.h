/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A JSON object or array as it grows: like a struct buf it remembers a failure, so
 * that one question at the end is enough.
 */
#ifndef CTL_GROW_H
#define CTL_GROW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"

struct grow {
	json_t *at;
	bool bad;
};

struct grow grow_object(void);
struct grow grow_array(void);

/* Both take value over; NULL is one that there was no memory for. */
void grow_put(struct grow *object, const char *name, json_t *value);
void grow_add(struct grow *array, json_t *value);

/* What has grown, now the caller's; NULL when memory was short. */
json_t *grow_done(struct grow *g);

/* Values. Text that is not UTF-8 is no JSON: such octets become \xHH. */
json_t *grow_text(const char *text);
json_t *grow_text_n(const char *text, size_t len);
json_t *grow_text_or_null(const char *text); /* null for "" */
json_t *grow_hex(const uint8_t *data, size_t len);
json_t *grow_moment(time_t when);            /* "2026-08-01T12:00:00Z" */
json_t *grow_count(uint64_t number);

/* Is it? NUL is not, which no JSON text of ours has. */
bool grow_is_utf8(const char *text, size_t len);

/* A line of it: ASCII, compact. value is taken over; without memory out is bad. */
void grow_line(struct buf *out, json_t *value);

/* "2026-08-01T12:00:00Z", from 1970 on, and nothing else. */
bool grow_read_moment(const char *text, time_t *out);

#endif
