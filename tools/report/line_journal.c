/* SPDX-License-Identifier: BSD-2-Clause */
/* An entry of the journal: systemd.journal-fields(7). */
#include <string.h>

#include "base/text.h"
#include "tools/report/line_impl.h"

enum journal_field journal_field(struct slice name)
{
	static const struct slice names[JOURNAL_FIELDS] = {
		[JOURNAL_MESSAGE] = SLICE("MESSAGE"),
		[JOURNAL_IDENTIFIER] = SLICE("SYSLOG_IDENTIFIER"),
		[JOURNAL_SYSLOG_PID] = SLICE("SYSLOG_PID"), [JOURNAL_PID] = SLICE("_PID"),
		[JOURNAL_HOST] = SLICE("_HOSTNAME"),
		[JOURNAL_SOURCE_TIME] = SLICE("_SOURCE_REALTIME_TIMESTAMP"),
		[JOURNAL_TIME] = SLICE("__REALTIME_TIMESTAMP"), [JOURNAL_COMM] = SLICE("_COMM"),
	};
	unsigned i = 0;

	while (i < JOURNAL_FIELDS && !slice_equal(names[i], name))
		i++;
	return (enum journal_field)i;
}

/* When it happened; else when the journal got it. journalctl's short forms do the same. */
static bool time_of(const struct journal *j, int64_t *us)
{
	static const enum journal_field fields[] = { JOURNAL_SOURCE_TIME, JOURNAL_TIME };

	for (unsigned i = 0; i < 2; i++) {
		struct slice s = j->field[fields[i]];
		uint64_t value;

		/* The last second of the year 9999. */
		if (text_number(s.p, s.len, 1, UINT64_C(253402300799999999), &value)) {
			*us = (int64_t)value;
			return true;
		}
	}
	return false;
}

/* Its first line: of others the containers of text have no more, either. */
static struct slice first_line(struct slice s)
{
	const char *end = s.len == 0 ? NULL : memchr(s.p, '\n', s.len);

	if (end != NULL)
		s.len = (size_t)(end - s.p);
	while (s.len > 0 && s.p[s.len - 1] == '\r')
		s.len--;
	return s;
}

enum line_got journal_line(struct line_reader *r, const struct journal *j, struct line *out)
{
	enum journal_field name = j->there[JOURNAL_IDENTIFIER] ? JOURNAL_IDENTIFIER : JOURNAL_COMM;
	uint32_t pid = line_pid(j->field[JOURNAL_SYSLOG_PID]);
	bool named = line_tag(j->there[name] ? j->field[name] : SLICE(""), out);

	if (pid == 0)
		pid = line_pid(j->field[JOURNAL_PID]);
	if (pid != 0)
		out->pid = pid;
	out->host = j->field[JOURNAL_HOST];
	out->text = first_line(j->field[JOURNAL_MESSAGE]);
	if (!time_of(j, &out->us))
		return named ? line_untimed(r, out) : LINE_STRANGE;
	r->clock.last_us = out->us;
	return LINE_GOOD;
}
