/* SPDX-License-Identifier: BSD-2-Clause */
/* What the readers of the forms share: line.c, line_text.c, line_head.c, line_json.c, ... */
#ifndef REPORT_LINE_IMPL_H
#define REPORT_LINE_IMPL_H

#include "tools/report/line.h"

/* The front of a line of text, and what stands behind it. */
struct head {
	struct line *line;  /* where all but its time goes */
	const struct stamp_clock *clock; /* NULL: none that knows the last line */
	bool stamped;       /* stamp is there, */
	struct slice raw;   /* and how it is written; */
	bool again;         /* or it is the last line's minute again, and this is the time: */
	int64_t us;
	bool enveloped;     /* outer is there */
	struct stamp stamp; /* of who wrote the line */
	struct stamp outer; /* of who passed it on: docker, Kubernetes */
};

/* LINE_GOOD, LINE_EMPTY, LINE_STRANGE. The line has no line end. line and clock are the
 * caller's; clock is NULL after, when it is no help. */
enum line_got line_head(struct slice s, struct head *out);

/* The stamp at the front and the blank after it, if it is one. */
bool line_stamp(struct slice *s, struct head *h);
bool line_zoned(const struct head *h); /* it has a zone */

/* RFC 5424 6, from VERSION on: "1 2026-11-22T02:49:00Z mail postfix/smtp 123 - - text". */
bool line_head_5424(struct slice s, struct head *out);
/* What follows its stamp. */
bool line_fields_5424(struct slice s, struct head *out);

/* "postfix/relay/smtp": what stands before the last '/', and after it. */
void line_name(struct slice name, struct line *out);
/* "postfix/smtp[123]"; false: the program has no name. */
bool line_tag(struct slice tag, struct line *out);
/* 0 for what is none, or too large. */
uint32_t line_pid(struct slice digits);

/* What is left when a daemon has put a repeated message in "message repeated 2 times: [ ]". */
struct slice line_unrepeated(struct slice text);

/* The next word, and the blank after it; false: there is none. */
bool line_word(struct slice *s, struct slice *word);

enum line_got line_text(struct line_reader *r, struct slice s, struct line *out);
enum line_got line_json(struct line_reader *r, struct slice s, struct line *out);

/* What matters of an entry of the journal, whatever it is written in. */
enum journal_field {
	JOURNAL_MESSAGE, JOURNAL_IDENTIFIER, JOURNAL_SYSLOG_PID, JOURNAL_PID, JOURNAL_HOST,
	JOURNAL_SOURCE_TIME, JOURNAL_TIME, JOURNAL_COMM, JOURNAL_FIELDS /* not one of them */
};
struct journal {
	struct slice field[JOURNAL_FIELDS];
	bool there[JOURNAL_FIELDS]; /* of a repeated field the first counts */
};
enum journal_field journal_field(struct slice name);
enum line_got journal_line(struct line_reader *r, const struct journal *j, struct line *out);

/* A record of journalctl -o export; as line_next(). */
enum line_got line_export(struct line_reader *r, struct slice data, bool last,
    struct line *out, size_t *used);
/* A line that begins one. */
bool line_is_export(struct slice s);
/* Does data go on with an entry that was too long? */
bool line_is_skipped(struct line_reader *r, struct slice data, bool last);
/* Is there a field at the front, or the end of an entry? True when that cannot be told yet. */
bool line_is_field(struct slice data, bool last);

/* When a line has no time of its own: danestsd's may do without; others happened when the line
 * before did, if there was one. */
enum line_got line_untimed(const struct line_reader *r, struct line *out);

#endif
