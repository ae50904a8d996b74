/* SPDX-License-Identifier: BSD-2-Clause */
/* What dane-report is asked for: spec.md section 8. */
#ifndef REPORT_OPTIONS_H
#define REPORT_OPTIONS_H

#include <stdio.h>

#include "tools/report/classify.h"
#include "tools/report/internal.h"
#include "tools/report/tally.h"
#include "tools/report/view.h"

enum format { FORMAT_AUTO, FORMAT_CSV, FORMAT_JSON, FORMAT_TABLE };
enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

struct options {
	enum report report;
	bool all;                 /* every report, as CSV, into the folder `out` */
	const char **files;       /* the logs, and after them the --policies */
	size_t count, policies;
	const char *out;          /* NULL: standard output */
	enum format format;
	enum when progress;
	const char *zone;         /* NULL: as the environment has it */
	int year;                 /* 0: not given */
	bool all_time;
	struct view view;
	struct classify_options classify;
	struct internal *internal;
	const char **others;      /* --policies while options are read */
};

/*
 * argv's strings must live as long. 0, or an exit code after a complaint; *done: all was said
 * (--help, --version), the code is the exit code. options_free() in any case.
 */
int options_read(struct options *o, int argc, char **argv, bool *done);
void options_free(struct options *o);
/* What does not go together, in words; NULL: all of it does. */
const char *options_clash(const struct options *o);
/* Adds a filter that something can match. 0, or an exit code after a complaint. */
int options_filter(struct view *view, enum column column, bool starts, const char *text);

/* "dane-report: ..." on stderr, safe for a terminal. */
void report_usage(FILE *out);
void report_complain(const char *fmt, ...) ATTR_PRINTF(1, 2);

#endif
