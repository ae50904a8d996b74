/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 5321 as far as RFC 3207 needs it; where the RFCs leave room, as Postfix sends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tools/probe_impl.h"
#include "tools/smtp_reply.h"

enum { COMMAND = 512 }; /* RFC 5321 4.5.3.1.4, CR LF included */

struct talk {
	struct probe *probe;
	struct wire *wire;
	struct smtp_reply reply;
	char data[4096]; /* came, and is not used yet */
	size_t at, len;
};

/* How a TLS record begins: a port for TLS at once, or a server that thinks it has begun. */
static bool looks_like_tls(const char *data, size_t len)
{
	return len >= 2 && data[0] >= 20 && data[0] <= 23 && data[1] == 3;
}

static void no_reply(struct talk *t)
{
	char so_far[PROBE_SAID / 2];
	size_t n = smtp_reply_said(&t->reply, so_far, sizeof(so_far));

	if (t->at == 1 && looks_like_tls(t->data, t->len))
		probe_ends(t->probe, PROBE_GARBAGE, "no SMTP: the server speaks TLS at once");
	else if (n == 0)
		probe_ends(t->probe, PROBE_GARBAGE, "no SMTP: %s", t->reply.problem);
	else
		probe_ends(t->probe, PROBE_GARBAGE, "no SMTP: %s: \"%s\"", t->reply.problem,
		    so_far);
}

/* The next reply, whatever it says. Nobody else has spoken: not a word before its turn. */
static bool listen_to(struct talk *t)
{
	smtp_reply_reset(&t->reply);
	while (t->reply.state == SMTP_REPLY_MORE) {
		if (t->at == t->len) {
			t->at = 0;
			t->len = wire_read(t->wire, t->data, sizeof(t->data));
			if (t->len == 0) {
				probe_lost(t->probe, t->wire);
				return false;
			}
		}
		t->at += smtp_reply_feed(&t->reply, t->data + t->at, t->len - t->at);
	}
	if (t->reply.state == SMTP_REPLY_BAD) {
		no_reply(t);
		return false;
	}
	t->probe->mixed |= t->reply.mixed;
	return true;
}

static bool says_no(struct talk *t)
{
	char said[PROBE_SAID];

	smtp_reply_said(&t->reply, said, sizeof(said));
	probe_ends(t->probe, PROBE_REPLY, "%s", said);
	return false;
}

/* An answer that is there before its question is none. */
static bool is_quiet(struct talk *t, const char *behind)
{
	char text[PROBE_SAID / 2];
	size_t len;

	if (t->at == t->len) {
		t->at = 0;
		t->len = wire_take(t->wire, t->data, sizeof(t->data));
	}
	len = t->len - t->at;
	if (len == 0)
		return true;
	probe_quote(text, sizeof(text), t->data + t->at, len);
	probe_ends(t->probe, PROBE_GARBAGE, "unasked-for text behind %s: \"%s\"", behind, text);
	return false;
}

/* verb and argument to reply. The argument was looked at: it fits and is one word. */
static bool ask(struct talk *t, const char *verb, const char *argument)
{
	char line[COMMAND + 1];
	int n = snprintf(line, sizeof(line), "%s%s%s\r\n", verb, argument[0] != '\0' ? " " : "",
	    argument);

	if (n < 0 || (size_t)n >= sizeof(line)) {
		probe_ends(t->probe, PROBE_LOCAL, "the name for %s is too long", verb);
		return false;
	}
	if (!wire_send(t->wire, line, (size_t)n)) {
		probe_lost(t->probe, t->wire);
		return false;
	}
	return listen_to(t);
}

static bool is_name(const char *helo)
{
	size_t i = 0;

	if (helo == NULL)
		return false;
	while (helo[i] > ' ' && helo[i] <= '~')
		i++;
	return i > 0 && helo[i] == '\0' && i <= 255;
}

/* Any of 2xx will do for a sender, who only wants to know whether it may go on. */
static bool is_yes(const struct talk *t)
{
	return t->reply.code / 100 == 2;
}

static bool greet(struct talk *t)
{
	t->probe->stage = PROBE_GREETING;
	if (!listen_to(t))
		return false;
	if (!is_yes(t))
		return says_no(t);
	smtp_reply_first(&t->reply, t->probe->greeting, sizeof(t->probe->greeting));
	return is_quiet(t, "the greeting");
}

/*
 * A server that does not know EHLO may know HELO (RFC 5321 3.2), where there are no
 * extensions. One that is about to close is not asked again.
 */
static bool fall_back(struct talk *t)
{
	char said[PROBE_SAID / 2];

	if (t->reply.code == 421)
		return says_no(t);
	smtp_reply_said(&t->reply, said, sizeof(said));
	if (!is_quiet(t, "the reply to EHLO") || !ask(t, "HELO", t->probe->helo))
		return false;
	if (!is_yes(t))
		return says_no(t);
	t->probe->stage = PROBE_STARTTLS;
	probe_ends(t->probe, PROBE_REPLY, "STARTTLS is not offered: the reply to EHLO is \"%s\"",
	    said);
	return false;
}

static bool hello(struct talk *t)
{
	t->probe->stage = PROBE_EHLO;
	if (!ask(t, "EHLO", t->probe->helo))
		return false;
	if (!is_yes(t))
		return fall_back(t);
	t->probe->starttls = smtp_reply_offers(&t->reply, "STARTTLS");
	if (!is_quiet(t, "the reply to EHLO"))
		return false;
	t->probe->stage = PROBE_STARTTLS;
	if (!t->probe->starttls)
		probe_ends(t->probe, PROBE_REPLY, "STARTTLS is not offered");
	return t->probe->starttls;
}

/*
 * Anybody on the way can put text behind the 220, which must not count as if it had come
 * through TLS (CVE-2011-0411). As Postfix: what came together with the 220 is thrown away,
 * and nothing else is read in the clear. The handshake gets what comes from now on.
 */
static void drop_unasked(struct talk *t)
{
	char *unasked = t->probe->unasked;
	size_t len = t->len - t->at;

	probe_quote(unasked, PROBE_SAID, t->data + t->at, len);
	if (unasked[0] == '\0') /* nothing but line ends, or nothing */
		text_printable(unasked, PROBE_SAID, t->data + t->at, len);
	t->at = t->len;
}

static bool start_tls(struct talk *t)
{
	if (!ask(t, "STARTTLS", ""))
		return false;
	if (t->reply.code != 220) /* RFC 3207 4 */
		return says_no(t);
	drop_unasked(t);
	return true;
}

bool probe_smtp(struct probe *probe, struct wire *wire)
{
	struct talk *t;
	bool good;

	if (!is_name(probe->helo)) {
		probe_ends(probe, PROBE_LOCAL, "our own name is none for EHLO");
		return false;
	}
	t = calloc(1, sizeof(*t));
	if (t == NULL) {
		probe_ends(probe, PROBE_LOCAL, "out of memory");
		return false;
	}
	t->probe = probe;
	t->wire = wire;
	good = greet(t) && hello(t) && start_tls(t);
	free(t);
	return good;
}

void probe_smtp_quit(struct wire *wire)
{
	wire_give(wire, "QUIT\r\n", 6);
}
