/* SPDX-License-Identifier: BSD-2-Clause */
/* What is linted, line by line: how it is written, for those who know what to say. */
#ifndef API_LINT_H
#define API_LINT_H

#include "base/attr.h"
#include "base/buf.h"
#include "danests.h"
#include "parse/note.h"

struct danests_lint {
	bool good;
	struct buf text;     /* the lines, each with a NUL */
	const char **lines;  /* once it is done */
	size_t count;
};

/* Zeroed; NULL: out of memory. */
danests_lint *lint_new(void);

/* A line of any length: octets that are not printable become '?'. */
void lint_line(danests_lint *lint, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* As lint_line(), and whether it is good: the first of the lines. */
void lint_verdict(danests_lint *lint, bool good, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* "warning: ..." for each, and how many more there are; then they are freed. */
void lint_warnings(danests_lint *lint, struct notes *notes);

/* Takes lint over. DANESTS_OK and *out; DANESTS_ENOMEM when anything of it failed. */
int lint_done(danests_lint **out, danests_lint *lint) ATTR_MUST_CHECK;

#endif
