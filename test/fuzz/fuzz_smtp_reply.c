/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SMTP replies: however the octets are cut into pieces, the same comes out; what is said of
 * them is printable and fits; bounds hold; what is taken is never given back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/smtp_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct smtp_reply whole, cut;

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_text(const struct smtp_reply *reply)
{
	char out[300];
	size_t len = smtp_reply_said(reply, out, sizeof(out));

	check(len < sizeof(out) && strlen(out) == len);
	for (size_t i = 0; i < len; i++)
		check(out[i] >= ' ' && out[i] <= '~');
	len = smtp_reply_first(reply, out, sizeof(out));
	check(len < sizeof(out) && strlen(out) == len);
	for (size_t i = 0; i < len; i++)
		check(out[i] >= ' ' && out[i] <= '~');
}

/* The code of the last line is that of the reply. */
static unsigned int last_code(const char *text, size_t took)
{
	const char *line = text + took - 1; /* where the last line ends */

	while (line > text && line[-1] != '\n')
		line--;
	return (unsigned int)(line[0] - '0') * 100 + (unsigned int)(line[1] - '0') * 10 +
	    (unsigned int)(line[2] - '0');
}

static void check_reply(const struct smtp_reply *reply, const char *text, size_t took)
{
	check(reply->came == took && took <= SMTP_REPLY_WHOLE + 1);
	check(reply->len <= SMTP_REPLY_WHOLE && reply->line <= reply->len);
	check((reply->state == SMTP_REPLY_BAD) == (reply->problem != NULL));
	if (reply->state != SMTP_REPLY_DONE) {
		check(!smtp_reply_offers(reply, "STARTTLS"));
		return;
	}
	check(took >= 4 && text[took - 1] == '\n' && memchr(text, '\0', took) == NULL);
	check(reply->code >= 100 && reply->code <= 599 && reply->lines >= 1);
	check(reply->code == last_code(text, took));
	check(reply->lines > 1 || !reply->mixed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t took, at = 0;

	smtp_reply_reset(&whole);
	smtp_reply_reset(&cut);
	took = smtp_reply_feed(&whole, text, size);
	check(took == size || whole.state != SMTP_REPLY_MORE);
	check_reply(&whole, text, took);
	check_text(&whole);
	while (at < size && cut.state == SMTP_REPLY_MORE) {
		size_t piece = 1 + data[at] % 7;

		at += smtp_reply_feed(&cut, text + at, piece < size - at ? piece : size - at);
	}
	check(at == took && cut.state == whole.state && cut.code == whole.code);
	check(cut.mixed == whole.mixed);
	check(cut.lines == whole.lines && cut.len == whole.len);
	check(memcmp(cut.text, whole.text, whole.len) == 0);
	check(smtp_reply_offers(&cut, "STARTTLS") == smtp_reply_offers(&whole, "STARTTLS"));
	return 0;
}
