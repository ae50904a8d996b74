/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of input.h share: look at each file's head (scan) ▸ put them in order (name,
 * order) ▸ read them line by line (file, cut) ▸ merge (input.c).
 */
#ifndef REPORT_INPUT_IMPL_H
#define REPORT_INPUT_IMPL_H

#include "tools/report/input.h"
#include "tools/report/unpack.h"

#define INPUT_HEAD (256 * 1024)       /* where the first time of a file must be */
#define INPUT_BUFFER (256 * 1024)     /* of a file that is read; less each when many are: */
#define INPUT_BUFFER_MIN (16 * 1024)
#define INPUT_BUFFERS (4 * 1024 * 1024) /* about so much of all */
#define INPUT_RECORD (2 * LINE_MAX_OCTETS) /* no record needs more */
#define INPUT_PIECE 8192              /* of a first record that is kept from the look */
#define INPUT_FAR (INT64_C(1) << 60)  /* no time of a log */
#define INPUT_FITS 10000              /* attempts to find what belongs together */
/* Stamps of several processes may be a bit out of order where a log was cut: so long the first
 * file may go on before one begins that wants the beginning of its first line. */
#define INPUT_SLACK_US INT64_C(2000000)
/* Two lines of a log that follow each other: "1" does not belong before "026-11-01T...". */
#define INPUT_APART_US (31 * INT64_C(86400000000))
/* A stamp so long before the last one is no disorder: the clocks were put back. */
#define INPUT_LATER_US INT64_C(600000000)
#define INPUT_FIRST INT64_MIN         /* keys: before all others, */
#define INPUT_NEVER INT64_MAX         /* and when another file ends */

enum file_state { FILE_WAITING, FILE_LIVE, FILE_OVER };

struct file {
	const char *path;
	size_t at;              /* in the arguments */
	bool policies;
	int year;               /* for its reader */
	/* What the look at its head told. */
	bool once;              /* a pipe: it was left open, what was read is in data */
	bool timed;             /* a line with a time is near its beginning, */
	int64_t first_us;       /* this one, */
	int64_t second_us;      /* or this one, when the clocks were put back */
	bool yearless;
	bool bare;              /* it begins with a line of danestsd without a time */
	bool cut_start;         /* its first octets look like the end of some record */
	bool whole;             /* piece is all of it */
	char *piece;            /* its first line, when that is short */
	size_t piece_len;
	int64_t size;
	/* Its place. */
	size_t rank;            /* among equal times */
	struct file *next;      /* what follows in the same log */
	bool owned;             /* and this does, after another one */
	bool fronted;           /* one of no time goes before it */
	struct file *heir;      /* the last one that gave octets to the end of this one */
	bool joined;            /* its first octets belong to another one's record */
	bool after;             /* the file before it in the same log has just ended, */
	int64_t after_us;       /* at this time */
	/* While it is read. */
	enum file_state state;
	struct unpack *u;
	bool ready;             /* reader and buffer are there */
	struct line_reader reader;
	char *data;
	size_t cap, from, to;
	bool eof;               /* nothing comes after data */
	bool last;              /* and its last record is complete, or put together */
	bool force;             /* what is there must do: it is too long */
	struct line line;       /* the next one of this file */
	int64_t key;            /* its time for the merge: never goes back */
	size_t heap_at;
};

struct run {
	const struct input_options *options;
	struct input_counts *counts;
	struct file *files;
	size_t count;
	struct file **heap;     /* of files that wait or are read: first is next */
	size_t heap_len;
	char *head;             /* INPUT_HEAD octets for looking */
	size_t fits;            /* attempts that are left (INPUT_FITS) */
	size_t buffers;         /* of files that are read */
	uint64_t total;         /* octets of all files; 0: not known */
	int64_t shown_ms;
};

/* scan: the beginning of a file. false: it cannot be read, and that was said. */
bool input_scan(struct run *run, struct file *f);
/* One record of some file, by a reader of its own. */
enum line_got input_try(const struct run *run, int year, const char *data, size_t len, bool last,
    int64_t *us, size_t *used);
/* With --year: which files are of the year after it. */
bool input_years(struct run *run);

/* name: the order that the names of files ask for; and those of one log are equal. */
int input_name_order(const struct file *a, const struct file *b);
int input_name_log(const struct file *a, const struct file *b);
size_t input_name_dir(const char *path); /* octets of the directory, with its '/' */

/* order: keys, ranks and who follows whom. false: no memory. */
bool input_order(struct run *run);
/* Nothing wanted f, and it is only what may be put before a line: "<22>", "mail-1  | ". */
bool input_prefix(struct run *run, const struct file *f);

/* file: open it, or do nothing when it is. false: it cannot be, and that was said. */
bool input_open(struct run *run, struct file *f);
/* The file before f in the same log has ended, or is about to, with a line of that time; nothing
 * was read of f. */
void input_follow(struct file *f, int64_t us);
/* More octets, or eof. false: nothing can be added. */
bool input_fill(struct run *run, struct file *f);
/* Room for so many octets after `to`. */
bool input_room(struct run *run, struct file *f, size_t n);
/* The next line and its key; false: the file is over, and closed. */
bool input_next(struct run *run, struct file *f);
void input_close(struct run *run, struct file *f);
void input_complain(const struct run *run, const struct file *f, const char *why,
    const char *came);

/* cut: the rest of f has no line end and nothing comes: what follows elsewhere, if any. */
void input_cut(struct run *run, struct file *f);
/* Is x, a piece of less than a line, with those behind it the first line of a log? */
bool input_starts(struct run *run, const struct file *x);

#endif
