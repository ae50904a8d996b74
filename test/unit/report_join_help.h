/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A log in short, through the event stage and the join, and what comes out of it, a line each:
 *
 *	"SECOND [HOST] INSTANCE/PROGRAM[PID]: TEXT\n"
 *
 * HOST is "mail" when it is left out. SECOND may have a fraction; "-": a line without a time.
 */
#ifndef TEST_REPORT_JOIN_HELP_H
#define TEST_REPORT_JOIN_HELP_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tools/report/join_impl.h"

/* ---- Lines ---- */

static inline int64_t help_time(const char **at)
{
	int64_t us = 0, unit = 1000000;
	char *end;

	if (**at == '-') {
		++*at;
		return LINE_NO_TIME;
	}
	us = (int64_t)strtoll(*at, &end, 10) * unit;
	if (*end == '.') {
		for (end++; *end >= '0' && *end <= '9'; end++)
			us += (*end - '0') * (unit /= 10);
	}
	*at = end;
	return us;
}

static inline struct slice help_word(const char **at, const char *ends)
{
	struct slice word = { *at, strcspn(*at, ends) };

	*at += word.len;
	return word;
}

/* One line of text; where the next one begins. */
static inline const char *help_line(const char *at, struct line *out)
{
	const char *slash, *open;
	struct slice word;

	*out = (struct line){ .host = SLICE("mail") };
	out->us = help_time(&at);
	at++;
	word = help_word(&at, " \n");
	if (word.len > 0 && word.p[word.len - 1] != ':') {
		out->host = word;
		at++;
		word = help_word(&at, " \n");
	}
	open = memchr(word.p, '[', word.len);
	if (open != NULL)
		out->pid = (uint32_t)strtoul(open + 1, NULL, 10);
	word.len = (size_t)((open != NULL ? open : word.p + word.len - 1) - word.p);
	for (slash = word.p + word.len; slash > word.p && slash[-1] != '/'; slash--)
		continue;
	out->program = slice_after(word, (size_t)(slash - word.p));
	if (slash > word.p)
		out->instance = (struct slice){ word.p, (size_t)(slash - word.p) - 1 };
	at += *at == ' ';
	out->text = help_word(&at, "\n");
	return at + (*at == '\n');
}

static inline void help_push(struct join *j, const char *lines)
{
	struct event event;
	struct line line;

	while (*lines != '\0') {
		lines = help_line(lines, &line);
		event_read(&line, &event);
		join_push(j, &line, &event);
	}
}

/* ---- What comes out ---- */

static inline void help_text(struct buf *out, const char *name, struct slice text)
{
	if (text.p == NULL)
		return;
	buf_printf(out, " %s=", name);
	buf_add(out, text.p, text.len);
}

static inline void help_known(struct buf *out, const struct known *known)
{
	static const char *const danes[] = { "?", "none", "unusable", "half", "partial", "full",
		"bogus", "error" };
	static const char *const stses[] = { "?", "absent", "none", "testing", "enforce",
		"error" };

	if (!known->there)
		return;
	buf_printf(out, " known=%s/%s/%.*s", danes[known->dane], stses[known->sts],
	    (int)known->reply.len, known->reply.p);
	if (known->token.len > 0)
		help_text(out, "token", known->token);
	if (known->override)
		buf_str(out, " override");
}

static inline void help_session(struct buf *out, const struct delivery *d)
{
	static const char *const trusts[] = { "none", "Anonymous", "Untrusted", "Trusted",
		"Verified" };
	static const char *const proofs[] = { "", "+dane", "+name", "+fingerprint" };
	static const char *const causes[] = { "", "no-match", "hostname", "expired", "untrusted",
		"sts-fetch", "sts-invalid", "sts-webpki", "other" };

	if (d->session)
		buf_printf(out, " %s%s", trusts[d->trust], proofs[d->proof]);
	else if (d->trust != TRUST_NONE || d->proof != PROOF_NONE)
		buf_str(out, " BAD: trust without a session");
	if (d->cause != CAUSE_NONE)
		buf_printf(out, " cause=%s", causes[d->cause]);
	if (d->tlsrpt)
		buf_printf(out, " tlsrpt=%d", (int)d->tlsrpt_word);
	if (d->sts_mx)
		buf_str(out, " sts-mx");
	if (d->unusable)
		buf_str(out, " unusable");
}

#define HELP_PLACES 65536 /* further ones are of deliveries that may be cut */

static inline void help_delivery(void *arg, const struct delivery *d)
{
	static const char *const words[] = { "other", "sent", "deferred", "bounced", "probe" };
	struct buf *out = arg;

	buf_printf(out, "%" PRIu64 " %.*s %s", d->message, (int)d->recipient.len,
	    d->recipient.p, words[d->status]);
	help_session(out, d);
	help_text(out, "from", d->sender);
	help_text(out, "id", d->message_id);
	help_known(out, &d->known);
	if (d->place % HELP_PLACES != 0)
		buf_printf(out, " place=%u", d->place % HELP_PLACES);
	if (d->smarthost)
		buf_str(out, " smarthost");
	buf_str(out, "\n");
}

static inline void help_gone(void *arg, uint64_t message, bool expired, int64_t us)
{
	(void)us;
	buf_printf(arg, "%s %" PRIu64 "\n", expired ? "expired" : "gone", message);
}

static inline void help_passed(void *arg, int64_t us, enum statement statement,
    struct slice domain)
{
	(void)us;
	buf_printf(arg, "passed %d", (int)statement);
	help_text(arg, "domain", domain);
	buf_str(arg, "\n");
}

static inline void help_trouble(void *arg, int64_t us, enum event_kind kind, struct slice text)
{
	(void)us;
	buf_str(arg, kind == EVENT_LOCAL ? "local" : "no-dnssec");
	help_text(arg, "text", text);
	buf_str(arg, "\n");
}

static inline void help_place(void *arg, unsigned place, enum logged logged)
{
	if (place < HELP_PLACES)
		buf_printf(arg, "place %u %s\n", place, logged == LOGGED_YES ? "yes" : "unknown");
}

static inline struct join_next help_next(struct buf *out)
{
	return (struct join_next){ out, help_delivery, help_gone, help_passed, help_trouble,
	    help_place };
}

/* Lines of text that others are like. */
#define TO(to, relay) "to=<" to ">, relay=" relay ", delay=1, delays=0/0/0/1, dsn=2.0.0, "
#define SENT "status=sent (250 ok)\n"
#define FAILED(why) "status=deferred (" why ")\n"
#define A "a.example[192.0.2.1]:25"
#define B "b.example[192.0.2.2]:25"
#define TLS(trust, peer) trust " TLS connection established to " peer ": TLSv1.3 with cipher X\n"
#define REUSED(trust, peer) trust " TLS connection reused to " peer ": TLSv1.3 with cipher X\n"

#endif
