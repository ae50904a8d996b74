/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * journalctl -o json: one object on a line. Most of it does not matter, and there are many
 * lines, so nothing is built of it: what matters is found where it stands, and unescaped only
 * where it has to be. jansson, which is used elsewhere, takes some thirty times as long for a
 * line, minutes where this takes seconds; the fuzz target holds the two side by side.
 */
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "tools/report/line_impl.h"

struct json_at {
	const char *p, *end;
	struct buf *own; /* has room for all that can be unescaped of the line */
};

static void pass_blanks(struct json_at *at)
{
	while (at->p < at->end && (*at->p == ' ' || *at->p == '\t' || *at->p == '\r'))
		at->p++;
}

static bool take(struct json_at *at, char c)
{
	pass_blanks(at);
	if (at->p == at->end || *at->p != c)
		return false;
	at->p++;
	return true;
}

/* What stands between the quotes, as it is written. */
static bool raw_string(struct json_at *at, struct slice *out)
{
	const char *from, *quote, *back;

	if (!take(at, '"'))
		return false;
	for (from = quote = at->p; ; quote++) {
		quote = quote < at->end ? memchr(quote, '"', (size_t)(at->end - quote)) : NULL;
		if (quote == NULL)
			return false;
		for (back = quote; back > from && back[-1] == '\\'; back--)
			;
		if ((quote - back) % 2 == 0)
			break;
	}
	*out = (struct slice){ from, (size_t)(quote - from) };
	at->p = quote + 1;
	return true;
}

/* The four digits of "\uXXXX". */
static bool code_unit(const char *p, const char *end, uint32_t *out)
{
	uint8_t raw[2];

	if (end - p < 4 || !hex_decode(raw, sizeof(raw), p, 4))
		return false;
	*out = (uint32_t)raw[0] << 8 | raw[1];
	return true;
}

static void add_utf8(struct buf *own, uint32_t c)
{
	if (c < 0x80) {
		buf_char(own, (char)c);
	} else if (c < 0x800) {
		buf_char(own, (char)(0xc0 | c >> 6));
		buf_char(own, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_char(own, (char)(0xe0 | c >> 12));
		buf_char(own, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(own, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_char(own, (char)(0xf0 | c >> 18));
		buf_char(own, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_char(own, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(own, (char)(0x80 | (c & 0x3f)));
	}
}

/* "\u00e9", and the two halves of what is beyond 16 bits, RFC 8259 7. Half of one is none. */
static bool add_unicode(struct buf *own, const char **p, const char *end)
{
	uint32_t c, low;

	if (!code_unit(*p, end, &c) || (c >= 0xdc00 && c <= 0xdfff))
		return false;
	*p += 4;
	if (c >= 0xd800 && c <= 0xdbff) {
		if (end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u' ||
		    !code_unit(*p + 2, end, &low) || low < 0xdc00 || low > 0xdfff)
			return false;
		*p += 6;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	add_utf8(own, c);
	return true;
}

static bool unescape(struct buf *own, struct slice raw, struct slice *out)
{
	static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *p = raw.p, *end = raw.p + raw.len, *name;
	size_t from = own->len;

	while (p < end) {
		if (*p != '\\') {
			buf_char(own, *p++);
		} else if (p + 1 < end && p[1] == 'u') {
			p += 2;
			if (!add_unicode(own, &p, end))
				return false;
		} else {
			name = p + 1 == end || p[1] == '\0' ? NULL : strchr(names, p[1]);
			if (name == NULL)
				return false;
			buf_char(own, meant[name - names]);
			p += 2;
		}
	}
	*out = (struct slice){ own->data + from, own->len - from };
	return true;
}

static bool string(struct json_at *at, struct slice *out)
{
	struct slice raw;

	if (!raw_string(at, &raw))
		return false;
	if (raw.len > 0 && memchr(raw.p, '\\', raw.len) != NULL)
		return unescape(at->own, raw, out);
	*out = raw;
	return true;
}

/* The octets of what is no UTF-8: [72,101]. *is: it was such an array. */
static bool octets(struct json_at *at, struct slice *out, bool *is)
{
	size_t from = at->own->len;

	*is = true;
	if (!take(at, '['))
		return false;
	do {
		const char *digits;
		uint64_t value;

		pass_blanks(at);
		for (digits = at->p; at->p < at->end && text_is_digit(*at->p); at->p++)
			;
		if (digits == at->p) {
			*is = false;
			return true;
		}
		if (!text_number(digits, (size_t)(at->p - digits), 0, 255, &value))
			return false;
		buf_char(at->own, (char)value);
	} while (take(at, ','));
	*out = (struct slice){ at->own->data + from, at->own->len - from };
	return take(at, ']');
}

/* A value that does not matter: it may hold others. */
static bool pass_value(struct json_at *at)
{
	struct slice ignored;
	size_t depth = 0;

	do {
		pass_blanks(at);
		if (at->p == at->end)
			return false;
		switch (*at->p) {
		case '"':
			if (!raw_string(at, &ignored))
				return false;
			continue;
		case '[': case '{':
			depth++;
			break;
		case ']': case '}':
			if (depth == 0)
				return false;
			depth--;
			break;
		case ',': case ':':
			if (depth == 0)
				return false;
			break;
		default:
			while (at->p + 1 < at->end && (text_is_alnum(at->p[1]) ||
			    at->p[1] == '.' || at->p[1] == '-' || at->p[1] == '+'))
				at->p++;
		}
		at->p++;
	} while (depth > 0);
	return true;
}

/* A string, an array of octets; of several values the first; null and others are "". */
static bool value(struct json_at *at, struct slice *out)
{
	struct json_at here;
	bool is = false;

	pass_blanks(at);
	here = *at;
	*out = (struct slice){ at->p, 0 };
	if (here.p < here.end && *here.p == '"')
		return string(at, out);
	if (octets(&here, out, &is) && is) {
		*at = here;
		return true;
	}
	here = *at;
	if (take(&here, '[')) {
		pass_blanks(&here);
		if (here.p < here.end && *here.p == '"' ? !string(&here, out) :
		    !octets(&here, out, &is) || !is)
			*out = (struct slice){ at->p, 0 };
	}
	return pass_value(at);
}

static bool member(struct json_at *at, struct journal *j)
{
	struct slice name, ignored;
	enum journal_field field;

	if (!raw_string(at, &name) || !take(at, ':'))
		return false;
	field = journal_field(name);
	if (field == JOURNAL_FIELDS || j->there[field]) {
		pass_blanks(at);
		return at->p < at->end && *at->p == '"' ? raw_string(at, &ignored) :
		    pass_value(at);
	}
	j->there[field] = true;
	return value(at, &j->field[field]);
}

enum line_got line_json(struct line_reader *r, struct slice s, struct line *out)
{
	struct json_at at = { s.p, s.p + s.len, &r->own };
	struct journal j = {0};

	buf_reset(&r->own);
	/* What is unescaped is never longer than it was, so that it does not move later. */
	if (buf_room(&r->own, s.len) == NULL) {
		buf_free(&r->own);
		return LINE_STRANGE;
	}
	if (!take(&at, '{'))
		return LINE_STRANGE;
	do {
		if (!member(&at, &j))
			return LINE_STRANGE;
	} while (take(&at, ','));
	if (!take(&at, '}'))
		return LINE_STRANGE;
	pass_blanks(&at);
	return at.p == at.end ? journal_line(r, &j, out) : LINE_STRANGE;
}
