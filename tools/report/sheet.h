/* SPDX-License-Identifier: BSD-2-Clause */
/* A report as rows of cells: what CSV, JSON and tables are made from. */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include <stdint.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/buf.h"
#include "tools/report/slice.h"

struct sheet_column {
	const char *name;  /* as in the header of the CSV */
	bool number;       /* its cells are digits only */
};

#define SHEET_COLUMNS 7

struct sheet {
	const char *title;                 /* for people */
	const struct sheet_column *columns;
	size_t width;                      /* columns */
	struct buf cells;                  /* of all rows, one after the other */
	uint32_t *ends;                    /* where each cell ends in cells */
	size_t count, room;                /* cells so far, places for them */
	bool bad;                          /* out of memory: sticky */
};

void sheet_init(struct sheet *s, const char *title, const struct sheet_column *columns,
    size_t width);
void sheet_text(struct sheet *s, struct slice cell); /* octets of any kind */
void sheet_number(struct sheet *s, uint64_t n);
size_t sheet_rows(const struct sheet *s);
struct slice sheet_cell(const struct sheet *s, size_t row, size_t column);
void sheet_free(struct sheet *s);

/* Octets that are no UTF-8 come out as U+FFFD, other control characters as '?'. False: the
 * stream failed (errno). */
bool out_csv(const struct sheet *s, FILE *to);   /* RFC 4180, header line first, CR LF */
bool out_json(const struct sheet *s, FILE *to);  /* an array of objects, numbers as numbers */
/* For people; width 0: as wide as need be. */
bool out_table(const struct sheet *s, FILE *to, unsigned width);

#endif
