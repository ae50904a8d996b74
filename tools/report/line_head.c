/* SPDX-License-Identifier: BSD-2-Clause */
/* The front of a line of text: stamp, host, "program[pid]:", and what is put before them. */
#include <string.h>

#include "base/text.h"
#include "tools/report/line_impl.h"

#define PID_MOST 11 /* digits; what has more is no process id */
#define ENVELOPES 5 /* of file names, containers, stamps in front of one line */

bool line_word(struct slice *s, struct slice *word)
{
	const char *blank = s->len == 0 ? NULL : memchr(s->p, ' ', s->len);

	if (blank == NULL || blank == s->p)
		return false;
	*word = (struct slice){ s->p, (size_t)(blank - s->p) };
	*s = slice_after(*s, word->len + 1);
	return true;
}

void line_name(struct slice name, struct line *out)
{
	const char *const end = name.p + name.len, *at = end;

	while (at > name.p && at[-1] != '/')
		at--;
	out->instance = (struct slice){ name.p, at == name.p ? 0 : (size_t)(at - name.p) - 1 };
	out->program = (struct slice){ at, (size_t)(end - at) };
}

uint32_t line_pid(struct slice digits)
{
	uint64_t value = 0;

	if (digits.len > 10)
		return 0;
	for (size_t i = 0; i < digits.len; i++) {
		if (!text_is_digit(digits.p[i]))
			return 0;
		value = value * 10 + (uint64_t)(digits.p[i] - '0');
	}
	return value > UINT32_MAX ? 0 : (uint32_t)value;
}

/* Takes "[123]" off the end; 0: none, or too large. */
static uint32_t take_pid(struct slice *tag)
{
	const char *const end = tag->p + tag->len - 1, *at = end;
	uint64_t pid = 0, worth = 1;

	if (tag->len < 2 || *end != ']')
		return 0;
	while (at > tag->p && text_is_digit(at[-1])) {
		pid += (uint64_t)(*--at - '0') * worth;
		worth *= 10;
	}
	if (at == tag->p || at[-1] != '[' || end - at > PID_MOST)
		return 0;
	tag->len = (size_t)(at - tag->p) - 1;
	return pid > UINT32_MAX ? 0 : (uint32_t)pid;
}

bool line_tag(struct slice tag, struct line *out)
{
	out->pid = take_pid(&tag);
	line_name(tag, out);
	return out->program.len > 0;
}

struct slice line_unrepeated(struct slice text)
{
	struct slice s = text;
	size_t n = 0;

	if (text.len == 0 || *text.p != 'm')
		return text;
	if (!slice_take(&s, SLICE("message repeated ")))
		return text;
	while (n < s.len && text_is_digit(s.p[n]))
		n++;
	s = slice_after(s, n);
	if (n == 0 || !slice_take(&s, SLICE(" times: [")))
		return text;
	(void)slice_take(&s, SLICE(" "));
	if (s.len > 0 && s.p[s.len - 1] == ']')
		s.len--;
	return s;
}

/* A tag ends in one ':'; an IPv6 address that is a host's name may end in two. */
static bool is_tag(const char *p, size_t len)
{
	return len > 1 && p[len - 1] == ':' && p[len - 2] != ':';
}

/* Where a word ends: at a blank, or with the line. */
static size_t word_end(struct slice s)
{
	const char *blank = s.len == 0 ? NULL : memchr(s.p, ' ', s.len);

	return blank == NULL ? s.len : (size_t)(blank - s.p);
}

/* "program[pid]: text", n octets of it the tag with its ':'. */
static bool tagged(struct slice s, size_t n, struct line *out)
{
	if (!line_tag((struct slice){ s.p, n - 1 }, out))
		return false;
	s = slice_after(s, n);
	if (s.len > 0)
		s = slice_after(s, 1);
	out->text = line_unrepeated(s);
	return true;
}

/* "host program[pid]: text", or without the host. */
static bool host_and_tag(struct slice s, struct line *out)
{
	size_t n = word_end(s), tag;

	if (n == 0)
		return false;
	if (is_tag(s.p, n)) {
		out->host = (struct slice){ s.p, 0 };
		return tagged(s, n, out);
	}
	if (n == s.len)
		return false;
	out->host = (struct slice){ s.p, n };
	s = slice_after(s, n + 1);
	tag = word_end(s);
	return is_tag(s.p, tag) && tagged(s, tag, out);
}

/* "Nov 22 02:59:06 mail last message repeated 2 times", "... mail -- MARK --". */
static bool says_nothing(struct slice s)
{
	static const struct slice nothing[] = { SLICE("last message repeated "),
		SLICE("-- MARK --") };

	for (unsigned without_host = 0; without_host < 2; without_host++) {
		struct slice host;

		for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
			if (slice_begins(s, nothing[i]))
				return true;
		}
		if (!line_word(&s, &host))
			break;
	}
	return false;
}

/* "<22>": at most 191, RFC 5424 6.2.1. */
static bool take_pri(struct slice *s)
{
	size_t n = 1;

	if (s->len < 3 || *s->p != '<')
		return false;
	while (n < 4 && n < s->len && text_is_digit(s->p[n]))
		n++;
	if (n == 1 || n == s->len || s->p[n] != '>')
		return false;
	*s = slice_after(*s, n + 1);
	return true;
}

