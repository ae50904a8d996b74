/* SPDX-License-Identifier: BSD-2-Clause */
/* Delivery lines of every version, and what strangers put into them. */
#include "report_event_help.h"

#define TAIL ", delay=1.2, delays=0.05/0.01/0.6/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok)"
#define HELD ", delay=1.2, delays=0.05/0.01/0.6/0.5, dsn=4.7.5, status=deferred "
#define MX "mx.a.example[192.0.2.1]:25"
#define COMMAS ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,"

static const struct row {
	const char *program, *text;
	const char *recipient, *host, *address;
	enum relay_kind kind;
	uint16_t port;
	uint32_t conn_use;
	enum level level;
	const char *dsn;
	enum status status;
	enum statement statement;
	const char *reason;
} rows[] = {
	/* 2.11 to 3.10 */
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=" MX TAIL, "b@b.example", "mx.a.example",
	  "192.0.2.1", RELAY_HOST, 25, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT, STATEMENT_OTHER,
	  "250 2.0.0 Ok" },
	{ "smtp", "4bNzQx3kLzzzT: to=<b@b.example>, orig_to=<root>, relay=mx.a.example[2001:db8::1]"
	  ":587, conn_use=3" TAIL, "b@b.example", "mx.a.example", "2001:db8::1", RELAY_HOST, 587, 3,
	  LEVEL_ABSENT, "2.0.0", STATUS_SENT, STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=unknown[192.0.2.1]:25" HELD
	  "(Server certificate not verified)", "b@b.example", "unknown", "192.0.2.1", RELAY_HOST,
	  25, 1, LEVEL_ABSENT, "4.7.5", STATUS_DEFERRED, STATEMENT_NOT_VERIFIED,
	  "Server certificate not verified" },
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=none" HELD "(non DNSSEC destination)",
	  "b@b.example", "", "", RELAY_NONE, 0, 1, LEVEL_ABSENT, "4.7.5", STATUS_DEFERRED,
	  STATEMENT_NO_DNSSEC, "non DNSSEC destination" },
	/* 3.11 on */
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=" MX ", conn_use=2, delay=1, "
	  "delays=0/0/0/1, tls=dane, dsn=2.0.0, status=sent (250 ok (really))", "b@b.example",
	  "mx.a.example", "192.0.2.1", RELAY_HOST, 25, 2, LEVEL_DANE, "2.0.0", STATUS_SENT,
	  STATEMENT_OTHER, "250 ok (really)" },
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=" MX ", delay=1, delays=0/0/0/1, tls=may, "
	  "new=a(b, \"more, of\" it, =x, y=, dsn=2.0.0, status=sent (250 ok)", "b@b.example",
	  "mx.a.example", "192.0.2.1", RELAY_HOST, 25, 1, LEVEL_MAY, "2.0.0", STATUS_SENT,
	  STATEMENT_OTHER, "250 ok" },
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=" MX ", delay=1, delays=0/0/0/1, new=\"a, "
	  "tls=dane\", dsn=2.0.0, status=sent (250 ok)", "b@b.example", "mx.a.example",
	  "192.0.2.1", RELAY_HOST, 25, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT, STATEMENT_OTHER,
	  "250 ok" },
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=none, delay=1, delays=0/0/0/1, tls=may, "
	  "tls=dane, "
	  "dsn=2.0.0, status=sent (250 ok)", "b@b.example", "", "", RELAY_NONE, 0, 1, LEVEL_MAY,
	  "2.0.0", STATUS_SENT, STATEMENT_OTHER, "250 ok" },
	/* A filter made another number, and another end, of it: the statement decides. */
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=" MX ", delay=1, delays=0/0/0/1, tls=dane, "
	  "dsn=5.7.4, status=bounced (TLS is required, but was not offered by host mx.a.example["
	  "192.0.2.1])", "b@b.example", "mx.a.example", "192.0.2.1", RELAY_HOST, 25, 1, LEVEL_DANE,
	  "5.7.4", STATUS_BOUNCED, STATEMENT_NOT_OFFERED,
	  "TLS is required, but was not offered by host mx.a.example[192.0.2.1]" },
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=" MX ", delay=1, delays=0/0/0/1, dsn=5.1.1, "
	  "status=SOFTBOUNCE (host x said: 550 no)", "b@b.example", "mx.a.example", "192.0.2.1",
	  RELAY_HOST, 25, 1, LEVEL_ABSENT, "5.1.1", STATUS_OTHER, STATEMENT_OTHER,
	  "host x said: 550 no" },
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=" MX ", delay=1, delays=0/0/0/1, dsn=2.1.5, "
	  "status=deliverable (250 ok)", "b@b.example", "mx.a.example", "192.0.2.1", RELAY_HOST, 25,
	  1, LEVEL_ABSENT, "2.1.5", STATUS_PROBE, STATEMENT_OTHER, "250 ok" },
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=none, delay=1, delays=0/0/0/1, dsn=4.7.5, "
	  "status=undeliverable (no TLSA records found)", "b@b.example", "", "", RELAY_NONE, 0, 1,
	  LEVEL_ABSENT, "4.7.5", STATUS_PROBE, STATEMENT_NO_TLSA, "no TLSA records found" },
	/* Suspended destinations; by error before 3.x too, by retry, by qmgr itself. */
	{ "error", "3F1A2B: to=<b@b.example>, relay=none" HELD "(delivery temporarily suspended: "
	  "Server certificate not trusted)", "b@b.example", "", "", RELAY_NONE, 0, 1, LEVEL_ABSENT,
	  "4.7.5", STATUS_DEFERRED, STATEMENT_NOT_TRUSTED, "Server certificate not trusted" },
	{ "retry", "3F1A2B: to=<b@b.example>, relay=none" HELD "(delivery temporarily suspended: "
	  "host h[192.0.2.1] said: Server certificate not trusted)", "b@b.example", "", "",
	  RELAY_NONE, 0, 1, LEVEL_ABSENT, "4.7.5", STATUS_DEFERRED, STATEMENT_OTHER,
	  "host h[192.0.2.1] said: Server certificate not trusted" },
	{ "qmgr", "3F1A2B: to=<b@b.example>, relay=none" HELD "(delivery temporarily suspended: "
	  "Cannot start TLS: handshake failure)", "b@b.example", "", "", RELAY_NONE, 0, 1,
	  LEVEL_ABSENT, "4.7.5", STATUS_DEFERRED, STATEMENT_HANDSHAKE,
	  "Cannot start TLS: handshake failure" },
	/* What stays here. */
	{ "lmtp", "3F1A2B: to=<b@b.example>, relay=a.example[private/dovecot-lmtp]" TAIL,
	  "b@b.example", "", "", RELAY_LOCAL, 0, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT,
	  STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "lmtp", "3F1A2B: to=<b@b.example>, relay=a.example[/run/lmtp]" TAIL, "b@b.example", "",
	  "", RELAY_LOCAL, 0, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT, STATEMENT_OTHER,
	  "250 2.0.0 Ok" },
	{ "lmtp", "3F1A2B: to=<b@b.example>, relay=127.0.0.1[127.0.0.1]:24" TAIL, "b@b.example",
	  "127.0.0.1", "127.0.0.1", RELAY_HOST, 24, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT,
	  STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "local", "3F1A2B: to=<b@b.example>, relay=local" TAIL, "b@b.example", "", "",
	  RELAY_LOCAL, 0, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT, STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "virtual", "3F1A2B: to=<b@b.example>, relay=virtual" TAIL, "b@b.example", "", "",
	  RELAY_LOCAL, 0, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT, STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "pipe", "3F1A2B: to=<b@b.example>, relay=dovecot" TAIL, "b@b.example", "", "",
	  RELAY_LOCAL, 0, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT, STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "discard", "3F1A2B: to=<b@b.example>, relay=none" TAIL, "b@b.example", "", "",
	  RELAY_LOCAL, 0, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT, STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=mx.a.example[192.0.2.1]:65536" TAIL,
	  "b@b.example", "", "", RELAY_LOCAL, 0, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT,
	  STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=mx.a.example[192.0.2.1]:0" TAIL,
	  "b@b.example", "", "", RELAY_LOCAL, 0, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT,
	  STATEMENT_OTHER, "250 2.0.0 Ok" },
	/* Recipients: none; UTF-8; quoted (3.5 on); as they are (before). */
	{ "smtp", "3F1A2B: to=<>, relay=" MX TAIL, "", "mx.a.example", "192.0.2.1", RELAY_HOST,
	  25, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT, STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "smtp", "3F1A2B: to=<j\xc3\xb6rg@b.example>, relay=" MX TAIL, "j\xc3\xb6rg@b.example",
	  "mx.a.example", "192.0.2.1", RELAY_HOST, 25, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT,
	  STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "smtp", "3F1A2B: to=<\"a b>, (c\\\" \\\\\"@b.example>, relay=" MX TAIL,
	  "\"a b>, (c\\\" \\\\\"@b.example", "mx.a.example", "192.0.2.1", RELAY_HOST, 25, 1,
	  LEVEL_ABSENT, "2.0.0", STATUS_SENT, STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "smtp", "3F1A2B: to=<\"x>, relay=none, delay=1\"@b.example>, orig_to=<\"y>, relay=z\""
	  ">, relay=" MX TAIL, "\"x>, relay=none, delay=1\"@b.example", "mx.a.example",
	  "192.0.2.1", RELAY_HOST, 25, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT, STATEMENT_OTHER,
	  "250 2.0.0 Ok" },
	/* A domain literal holds anything, too. */
	{ "smtp", "3F1A2B: to=<b@[IPv6:2001:db8::1]>, relay=" MX TAIL, "b@[IPv6:2001:db8::1]",
	  "mx.a.example", "192.0.2.1", RELAY_HOST, 25, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT,
	  STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "smtp", "3F1A2B: to=<\"a b\"@[x>, relay=y\\]][z>]>, orig_to=<c@[>]>, relay=" MX TAIL,
	  "\"a b\"@[x>, relay=y\\]][z>]", "mx.a.example", "192.0.2.1", RELAY_HOST, 25, 1,
	  LEVEL_ABSENT, "2.0.0", STATUS_SENT, STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "smtp", "3F1A2B: to=<a[b@b.example>, relay=" MX TAIL, "a[b@b.example",
	  "mx.a.example", "192.0.2.1", RELAY_HOST, 25, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT,
	  STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "smtp", "3F1A2B: to=<a b>, (c\" \\@b.example>, relay=" MX TAIL,
	  "a b>, (c\" \\@b.example", "mx.a.example", "192.0.2.1", RELAY_HOST, 25, 1, LEVEL_ABSENT,
	  "2.0.0", STATUS_SENT, STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "smtp", "3F1A2B: to=<a>, relay=mx, delay=1, delays=1, x=y@b.example>, relay=" MX TAIL,
	  "a>, relay=mx, delay=1, delays=1, x=y@b.example", "mx.a.example", "192.0.2.1", RELAY_HOST,
	  25, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT, STATEMENT_OTHER, "250 2.0.0 Ok" },
	{ "smtp", "3F1A2B: to=<a>, orig_to=<c@b.example>, orig_to=<d>e>, relay=" MX TAIL, "a",
	  "mx.a.example", "192.0.2.1", RELAY_HOST, 25, 1, LEVEL_ABSENT, "2.0.0", STATUS_SENT,
	  STATEMENT_OTHER, "250 2.0.0 Ok" },
	/* Servers that write our lines. */
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=" MX HELD "(host mx said: 454 TLS is required, "
	  "but was not offered by host y (in reply to MAIL FROM command))", "b@b.example",
	  "mx.a.example", "192.0.2.1", RELAY_HOST, 25, 1, LEVEL_ABSENT, "4.7.5", STATUS_DEFERRED,
	  STATEMENT_OTHER, "host mx said: 454 TLS is required, but was not offered by host y (in "
	  "reply to MAIL FROM command)" },
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=" MX HELD "(host x said: 4>, relay=" MX TAIL
	  " 4)", "b@b.example", "mx.a.example", "192.0.2.1", RELAY_HOST, 25, 1, LEVEL_ABSENT,
	  "4.7.5", STATUS_DEFERRED, STATEMENT_OTHER, "host x said: 4>, relay=" MX TAIL " 4" },
	/* Cut: the text goes to the end. */
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=" MX HELD "(host x said: 4 very (long", "b@b."
	  "example", "mx.a.example", "192.0.2.1", RELAY_HOST, 25, 1, LEVEL_ABSENT, "4.7.5",
	  STATUS_DEFERRED, STATEMENT_OTHER, "host x said: 4 very (long" },
	{ "smtp", "3F1A2B: to=<b@b.example>, relay=" MX HELD "(", "b@b.example", "mx.a.example",
	  "192.0.2.1", RELAY_HOST, 25, 1, LEVEL_ABSENT, "4.7.5", STATUS_DEFERRED, STATEMENT_OTHER,
	  "" },
};

