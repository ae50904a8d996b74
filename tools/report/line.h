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

#define LINE_NO_TIME INT64_MIN
#define LINE_MAX_OCTETS 65536 /* of a record; what is longer is cut there */

struct line {
	int64_t us;            /* since 1970, UTC; LINE_NO_TIME for a bare line of danestsd */
	struct slice host;     /* "" where the container has none */
	struct slice instance; /* "postfix", "postfix/relay": what stands before the last '/' */
	struct slice program;  /* "smtp": what stands after it */
	uint32_t pid;          /* 0: not there */
	struct slice text;     /* after "program[pid]: ", no line end */
};

/* Times without a zone are local ones, by the zone of the process (TZ, tzset(3)). One that
 * exists twice, because the clock was put back, is the later one when the line before was
 * not earlier than the first. */
struct line_zone {
	int64_t now;   /* seconds; a line without a year is not from after tomorrow */
	int year;      /* of the first line without one; 0: the latest that is not in the future */
};

enum line_form { LINE_UNKNOWN, LINE_TEXT, LINE_JSON, LINE_EXPORT };

struct line_reader {
	struct line_zone zone;
	enum line_form form;    /* how records are cut; by the first octets */
	struct buf own;         /* text that had to be unescaped: lives until the next call */
	/* What follows is line.c's and clock's own. */
	int year;               /* of the last line without one; 0: none yet */
	unsigned month;
	int64_t last_us;        /* of the last line with a time */
	char stamp[40];         /* of the last line, as it was written, */
	size_t stamp_len;
	int64_t stamp_us;       /* and what it was read as */
	struct line repeat;     /* see line_next() */
	uint64_t guessed;       /* lines whose year was guessed */
};

void line_reader_init(struct line_reader *r, const struct line_zone *zone);
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

/* Does this look like the beginning of a record of this reader's file? For pieces of a log
 * that was cut in the middle of a line. */
bool line_begins(const char *data, size_t len);

#endif
