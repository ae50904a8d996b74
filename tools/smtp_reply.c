/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/smtp_reply.h"

#include <string.h>

#include "base/text.h"

enum { CODE = 3 }; /* digits */

void smtp_reply_reset(struct smtp_reply *reply)
{
	memset(reply, 0, offsetof(struct smtp_reply, text));
	reply->len = 0;
	reply->line = 0;
}

static void is_bad(struct smtp_reply *reply, const char *problem)
{
	reply->state = SMTP_REPLY_BAD;
	reply->problem = problem;
}

/* Of the first digit: RFC 5321 knows 2 to 5, and 1 is an answer all the same. */
static bool is_code(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!text_is_digit(text[i]) || (i == 0 && (text[i] < '1' || text[i] > '5')))
			return false;
	}
	return true;
}

static unsigned int code_of(const char *text)
{
	return (unsigned int)(text[0] - '0') * 100 + (unsigned int)(text[1] - '0') * 10 +
	    (unsigned int)(text[2] - '0');
}

static void take_code(struct smtp_reply *reply, unsigned int code)
{
	reply->mixed |= reply->code != 0 && reply->code != code;
	reply->code = code;
}

/* As soon as it is known: an endless line that begins wrong is not waited for. */
static void judge_start(struct smtp_reply *reply)
{
	const char *line = reply->text + reply->line;
	size_t len = reply->len - reply->line;

	if (!is_code(line, len < CODE ? len : CODE))
		is_bad(reply, "a line does not begin with a reply code");
	else if (len == CODE + 1 && line[CODE] != ' ' && line[CODE] != '-' && line[CODE] != '\r')
		is_bad(reply, "neither a blank nor a hyphen follows the reply code");
	else if (len == CODE + 2 && line[CODE] == '\r') /* LF alone may follow that */
		is_bad(reply, "neither a blank nor a hyphen follows the reply code");
	else if (len == CODE)
		take_code(reply, code_of(line));
}

static void end_line(struct smtp_reply *reply)
{
	const char *line = reply->text + reply->line;
	size_t len = reply->len - reply->line;

	if (len > 0 && line[len - 1] == '\r')
		reply->len = reply->line + --len;
	if (len < CODE) {
		is_bad(reply, "a line does not begin with a reply code");
		return;
	}
	reply->lines++;
	if (len == CODE || line[CODE] == ' ')
		reply->state = SMTP_REPLY_DONE;
	/* There is room: at least one octet of the line end was not kept. */
	reply->text[reply->len++] = '\0';
	if (reply->state == SMTP_REPLY_MORE)
		reply->line = reply->len;
}

static void take(struct smtp_reply *reply, char c)
{
	reply->came++;
	if (reply->came > SMTP_REPLY_WHOLE) {
		is_bad(reply, "a reply of more than 64 KiB");
	} else if (c == '\n') {
		end_line(reply);
	} else if (c == '\0') {
		is_bad(reply, "a NUL within a reply");
	} else if (reply->len - reply->line >= SMTP_REPLY_LINE) {
		is_bad(reply, "a line of more than 2048 octets");
	} else {
		reply->text[reply->len++] = c;
		judge_start(reply);
	}
}

size_t smtp_reply_feed(struct smtp_reply *reply, const char *data, size_t len)
{
	size_t i = 0;

	while (i < len && reply->state == SMTP_REPLY_MORE)
		take(reply, data[i++]);
	return i;
}

/* One line behind the one before, or NULL: without its code where that is said already. */
static size_t add_line(const char *line, size_t len, const char *before, char *out, size_t size)
{
	bool said = before != NULL && (len < CODE || memcmp(before, line, CODE) == 0);
	size_t n = 0, skip = len > CODE ? CODE + 1 : len;

	if (said && len == skip)
		return 0;
	if (before != NULL)
		n = text_printable(out, size, " ", 1);
	if (said)
		return n + text_printable(out + n, size - n, line + skip, len - skip);
	skip = n + CODE;
	n += text_printable(out + n, size - n, line, len);
	/* "250-x" is "250 x" for people. */
	if (n > skip && out[skip] == '-')
		out[skip] = ' ';
	return n;
}

size_t smtp_reply_said(const struct smtp_reply *reply, char *out, size_t size)
{
	const char *before = NULL;
	size_t n = 0, at = 0;

	if (size == 0)
		return 0;
	out[0] = '\0';
	while (at < reply->len) {
		const char *end = memchr(reply->text + at, '\0', reply->len - at);
		size_t len = end != NULL ? (size_t)(end - reply->text) - at : reply->len - at;

		n += add_line(reply->text + at, len, before, out + n, size - n);
		before = reply->text + at;
		at += len + 1;
	}
	return n;
}

size_t smtp_reply_first(const struct smtp_reply *reply, char *out, size_t size)
{
	const char *end = memchr(reply->text, '\0', reply->len);
	size_t len = end != NULL ? (size_t)(end - reply->text) : reply->len;

	return len > CODE + 1 ? text_printable(out, size, reply->text + CODE + 1, len - CODE - 1) :
	    text_printable(out, size, "", 0);
}

bool smtp_reply_offers(const struct smtp_reply *reply, const char *keyword)
{
	size_t at = 0, n;

	if (reply->state != SMTP_REPLY_DONE)
		return false;
	for (size_t line = 0; line < reply->lines; line++) {
		const char *text = reply->text + at;
		size_t len = strlen(text);

		at += len + 1;
		if (line == 0 || len <= CODE + 1)
			continue;
		text += CODE + 1;
		text += strspn(text, " \t");
		/* Some old servers write "AUTH=LOGIN". */
		n = strcspn(text, " \t=");
		if (text_equal_nocase_n(text, n, keyword))
			return true;
	}
	return false;
}