static void same(const struct row *r, const struct event *e)
{
	if (e->kind != EVENT_DELIVERY)
		fail_msg("%s: kind %d", r->text, (int)e->kind);
	assert_slice(e->delivery.recipient, r->recipient);
	assert_slice(e->delivery.relay_host, r->host);
	assert_slice(e->delivery.relay_address, r->address);
	assert_slice(e->delivery.dsn, r->dsn);
	assert_slice(e->delivery.text, r->reason);
	assert_int_equal(e->delivery.relay_kind, r->kind);
	assert_int_equal(e->delivery.port, r->port);
	assert_int_equal(e->delivery.conn_use, r->conn_use);
	assert_int_equal(e->delivery.tls.level, r->level);
	assert_int_equal(e->delivery.status, r->status);
	assert_int_equal(e->delivery.statement, r->statement);
	assert_int_equal(e->delivery.suspended,
	    strstr(r->text, "(delivery temporarily suspended: ") != NULL);
}

static void every_delivery_line_is_read(void **state)
{
	struct event e;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		(void)read_line(rows[i].program, rows[i].text, &e);
		same(&rows[i], &e);
	}
}

/* Rows whose recipient holds a whole line are cut to that line; the others lose text only. */
static void a_cut_line_has_no_other_status(void **state)
{
	struct event e;
	char *copy;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct row *r = &rows[i];
		const size_t head = (size_t)(strstr(r->text, "status=") - r->text);

		if (strstr(r->recipient, "status=") != NULL)
			continue;
		for (size_t len = 0; len < strlen(r->text); len++) {
			const enum event_kind kind = read_n(r->program, r->text, len, &copy, &e);

			if (kind == EVENT_DELIVERY) {
				assert_true(len > head);
				assert_slice(e.delivery.recipient, r->recipient);
				assert_slice(e.delivery.dsn, r->dsn);
				assert_int_equal(e.delivery.status, r->status);
				assert_int_equal(e.delivery.tls.level, r->level);
				assert_true(e.delivery.statement == r->statement ||
				    e.delivery.statement == STATEMENT_OTHER);
			} else if (kind != EVENT_NONE && kind != EVENT_STRANGE) {
				fail_msg("%.*s: kind %d", (int)len, r->text, (int)kind);
			}
			free(copy);
		}
	}
}

