/* SPDX-License-Identifier: BSD-2-Clause */
/* Some octets of a line: borrowed, of any kind, without a NUL. */
#ifndef REPORT_SLICE_H
#define REPORT_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *p; /* may be NULL when len is 0 */
	size_t len;
};

#define SLICE(literal) ((struct slice){ (literal), sizeof(literal) - 1 })

static inline struct slice slice_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool slice_begins(struct slice s, struct slice with)
{
	return s.len >= with.len && memcmp(s.p, with.p, with.len) == 0;
}

/* What is left after the first n octets; n <= s.len. */
static inline struct slice slice_after(struct slice s, size_t n)
{
	return (struct slice){ s.p + n, s.len - n };
}

/* Takes `with` off the front; false: it does not stand there, *s stays. */
static inline bool slice_take(struct slice *s, struct slice with)
{
	if (!slice_begins(*s, with))
		return false;
	*s = slice_after(*s, with.len);
	return true;
}

#endif
