/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of a log, as tests want to see them. */
#ifndef LINE_HELP_H
#define LINE_HELP_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "tools/report/line.h"

#define NOW INT64_C(1795348800) /* 2026-11-22 12:00 UTC */

static inline struct line_reader reader_of(const char *zone)
{
	struct line_reader r;

	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
	line_reader_init(&r, &(struct line_zone){ .now = NOW });
	return r;
}

/* "1795316346000000|mail|postfix|smtp|123|text", "empty", "strange"; each with a line end. */
static inline void show_line(struct buf *to, enum line_got got, const struct line *line)
{
	const struct slice parts[] = { line->host, line->instance, line->program };

	if (got != LINE_GOOD) {
		buf_str(to, got == LINE_EMPTY ? "empty\n" : "strange\n");
		return;
	}
	if (line->us == LINE_NO_TIME)
		buf_str(to, "none");
	else
		buf_printf(to, "%" PRId64, line->us);
	for (size_t i = 0; i < 3; i++) {
		buf_char(to, '|');
		buf_add(to, parts[i].p, parts[i].len);
	}
	buf_printf(to, "|%" PRIu32 "|", line->pid);
	buf_add(to, line->text.p, line->text.len);
	buf_char(to, '\n');
}

/* All lines of data that is all there; those that are empty are left out when told so. */
static inline void show_all(struct buf *to, struct line_reader *r, struct slice data,
    bool with_empty)
{
	while (data.len > 0) {
		struct line line = {0};
		size_t used;
		enum line_got got = line_next(r, data.p, data.len, true, &line, &used);

		assert_true(got != LINE_MORE && used > 0 && used <= data.len);
		if (got != LINE_EMPTY || with_empty)
			show_line(to, got, &line);
		data = slice_after(data, used);
	}
}

/* What one record is. */
static inline void assert_shows(const char *zone, struct slice data, const char *expected)
{
	struct line_reader r = reader_of(zone);
	struct buf shown = {0};

	show_all(&shown, &r, data, true);
	assert_non_null(shown.data);
	shown.data[shown.len - 1] = '\0';
	assert_string_equal(shown.data, expected);
	buf_free(&shown);
	line_reader_free(&r);
}

static inline void assert_text_shows(const char *text, const char *expected)
{
	assert_shows("UTC0", (struct slice){ text, strlen(text) }, expected);
}

#endif
