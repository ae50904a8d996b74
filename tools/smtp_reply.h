/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replies of an SMTP server, octet by octet as they come (RFC 5321, 4.2). Nothing of it is
 * believed: a reply is whole, not yet whole, or none. Lines may end in LF alone and the text
 * may be of any charset, as servers do; and where the codes of the lines differ, that of the
 * last one counts, as with Postfix. What a reply is stays strict.
 */
#ifndef TOOLS_SMTP_REPLY_H
#define TOOLS_SMTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

enum {
	SMTP_REPLY_LINE = 2048,       /* octets of a line: 512 by RFC 5321 4.5.3.1.5 */
	SMTP_REPLY_WHOLE = 64 * 1024, /* octets of all lines, line ends included */
};

enum smtp_reply_state {
	SMTP_REPLY_MORE,
	SMTP_REPLY_DONE,
	SMTP_REPLY_BAD, /* problem says why; it stays that way */
};

/* Zeroed to begin with. */
struct smtp_reply {
	enum smtp_reply_state state;
	const char *problem;  /* BAD: in words, static */
	unsigned int code;    /* 100..599, of the last line so far; 0: not known yet */
	bool mixed;           /* another line has another one */
	size_t lines;         /* whole ones */
	size_t came;          /* octets, all of them */
	/* The lines one after the other, with code and hyphen, each ended by a NUL; the last
	 * may not be whole. */
	char text[SMTP_REPLY_WHOLE + 1];
	size_t len;
	size_t line;          /* where in text the last line begins */
};

/* Takes octets until the reply is done, or none: how many it took. */
size_t smtp_reply_feed(struct smtp_reply *reply, const char *data, size_t len);
void smtp_reply_reset(struct smtp_reply *reply); /* for the next one */

/* For people, printable ASCII: "554 5.7.1 go away", the lines of it joined by a blank, and
 * the code again where it is another. Of one that is not DONE: as much as came. */
size_t smtp_reply_said(const struct smtp_reply *reply, char *out, size_t size);
/* Text of its first line, printable ASCII, without the code. */
size_t smtp_reply_first(const struct smtp_reply *reply, char *out, size_t size);
/* Does one of the lines behind the first name this extension (RFC 5321, 4.1.1.1)? */
bool smtp_reply_offers(const struct smtp_reply *reply, const char *keyword);

#endif
