/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Octets of a log to lines of Postfix, whatever the container: RFC 3164 with and without
 * a host, ISO 8601, RFC 5424 with and without PRI, Postfix's own maillog_file, journald's
 * JSON, export and short forms, what docker and Kubernetes put in front, grep's file
 * names, repeated messages (maillog.md A.8). One reader for each file, because what
 * a line leaves open, such as the year, follows from those before it.
 */
#ifndef REPORT_LINE_H
#define REPORT_LINE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "tools/report/slice.h"
#include "tools/report/stamp.h"

#define LINE_NO_TIME STAMP_NONE
#define LINE_MAX_OCTETS 65536 /* of a record; what is longer is cut there */

struct line {
	int64_t us;            /* since 1970, UTC; LINE_NO_TIME for a bare line of danestsd */
	struct slice host;     /* "" where the container has none */
	struct slice instance; /* "postfix", "postfix/relay": what stands before the last '/' */
	struct slice program;  /* "smtp": what stands after it */
	uint32_t pid;          /* 0: not there */
	struct slice text;     /* after "program[pid]: ", no line end */
};

enum line_form { LINE_UNKNOWN, LINE_TEXT, LINE_JSON, LINE_EXPORT };

struct line_reader {
	struct stamp_clock clock; /* stamp.h */
	enum line_form form;      /* of the last record; how the next one is cut */
	struct buf own;           /* text that had to be unescaped: lives until the next call */
	uint64_t guessed;         /* lines whose year was guessed */
	/* What follows is line.c's own: the rest of a record that was too long. */
	bool skip, skip_line;
	uint64_t skip_octets;
};

void line_reader_init(struct line_reader *r, const struct line_zone *zone);
/* The file goes on where another one ended, with a line of that time: for the year, and for the
 * hour that comes twice. Before the first line. */
void line_reader_after(struct line_reader *r, int64_t us);
void line_reader_free(struct line_reader *r);

enum line_got {
	LINE_MORE,    /* no whole record is there (never with last) */
	LINE_GOOD,    /* *out is a line of some program */
	LINE_STRANGE, /* a record, and none of the forms; not empty */
	LINE_EMPTY,   /* a blank line, a header of journalctl, "last message repeated" */
};

/*
 * The record at the front of data; *used octets belong to it, also its end. last: nothing
 * comes after data. The slices point into data, or into r->own until the next call. A cut
 * last line (no line end) is a record with last. Any octets are fine. Memory that runs out
 * makes a record LINE_STRANGE.
 */
enum line_got line_next(struct line_reader *r, const char *data, size_t len, bool last,
    struct line *out, size_t *used);

/*
 * Does this look like the beginning of a record? For pieces of a log that was cut in the middle
 * of a line. What has no time in front, such as a bare line of danestsd, does not: it may as well
 * be the second half of one that has.
 */
bool line_begins(const char *data, size_t len);

#endif
