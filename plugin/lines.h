/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that are written as Postfix's main.cf is: '#' comments, and a line that begins
 * with a blank continues the one before. One logical line at a time comes out.
 */
#ifndef PLUGIN_LINES_H
#define PLUGIN_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define LINES_PROBLEM 512

/* One logical line without blanks around it, not empty, which may be changed; number
 * is the line where it begins. False ends the reading; then problem[] is its own. */
typedef bool lines_fn(void *arg, size_t number, char *line, size_t len,
    char problem[LINES_PROBLEM]);

/* Both: true, or false with "file:line: what" in problem[]. */

/* Every logical line of a text; file is its name in messages. */
bool lines_each(const char *file, const char *text, size_t len, lines_fn *fn, void *arg,
    char problem[LINES_PROBLEM]);

/* All of a file of at most max octets. One that may be missing and is, is empty. */
bool lines_load(struct buf *out, const char *path, size_t max, bool may_be_missing,
    char problem[LINES_PROBLEM]);

#endif
