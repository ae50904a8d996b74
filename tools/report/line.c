/* SPDX-License-Identifier: BSD-2-Clause */
/* Octets to records, and records to who reads them. */
#include "tools/report/line.h"

#include <string.h>

#include "base/text.h"
#include "tools/report/line_impl.h"

void line_reader_init(struct line_reader *r, const struct line_zone *zone)
{
	*r = (struct line_reader){0};
	stamp_clock_init(&r->clock, zone);
}

void line_reader_after(struct line_reader *r, int64_t us)
{
	r->clock.last_us = us;
}

void line_reader_free(struct line_reader *r)
{
	if (r == NULL)
		return;
	buf_free(&r->own);
	*r = (struct line_reader){0};
}

static const char *line_end(const char *data, size_t len)
{
	return len == 0 ? NULL : memchr(data, '\n', len);
}

/* Without what ends it, and without the mark that some editors put before a file. */
static struct slice trim(const char *data, size_t len)
{
	struct slice s = { data, len };

	while (s.len > 0 && (s.p[s.len - 1] == '\n' || s.p[s.len - 1] == '\r'))
		s.len--;
	if (s.len > 0 && *s.p == '\xef')
		(void)slice_take(&s, SLICE("\xef\xbb\xbf"));
	return s;
}

/* The rest of a line that was cut. */
static enum line_got skip_line(struct line_reader *r, const char *data, size_t len, size_t *used)
{
	const char *end = line_end(data, len);

	r->skip = end == NULL;
	*used = end == NULL ? len : (size_t)(end - data) + 1;
	return LINE_EMPTY;
}

/* The octets of the line at the front; 0: its end is not there. One without an end in sight is
 * cut, whether or not more of it is there, so that it does not matter how data came. */
static size_t cut_line(struct line_reader *r, const char *data, size_t len, bool last)
{
	size_t most = len <= LINE_MAX_OCTETS ? len : LINE_MAX_OCTETS + 1;
	const char *end = line_end(data, most);

	if (end != NULL)
		return (size_t)(end - data) + 1;
	if (len > LINE_MAX_OCTETS) {
		r->skip = true;
		return LINE_MAX_OCTETS;
	}
	return last ? len : 0;
}

/* One line, or the entry that it begins. */
static enum line_got read_line(struct line_reader *r, struct slice data, bool last,
    struct line *out, size_t *used)
{
	struct slice s;
	enum line_got got;

	*used = cut_line(r, data.p, data.len, last);
	if (*used == 0)
		return LINE_MORE;
	s = trim(data.p, *used);
	if (s.len > 0 && *s.p == '_' && line_is_export(s)) {
		r->skip = false;
		r->form = LINE_EXPORT;
		*used = (size_t)(s.p - data.p);
		if (*used > 0)
			return LINE_EMPTY; /* the mark in front */
		return line_export(r, data, last, out, used);
	}
	if (r->form != LINE_TEXT && s.len > 0)
		r->form = *s.p == '{' ? LINE_JSON : LINE_TEXT;
	got = s.len > 0 && *s.p == '{' ? line_json(r, s, out) : line_text(r, s, out);
	r->guessed = r->clock.guessed;
	return got;
}

enum line_got line_next(struct line_reader *r, const char *data, size_t len, bool last,
    struct line *out, size_t *used)
{
	struct slice s = { data, len };

	*used = 0;
	if (len == 0)
		return LINE_MORE;
	/* Files of several forms may have been put together. */
	if (r->form == LINE_EXPORT && (line_is_skipped(r, s, last) || line_is_field(s, last)))
		return line_export(r, s, last, out, used);
	if (r->skip)
		return skip_line(r, data, len, used);
	return read_line(r, s, last, out, used);
}

bool line_begins(const char *data, size_t len)
{
	const char *end = line_end(data, len);
	struct slice s = trim(data, end == NULL ? len : (size_t)(end - data));
	struct line line;
	struct head h = { .line = &line };

	if (slice_begins(s, SLICE("{\"")) || line_is_export(s) || slice_begins(s, SLICE("-- ")))
		return true;
	switch (line_head(s, &h)) {
	case LINE_EMPTY:
		return true;
	case LINE_GOOD:
		return h.stamped || h.enveloped;
	default:
		return false;
	}
}
