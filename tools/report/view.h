/* SPDX-License-Identifier: BSD-2-Clause */
/* What of it somebody wants to see: period, filters, bucket, top. */
#ifndef REPORT_VIEW_H
#define REPORT_VIEW_H

#include <stdint.h>

#include "base/attr.h"
#include "tools/report/slice.h"

/*
 * Seconds since 1970, until is not part of it. Relative ones ("7d", "6m") are whole days
 * of UTC, the last of which is the day of the last line (or the day before until):
 * "1d" is that day alone, "6m" begins on the day after the same day six months before. As
 * the last line is not known until the end, who counts keeps days apart. An until of "7d" leaves
 * the last seven days out: it ends where "--since 7d" begins; a relative since beside it is
 * counted from the last line, too.
 */
#define PERIOD_OPEN_SINCE INT64_MIN
#define PERIOD_OPEN_UNTIL INT64_MAX

struct period {
	int64_t since, until; /* PERIOD_OPEN_...: not given */
	unsigned days, months; /* of since; one of them, or none */
	unsigned until_days, until_months; /* likewise, of until */
	bool usual;           /* no since was given: the seven days that end with until */
};

/* What it is when nothing is asked for, and without any bounds (--all-time). */
#define PERIOD_USUAL ((struct period){ PERIOD_OPEN_SINCE, PERIOD_OPEN_UNTIL, 0, 0, 0, 0, true })
#define PERIOD_ALL ((struct period){ PERIOD_OPEN_SINCE, PERIOD_OPEN_UNTIL, 0, 0, 0, 0, false })

/* "7d", "6m", "2026-08-01", "2026-08-01T12:00:00Z", for since, or for until (a date there: that
 * day belongs to it). 0 or DANESTS_EINVAL. */
int period_since(struct period *p, const char *text) ATTR_MUST_CHECK;
int period_until(struct period *p, const char *text) ATTR_MUST_CHECK;
/* Both in seconds, with the last line at `last` (seconds; INT64_MIN: there was none), and never
 * until before since. An open since stays PERIOD_OPEN_SINCE. */
void period_resolve(const struct period *p, int64_t last, int64_t *since, int64_t *until);
/* The earliest that can still matter when the newest line so far is at `last`. */
int64_t period_floor(const struct period *p, int64_t last);

enum bucket { BUCKET_DAY, BUCKET_HOUR, BUCKET_WEEK, BUCKET_MONTH };
/* Begin of the bucket that second t is in, and of the one after it; weeks begin on Monday. */
int64_t bucket_begin(enum bucket b, int64_t t);
int64_t bucket_next(enum bucket b, int64_t begin);
#define BUCKET_TEXT 24
/* "2026-11-22", "2026-11-22T05:00:00Z", "2026-11-16" (the Monday), "2026-11" */
void bucket_text(enum bucket b, int64_t begin, char out[BUCKET_TEXT]);

enum column { COLUMN_DOMAIN, COLUMN_TYPE, COLUMN_ERROR, COLUMN_COUNT };

/*
 * --domain-is and the like. A cell passes when one of its column's filters matches, or there
 * is none; a row when all its cells pass and, with --search, one of its cells has one of the
 * texts in it. ASCII case does not matter. An error matches as a whole ("4.7.323
 * tlsa-invalid"), by its code or by its token.
 */
struct filter {
	struct filter *next;
	enum column column;
	bool starts; /* else: is */
	char *text;
};

struct view {
	struct period period;
	struct filter *filters;   /* the view's own */
	char **search;
	size_t searches;
	enum bucket bucket;
	unsigned long top;        /* no-tls: 0: not asked for */
	bool messages;            /* --count messages */
};

/* text is copied; a domain goes to lower case and A-labels. 0, DANESTS_ENOMEM. */
int view_filter(struct view *view, enum column column, bool starts, const char *text)
    ATTR_MUST_CHECK;
int view_search(struct view *view, const char *text) ATTR_MUST_CHECK;
bool view_passes(const struct view *view, enum column column, struct slice cell);
bool view_found(const struct view *view, const struct slice *cells, size_t count);
void view_free(struct view *view);

#endif
