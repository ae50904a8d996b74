/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 5424: HEADER SP STRUCTURED-DATA [SP MSG]. */
#include "base/text.h"
#include "tools/report/line_impl.h"

static bool is_nil(struct slice s)
{
	return s.len == 1 && *s.p == '-';
}

/* One SD-ELEMENT; a ']' between quotes, and what a backslash stands before there, ends nothing. */
static bool pass_element(struct slice *s)
{
	bool quoted = false;

	for (size_t i = 1; i < s->len; i++) {
		char c = s->p[i];

		if (c == '"') {
			quoted = !quoted;
		} else if (c == '\\' && quoted) {
			i++;
		} else if (c == ']' && !quoted) {
			*s = slice_after(*s, i + 1);
			return true;
		}
	}
	return false;
}

static bool pass_data(struct slice *s)
{
	if (s->len > 0 && *s->p == '-') {
		*s = slice_after(*s, 1);
		return true;
	}
	if (s->len == 0 || *s->p != '[')
		return false;
	while (s->len > 0 && *s->p == '[') {
		if (!pass_element(s))
			return false;
	}
	return true;
}

bool line_fields_5424(struct slice s, struct head *out)
{
	struct slice host, name, pid, id;

	if (!line_word(&s, &host) || !line_word(&s, &name) || !line_word(&s, &pid) ||
	    !line_word(&s, &id) || !pass_data(&s))
		return false;
	/* A process id is digits here, so that not every line of words is taken for this. */
	out->line->pid = line_pid(pid);
	if (out->line->pid == 0 && !is_nil(pid))
		return false;
	if (s.len > 0 && *s.p != ' ')
		return false;
	if (s.len > 0)
		s = slice_after(s, 1);
	(void)slice_take(&s, SLICE("\xef\xbb\xbf"));
	out->line->host = is_nil(host) ? (struct slice){ host.p, 0 } : host;
	line_name(is_nil(name) ? (struct slice){ name.p, 0 } : name, out->line);
	out->line->text = line_unrepeated(s);
	return true;
}

bool line_head_5424(struct slice s, struct head *out)
{
	if (!slice_take(&s, SLICE("- ")) && !(line_stamp(&s, out) && line_zoned(out)))
		return false;
	return line_fields_5424(s, out);
}