static void what_cannot_be_read_is_strange_and_never_found_in_a_servers_words(void **state)
{
	static const char *const lines[] = {
		"3F1A2B: to=<b@b.example",
		"3F1A2B: to=<b@b.example>",
		"3F1A2B: to=<b@b.example>, relay=, delay=1" TAIL,
		"3F1A2B: to=<b@b.example>, relay=" MX ", conn_use=0" TAIL,
		"3F1A2B: to=<b@b.example>, relay=" MX ", conn_use=4294967296" TAIL,
		"3F1A2B: to=<b@b.example>, relay=" MX ", conn_use=x" TAIL,
		"3F1A2B: to=<b@b.example>, relay=" MX ", delays=1/1/1/1, dsn=2.0.0, status=sent "
		    "(a)",
		"3F1A2B: to=<b@b.example>, relay=" MX ", delay=1, delays=1, status=sent (x, dsn="
		    "2.0.0, status=sent (a)",
		"3F1A2B: to=<b@b.example>, relay=" MX ", delay=1, delays=1, dsn=2.0.0, status= (a)",
		"3F1A2B: to=<b@b.example>, relay=" MX ", delay=1, delays=1, dsn=2.0.0, status=sent",
		"3F1A2B: to=<b@b.example>, relay=" MX ", delay=1, delays=1, dsn=2.0.0, "
		    "status=sent(a)",
		"3F1A2B: to=<b@b.example>, relay=" MX ", odd=1" HELD "(4>, relay=" MX TAIL,
		"3F1A2B: to=<b@b.example, relay=" MX HELD "(4>, relay=" MX TAIL,
		"3F1A2B: to=<b@b.example>, orig_to=<c, relay=" MX HELD "(4>, relay=" MX TAIL,
		"3F1A2B: to=<b@b.example>, relay=" MX ", delay=1, delays=1, " COMMAS COMMAS
		    " dsn=2.0.0, status=sent (a)",
		"3F1A2B: to=<b@b.example>, relay=" MX ", delay=1, delays=1, a=b, relay=c, dsn=2.0.0"
		    ", status=sent (a)",
		/* What begins with a quotation mark ends with one, or nobody knows where. */
		"3F1A2B: to=<\"half@b.example>, relay=" MX TAIL,
		"3F1A2B: to=<\"half\"b@b.example>, relay=" MX TAIL,
		"3F1A2B: to=<\"x@b.example>, relay=" MX ", delay=1, delays=0/0/0/1, tls=dane, "
		    "dsn=2.0.0, status=sent (ok aaaaaaaa",
		"3F1A2B: to=<y@b.example>, orig_to=<\"x@b.example>, relay=" MX TAIL,
		"3F1A2B: to=<y@b.example>, orig_to=<\"z>, relay=" MX TAIL "a\"@c.example>, relay="
		    "none" HELD "(connect)",
		/* The server's mark, or the recipient's own. */
		"3F1A2B: to=<\"a@c.example>, relay=" MX HELD "(host mx said: 450 x\"@b.example>, "
		    "relay=" MX TAIL " (in reply to MAIL FROM command))",
		"3F1A2B: to=<\"x>, relay=none" TAIL "\"@b.example>, relay=" MX TAIL,
		"3F1A2B: to=<\"x>, orig_to=<y>, relay=none" TAIL "\"@b.example>, relay=" MX TAIL,
		/* The same with domain literals. */
		"3F1A2B: to=<a@[x>, relay=" MX TAIL "]>, relay=none" HELD "(bad address syntax)",
		"3F1A2B: to=<a@[x>, relay=" MX TAIL,
		"3F1A2B: to=<a@[x][y>, relay=" MX TAIL "]>, relay=none" HELD "(connect)",
	};
	struct event e;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		if (read_line("smtp", lines[i], &e) != EVENT_STRANGE)
			fail_msg("%s: kind %d", lines[i], (int)e.kind);
		assert_slice(e.qid, "3F1A2B");
	}
}