/* A line of danestsd as it writes it itself, and one with its name in front. */
static bool bare(struct slice s, struct line *out)
{
	size_t n;

	(void)take_pri(&s);
	out->host = (struct slice){ s.p, 0 };
	if (slice_begins(s, SLICE("policy nexthop="))) {
		out->instance = out->host;
		out->program = SLICE("danestsd");
		out->pid = 0;
		out->text = s;
		return true;
	}
	if (!slice_begins(s, SLICE("danestsd")))
		return false;
	n = word_end(s);
	return is_tag(s.p, n) && tagged(s, n, out) &&
	    slice_equal(out->program, SLICE("danestsd"));
}

static bool looks_like_iso(struct slice s)
{
	return s.len > 19 && text_is_digit(s.p[0]) && s.p[4] == '-' && s.p[7] == '-' &&
	    s.p[10] == 'T';
}

/* FreeBSD's syslogd -v: "<mail.info> " between the stamp and the host. */
static void pass_priority(struct slice *s)
{
	size_t n = word_end(*s);

	if (n > 2 && s->p[n - 1] == '>' && n < s->len && memchr(s->p, '.', n) != NULL)
		*s = slice_after(*s, n + 1);
}

bool line_stamp(struct slice *s, struct head *h)
{
	size_t n = h->clock == NULL ? 0 : stamp_again(h->clock, s->p, s->len, &h->us);

	h->again = n > 0;
	if (n == 0)
		n = stamp_read(s->p, s->len, &h->stamp);
	if (n == 0 || n == s->len || s->p[n] != ' ')
		return false;
	h->stamped = true;
	h->raw = (struct slice){ s->p, n };
	*s = slice_after(*s, n + 1);
	return true;
}

bool line_zoned(const struct head *h)
{
	return h->again ? h->clock->memo.zone_len > 0 : h->stamp.zoned;
}

/* A line with nothing in front of it but PRI. */
static enum line_got plain(struct slice s, struct head *h)
{
	struct slice version;

	h->stamped = false;
	if (s.len > 0 && *s.p == '<')
		(void)take_pri(&s);
	version = s;
	if (s.len > 2 && s.p[0] == '1' && s.p[1] == ' ' && slice_take(&version, SLICE("1 ")))
		return line_head_5424(version, h) ? LINE_GOOD : LINE_STRANGE;
	if (!line_stamp(&s, h))
		return bare(s, h->line) ? LINE_GOOD : LINE_STRANGE;
	if (s.len > 0 && *s.p == '<')
		pass_priority(&s);
	/* Else it is a stamp in front of another one. */
	if (!looks_like_iso(s) && (host_and_tag(s, h->line) || bare(s, h->line) ||
	    (line_zoned(h) && line_fields_5424(s, h))))
		return LINE_GOOD;
	return says_nothing(s) ? LINE_EMPTY : LINE_STRANGE;
}

/* "2026-11-22T02:59:06.1Z " of docker logs -t; "... stdout F " of Kubernetes (CRI). */
static bool open_stamp(struct slice *s, struct head *h)
{
	static const struct slice streams[] = { SLICE("stdout F "), SLICE("stderr F "),
		SLICE("stdout P "), SLICE("stderr P ") };
	size_t n = looks_like_iso(*s) ? stamp_read(s->p, s->len, &h->outer) : 0;

	if (n == 0 || !h->outer.zoned || n == s->len || s->p[n] != ' ')
		return false;
	*s = slice_after(*s, n + 1);
	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		if (slice_take(s, streams[i]))
			break;
	}
	h->enveloped = true;
	h->clock = NULL; /* what is inside has to be read to be compared with it */
	return true;
}

/* Of the names of files and containers. */
static bool is_name_octet(char c)
{
	switch (c) {
	case '.': case '/': case '_': case '-': case '+': case '@': case '~': case '%': case ',':
		return true;
	default:
		return text_is_alnum(c);
	}
}

/* "mail-1  | " of docker compose, "/var/log/mail.log:" of grep -H, "12:" of grep -n. */
static bool open_name(struct slice *s)
{
	size_t n = 0, blanks;

	while (n < s->len && n < 255 && is_name_octet(s->p[n]))
		n++;
	if (n == 0 || n == s->len)
		return false;
	if (s->p[n] == ':') {
		*s = slice_after(*s, n + 1);
		return true;
	}
	for (blanks = n; blanks < s->len && s->p[blanks] == ' '; blanks++)
		;
	if (blanks == n || s->len - blanks < 2 || memcmp(s->p + blanks, "| ", 2) != 0)
		return false;
	*s = slice_after(*s, blanks + 2);
	return true;
}

enum line_got line_head(struct slice s, struct head *h)
{
	enum line_got got;

	h->enveloped = false;
	got = plain(s, h);
	for (unsigned i = 0; got == LINE_STRANGE && i < ENVELOPES; i++) {
		if (!open_stamp(&s, h) && !open_name(&s))
			break;
		got = plain(s, h);
	}
	return got;
}
