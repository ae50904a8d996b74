/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * journalctl -o export: "NAME=value" on lines, an empty line after each entry. A value with
 * octets that are no text has a line of its name alone, then its length in 64 bits, the lowest
 * first, then itself, then a line end (systemd, "Journal Export Formats").
 */
#include <string.h>

#include "base/text.h"
#include "tools/report/line_impl.h"

#define NAME_MAX_OCTETS 256 /* the journal itself takes 64 */
#define LENGTH 8

struct field {
	struct slice name, value;
	size_t size;     /* octets of data that belong to it; what is missing of these comes */
	uint64_t rest;   /* behind them: so many, */
	bool to_the_end; /* or all to the end of the line */
};

enum found { FOUND, FOUND_END, FOUND_PART, FOUND_NOTHING };

static uint64_t length_of(const char *p)
{
	uint64_t n = 0;

	for (unsigned i = LENGTH; i > 0; i--)
		n = n << 8 | (unsigned char)p[i - 1];
	return n;
}

/* NAME alone; data begins with it and a line end. */
static enum found binary_field(struct slice data, size_t name, struct field *out)
{
	size_t head = name + 1 + LENGTH;
	uint64_t size;

	if (data.len < head)
		return FOUND_NOTHING;
	size = length_of(data.p + name + 1);
	if (size > UINT64_MAX / 2) /* that is no length */
		size = 0;
	out->name.len = name;
	if (data.len - head <= size) {
		out->size = data.len;
		out->rest = size + 1 - (data.len - head);
		out->value = slice_after(data, head);
		return FOUND_PART;
	}
	out->value = (struct slice){ data.p + head, (size_t)size };
	out->size = head + (size_t)size + 1;
	return FOUND;
}

static bool is_name_char(char c)
{
	return text_is_upper(c) || text_is_digit(c) || c == '_';
}

/* Else it is no length that follows. */
static bool is_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is_name_char(s.p[i]))
			return false;
	}
	return s.len < NAME_MAX_OCTETS;
}

bool line_is_field(struct slice data, bool last)
{
	size_t n = 0;

	while (n < data.len && n < NAME_MAX_OCTETS && is_name_char(data.p[n]))
		n++;
	if (n == data.len)
		return !last;
	return n < NAME_MAX_OCTETS && (data.p[n] == '\n' || (n > 0 && data.p[n] == '='));
}

/* The field at the front. */
static enum found next_field(struct slice data, struct field *out)
{
	const char *end = data.len == 0 ? NULL : memchr(data.p, '\n', data.len), *equals;
	size_t line = end == NULL ? data.len : (size_t)(end - data.p);

	*out = (struct field){ .name.p = data.p };
	if (end == data.p && end != NULL) {
		out->size = 1;
		return FOUND_END;
	}
	equals = line == 0 ? NULL : memchr(data.p, '=', line);
	if (equals == NULL && end != NULL && is_name((struct slice){ data.p, line }))
		return binary_field(data, line, out);
	if (equals == NULL && end == NULL && line < NAME_MAX_OCTETS)
		return FOUND_NOTHING;
	out->name.len = equals == NULL ? 0 : (size_t)(equals - data.p);
	out->value = equals == NULL ? (struct slice){ data.p, 0 } :
	    (struct slice){ equals + 1, line - out->name.len - 1 };
	out->size = end == NULL ? line : line + 1;
	out->to_the_end = end == NULL;
	return end == NULL ? FOUND_PART : FOUND;
}

static void keep(struct journal *j, const struct field *f)
{
	enum journal_field which = journal_field(f->name);

	if (which == JOURNAL_FIELDS || j->there[which])
		return;
	j->there[which] = true;
	j->field[which] = f->value;
}

/* The rest of a field of an entry that was cut. */
static void skip_field(struct line_reader *r, const struct field *f)
{
	r->skip_octets = f->rest;
	r->skip_line = f->to_the_end;
}

/* Octets at the front of what is left of an entry that was cut; 0: more must come first. */
static size_t skip_some(struct line_reader *r, struct slice data, bool last)
{
	const char *end;
	struct field f;

	if (r->skip_octets > 0) {
		size_t n = data.len < r->skip_octets ? data.len : (size_t)r->skip_octets;

		r->skip_octets -= n;
		return n;
	}
	if (r->skip_line) {
		end = memchr(data.p, '\n', data.len);
		r->skip_line = end == NULL;
		return end == NULL ? data.len : (size_t)(end - data.p) + 1;
	}
	switch (next_field(data, &f)) {
	case FOUND_NOTHING:
		return last ? data.len : 0;
	case FOUND_END:
		r->skip = false;
		break;
	case FOUND_PART:
		skip_field(r, &f);
		break;
	case FOUND:
		break;
	}
	return f.size;
}

bool line_is_skipped(struct line_reader *r, struct slice data, bool last)
{
	r->skip = r->skip && (r->skip_octets > 0 || r->skip_line || line_is_field(data, last));
	return r->skip;
}

static enum line_got skip_entry(struct line_reader *r, struct slice data, bool last, size_t *used)
{
	size_t n = 1;

	while (n > 0 && *used < data.len && line_is_skipped(r, slice_after(data, *used), last)) {
		n = skip_some(r, slice_after(data, *used), last);
		*used += n;
	}
	return *used == 0 ? LINE_MORE : LINE_EMPTY;
}

enum line_got line_export(struct line_reader *r, struct slice data, bool last,
    struct line *out, size_t *used)
{
	bool cut = data.len > LINE_MAX_OCTETS;
	struct slice s = { data.p, cut ? LINE_MAX_OCTETS : data.len };
	enum found found = FOUND;
	struct journal j = {0};
	struct field f;
	size_t at = 0;

	*used = 0;
	if (r->skip)
		return skip_entry(r, data, last, used);
	/* What is no field is of another file: this entry was cut. */
	while (found == FOUND && at < s.len) {
		if (!line_is_field(slice_after(s, at), last && !cut)) {
			found = FOUND_END;
			break;
		}
		found = next_field(slice_after(s, at), &f);
		if (found == FOUND || found == FOUND_PART)
			keep(&j, &f);
		at += f.size;
	}
	if (found != FOUND_END && !cut && !last)
		return LINE_MORE;
	if (found != FOUND_END && cut) {
		r->skip = true;
		skip_field(r, &f);
	}
	*used = cut || found == FOUND_END ? at : s.len;
	return at == 1 ? LINE_EMPTY : journal_line(r, &j, out);
}

/* "__CURSOR=": what begins each entry is the journal's own. */
bool line_is_export(struct slice s)
{
	return slice_begins(s, SLICE("__CURSOR=")) ||
	    slice_begins(s, SLICE("__REALTIME_TIMESTAMP="));
}
