/* SPDX-License-Identifier: BSD-2-Clause */
/* Where sheets go: standard output, or files that are whole or not there. */
#ifndef REPORT_WRITE_H
#define REPORT_WRITE_H

#include "tools/report/options.h"
#include "tools/report/sheet.h"

/*
 * Files are written aside and then renamed: a reader finds the old one or the new one. A
 * symbolic link of that name is replaced, never followed. Several files belong together: all of
 * them are written before the first is renamed.
 */
struct write;

/* All return EX_OK, or, after a complaint, EX_IOERR or EX_OSERR; *out is to be freed in any
 * case. dir: NULL for files as they are named; made when it is not there. */
int write_open(struct write **out, const char *dir);
int write_sheet(struct write *w, const char *name, const struct sheet *sheet,
    enum format format);
int write_commit(struct write *w);
void write_free(struct write *w);  /* what was not committed is removed; NULL is fine */

/* Standard output; FORMAT_AUTO: by what it is. */
int write_stdout(const struct sheet *sheet, enum format format);

#endif
