/* SPDX-License-Identifier: BSD-2-Clause */
/* A line of text, whatever stands in front. */
#include <string.h>

#include "tools/report/line_impl.h"

enum line_got line_untimed(const struct line_reader *r, struct line *out)
{
	out->us = LINE_NO_TIME;
	if (slice_equal(out->program, SLICE("danestsd")))
		return LINE_GOOD;
	out->us = r->clock.last_us;
	return out->us == STAMP_NONE ? LINE_STRANGE : LINE_GOOD;
}

/* Blanks, and the NULs that a crash leaves in a file. */
static bool is_blank(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\0')
			return false;
	}
	return true;
}

/* "-- Boot 0123 --" and others of journalctl, "--" of grep -C, "==> mail.log <==" of tail. */
static bool is_heading(struct slice s)
{
	static const struct { struct slice from, to; } rows[] = {
		{ SLICE("-- "), SLICE(" --") }, { SLICE("==> "), SLICE(" <==") },
	};

	if (slice_equal(s, SLICE("--")))
		return true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t to = rows[i].to.len;

		if (slice_begins(s, rows[i].from) && s.len > to &&
		    memcmp(s.p + s.len - to, rows[i].to.p, to) == 0)
			return true;
	}
	return false;
}

/* What stands after the last NUL: what was written to the file after the crash. */
static struct slice after_nul(struct slice s)
{
	size_t n = s.len;

	while (n > 0 && s.p[n - 1] != '\0')
		n--;
	return slice_after(s, n);
}

static enum line_got timed(struct line_reader *r, const struct head *h, struct line *out)
{
	if (h->enveloped) {
		out->us = h->stamped ? stamp_time_within(&r->clock, &h->stamp, &h->outer) :
		    stamp_time(&r->clock, &h->outer);
	} else if (!h->stamped) {
		return line_untimed(r, out);
	} else if (h->again) {
		out->us = stamp_time_again(&r->clock, h->us);
	} else {
		out->us = stamp_time(&r->clock, &h->stamp);
		stamp_remember(&r->clock, h->raw.p, h->raw.len, &h->stamp);
	}
	return LINE_GOOD;
}

enum line_got line_text(struct line_reader *r, struct slice s, struct line *out)
{
	enum line_got got;
	struct head h;

	if (s.len == 0 || *s.p == ' ' || *s.p == '\t' || *s.p == '\0') {
		if (is_blank(s))
			return LINE_EMPTY;
	} else if ((*s.p == '-' || *s.p == '=') && is_heading(s)) {
		return LINE_EMPTY;
	}
	h.line = out;
	h.clock = &r->clock;
	got = line_head(s, &h);
	if (got == LINE_STRANGE && memchr(s.p, '\0', s.len) != NULL) {
		h.clock = &r->clock;
		got = line_head(after_nul(s), &h);
	}
	return got == LINE_GOOD ? timed(r, &h, out) : got;
}
