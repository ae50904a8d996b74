/* SPDX-License-Identifier: BSD-2-Clause */
/* For the tests of tools/report/event.h: a line from two strings, slices against strings. */
#ifndef REPORT_EVENT_HELP_H
#define REPORT_EVENT_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "tools/report/event.h"

/* Exactly len octets on the heap, so that a sanitizer sees a look at the next. */
static inline enum event_kind read_n(const char *program, const char *text, size_t len,
    char **copy, struct event *out)
{
	struct line line = { .program = slice_of(program) };

	*copy = malloc(len > 0 ? len : 1);
	assert_non_null(*copy);
	memcpy(*copy, text, len);
	line.text = (struct slice){ *copy, len };
	memset(out, 0xff, sizeof(*out)); /* what a reader does not set must not pass for set */
	event_read(&line, out);
	return out->kind;
}

static inline enum event_kind read_line(const char *program, const char *text, struct event *out)
{
	const struct line line = { .program = slice_of(program), .text = slice_of(text) };

	memset(out, 0xff, sizeof(*out));
	event_read(&line, out);
	return out->kind;
}

#define assert_slice(s, text) check_slice((s), (text), __FILE__, __LINE__)

static inline void check_slice(struct slice s, const char *text, const char *file, int line)
{
	if (!slice_equal(s, slice_of(text))) {
		print_error("\"%.*s\" is not \"%s\"\n", (int)s.len, s.p, text);
		_fail(file, line);
	}
}

#endif
