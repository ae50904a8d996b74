/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files, in any order, plain or compressed, to lines in the order of time.
 *
 * The head of each file is looked at first (256 KiB at most), for its first time and for whether
 * it begins with a whole record. Files are put in order by their first time (ties: rotated ones
 * with the higher number first, else by name), opened when their turn comes and merged line by
 * line where they overlap; a file whose times go back is taken as it stands. A file without
 * times comes first when it has records of its own, such as bare lines of danestsd; when it
 * begins in the middle of one, behind the file before it by name; else at the end.
 *
 * Where a log was cut in the middle of a record, the parts are put together again, also when
 * some of them are less than a line: with the next file of the same log by name and time, or,
 * where names say nothing, with one that begins in the middle and makes a record of both.
 * Files of one log are those of one directory whose names differ in numbers and in what
 * compresses them. A file that goes on where another one ended takes over its year, and the
 * hour that came twice. What no record can be made of is counted as strange.
 *
 * Limits: two pieces of one log that both begin within the hour that comes twice are in the
 * order of what they say, right or wrong. An entry of journalctl -o export that is cut before
 * its time, as the first one of a log, is lost. More than some thousand attempts to fit nameless
 * pieces are not made. A record is cut at LINE_MAX_OCTETS.
 *
 * Everything but unpacking (unpack.h: threads, descriptors) is done by the calling thread. Each
 * open file has a buffer of 256 KiB, less when many are; as many may be open as there are
 * files. Nothing here knows what a line means; lines that stand in two files come twice
 * (join.h counts them once).
 */
#ifndef REPORT_INPUT_H
#define REPORT_INPUT_H

#include "tools/report/line.h"

struct input_options {
	const char *const *files; /* "-" is standard input; count 0: standard input alone */
	size_t count;
	size_t policies;          /* so many of the last files are --policies: at equal times
	                           * their lines come first, those without a time before all */
	int64_t now;
	int year;                 /* of the oldest line without one; 0: guess (line.h) */
	/* Now and then; octets of the files themselves, total 0 when that is not known. */
	void (*progress)(void *arg, uint64_t done, uint64_t total, uint64_t lines);
	void *arg;
	/* What cannot be read: the file, why, what came of it. The others go on. */
	void (*complain)(void *arg, const char *file, const char *why);
};

struct input_counts {
	uint64_t lines;    /* records that were not empty */
	uint64_t strange;  /* of these, of no known form */
	uint64_t guessed;  /* lines whose year was guessed */
	uint64_t octets;   /* of the files themselves */
	size_t missing;    /* files that could not be opened: exit code 66 */
	size_t damaged;    /* files that could not be read to the end: exit code 65 */
	bool out_of_memory;
};

/* Calls take for each line; what it is given lives until it returns. */
void input_run(const struct input_options *options, struct input_counts *counts,
    void (*take)(void *arg, const struct line *line), void *arg);

#endif
