/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files, in any order, plain or compressed, to lines in the order of time.
 *
 * Files are put in order by their first time (ties: rotated ones with the higher number
 * first, else by name), opened when their turn comes and merged line by line where they
 * overlap; a file whose times go back is taken as it stands. Where a log was cut in the
 * middle of a line, the two halves are put together again. Nothing here knows what a line
 * means; lines that stand in two files come twice (join.h counts them once).
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
