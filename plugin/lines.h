/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that are written as Postfix's main.cf is: '#' comments, and a line that begins
 * with a blank continues the one before. One logical line at a time comes out.
 */
#ifndef PLUGIN_LINES_H
#define PLUGIN_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"

#define LINES_PROBLEM 512

/* One logical line without blanks around it, not empty, which may be changed; number
 * is the line where it begins. False ends the reading; then problem[] is its own. */
typedef bool lines_fn(void *arg, size_t number, char *line, size_t len,
    char problem[LINES_PROBLEM]);

/* All: true, or false with "file:line: what" in problem[]. */

/* Every logical line of a text; file is its name in messages. */
bool lines_each(const char *file, const char *text, size_t len, lines_fn *fn, void *arg,
    char problem[LINES_PROBLEM]);

/* The same, some lines at a time: *more is false at the end. Whatever came of it,
 * lines_end(). */
struct lines {
	const char *file;
	lines_fn *fn;
	void *arg;
	const char *at;      /* what is left of the text */
	size_t left, number;
	struct buf logical;  /* the line so far */
	size_t start;        /* where that began */
};
void lines_begin(struct lines *lines, const char *file, const char *text, size_t len,
    lines_fn *fn, void *arg);
bool lines_some(struct lines *lines, size_t count, bool *more, char problem[LINES_PROBLEM]);
void lines_end(struct lines *lines);

/* All of a file of at most max octets. One that may be missing and is, is empty. */
bool lines_load(struct buf *out, const char *path, size_t max, bool may_be_missing,
    char problem[LINES_PROBLEM]);

/* The same, some at a time: *more is false at the end. The caller closes *file. */
bool lines_open(FILE **file, const char *path, char problem[LINES_PROBLEM]);
bool lines_load_some(struct buf *out, FILE *file, const char *path, size_t max, bool *more,
    char problem[LINES_PROBLEM]);

#endif