static void what_is_no_delivery_is_none(void **state)
{
	static const struct { const char *program, *text; } lines[] = {
		{ "smtp", "3F1A2B: status=deferred (bounce failed)" },
		{ "smtp", "3F1A2B: enabling PIX workarounds: disable_esmtp delay_dotcrlf for " MX },
		{ "smtp", "3F1A2B: breaking line > 998 bytes with <CR><LF>SPACE" },
		{ "smtp", "3F1A2B: from=<a@a.example>, size=1" },
		{ "smtp", "warning: Server certificate not verified" },
		{ "smtp", "NOQ: to=<b@b.example>, relay=" MX TAIL },
		{ "error", "3F1A2B: Server certificate not verified" },
		{ "bounce", "3F1A2B: to=<b@b.example>, relay=" MX TAIL },
		{ "smtpd", "3F1A2B: to=<b@b.example>, relay=" MX TAIL },
	};
	struct event e;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		if (read_line(lines[i].program, lines[i].text, &e) != EVENT_NONE)
			fail_msg("%s: kind %d", lines[i].text, (int)e.kind);
}

/* Thousands of octets that could end an address. */
static void a_line_of_ends_of_addresses_is_strange(void **state)
{
	static const char piece[] = ">, orig_to=<>, relay=a, delay=1, delays=1, a=b";
	static char text[LINE_MAX_OCTETS];
	const struct line line = { .program = SLICE("smtp"), .text = { text, sizeof(text) } };
	struct event e;

	(void)state;
	memset(text, '>', sizeof(text));
	memcpy(text, "3F1A2B: to=<", 12);
	event_read(&line, &e);
	assert_int_equal(e.kind, EVENT_STRANGE);
	for (size_t at = 12; at + sizeof(piece) < sizeof(text); at += sizeof(piece) - 1)
		memcpy(text + at, piece, sizeof(piece) - 1);
	event_read(&line, &e);
	assert_int_equal(e.kind, EVENT_STRANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_delivery_line_is_read),
		cmocka_unit_test(a_cut_line_has_no_other_status),
		cmocka_unit_test(
		    what_cannot_be_read_is_strange_and_never_found_in_a_servers_words),
		cmocka_unit_test(what_is_no_delivery_is_none),
		cmocka_unit_test(a_line_of_ends_of_addresses_is_strange),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
