/* SPDX-License-Identifier: BSD-2-Clause */
/* Which program says what: the life of a message, starts, decisions, and what is left alone. */
#include "report_event_help.h"

static const struct row {
	const char *program, *text;
	enum event_kind kind;
	const char *qid;
	const char *first, *second; /* sender; or message id and old queue id; NULL: none */
} rows[] = {
	{ "pickup", "3F1A2B4C5D: uid=1000 from=<a@a.example>", EVENT_BORN, "3F1A2B4C5D", NULL,
	  NULL },
	{ "pickup", "3F1A2B4C5D: uid=0 from=<a@a.example> orig_id=4ZqXyz1BcDzK", EVENT_BORN,
	  "3F1A2B4C5D", NULL, "4ZqXyz1BcDzK" },
	{ "pickup", "3F1A2B4C5D: uid=0 from=<a> orig_id=AAAAAA@a.example>", EVENT_BORN,
	  "3F1A2B4C5D", NULL, NULL },
	{ "pickup", "3F1A2B4C5D: uid=0 from=<\"> orig_id=BBBBBB\"@a> orig_id=CCCCCC", EVENT_BORN,
	  "3F1A2B4C5D", NULL, "CCCCCC" },
	/* The sender's own, cut. */
	{ "pickup", "3F1A2B4C5D: uid=0 from=<\"> orig_id=BBBBBB", EVENT_BORN, "3F1A2B4C5D", NULL,
	  NULL },
	{ "pickup", "3F1A2B4C5D: uid=0 from=<\"> orig_id=BBBBBB\"@a>", EVENT_BORN, "3F1A2B4C5D",
	  NULL, NULL },
	{ "smtpd", "4ZqXyz1BcDzK: client=c.example[192.0.2.9]", EVENT_BORN, "4ZqXyz1BcDzK", NULL,
	  NULL },
	{ "smtpd", "3F1A2B: client=c.example[2001:db8::1], sasl_method=PLAIN, sasl_username=u",
	  EVENT_BORN, "3F1A2B", NULL, NULL },
	{ "smtpd", "NOQUEUE: client=c.example[192.0.2.9]", EVENT_NONE, "", NULL, NULL },
	{ "smtpd", "NOQUEUE: reject: RCPT from c[192.0.2.9]: 454 4.7.1 <x>: no; from=<a> to=<b>",
	  EVENT_NONE, "", NULL, NULL },
	{ "smtpd", "connect from c.example[192.0.2.9]", EVENT_NONE, "", NULL, NULL },
	{ "smtpd", "Anonymous TLS connection established from c.example[192.0.2.9]: TLSv1.3 with "
	  "cipher TLS_AES_256_GCM_SHA384 (256/256 bits) to mx.a.example", EVENT_NONE, "", NULL,
	  NULL },
	{ "smtpd", "Verified TLS connection established to mx.a.example[192.0.2.1]:25: TLSv1.3",
	  EVENT_NONE, "", NULL, NULL },
	{ "postscreen", "Verified TLS connection established to mx.a.example[192.0.2.1]:25: T",
	  EVENT_NONE, "", NULL, NULL },
	{ "cleanup", "3F1A2B4C5D: message-id=<1@a.example>", EVENT_BORN, "3F1A2B4C5D",
	  "1@a.example", NULL },
	{ "cleanup", "3F1A2B4C5D: message-id=<>", EVENT_BORN, "3F1A2B4C5D", "", NULL },
	{ "cleanup", "3F1A2B4C5D: message-id=<cut@a.exam", EVENT_BORN, "3F1A2B4C5D", "cut@a.exam",
	  NULL },
	{ "cleanup", "3F1A2B4C5D: message-id=bare@a.example", EVENT_BORN, "3F1A2B4C5D",
	  "bare@a.example", NULL },
	{ "cleanup", "3F1A2B4C5D: message-id=<1@a.example> (added by a)", EVENT_BORN, "3F1A2B4C5D",
	  "1@a.example", NULL },
	{ "cleanup", "3F1A2B4C5D: message-id=<1>2@a.example>", EVENT_BORN, "3F1A2B4C5D",
	  "1>2@a.example", NULL },
	{ "cleanup", "3F1A2B4C5D: message-id=", EVENT_BORN, "3F1A2B4C5D", "", NULL },
	{ "cleanup", "3F1A2B4C5D: resent-message-id=<2@a.example>", EVENT_NONE, "", NULL, NULL },
	{ "cleanup", "3F1A2B4C5D: removed (canceled)", EVENT_REMOVED, "3F1A2B4C5D", NULL, NULL },
	{ "cleanup", "3F1A2B4C5D: removed (discarded)", EVENT_REMOVED, "3F1A2B4C5D", NULL, NULL },
	{ "cleanup", "3F1A2B4C5D: reject: header Subject: message-id=<x>", EVENT_NONE, "", NULL,
	  NULL },
	{ "qmgr", "3F1A2B4C5D: from=<a@a.example>, size=512, nrcpt=1 (queue active)",
	  EVENT_SENDER, "3F1A2B4C5D", "a@a.example", NULL },
	{ "oqmgr", "3F1A2B4C5D: from=<a@a.example>, size=512, nrcpt=1 (queue active)",
	  EVENT_SENDER, "3F1A2B4C5D", "a@a.example", NULL },
	{ "qmgr", "3F1A2B4C5D: from=<>, size=0, nrcpt=12 (queue active)", EVENT_SENDER,
	  "3F1A2B4C5D", "", NULL },
	{ "qmgr", "3F1A2B4C5D: from=<\"x>, status=expired, returned to sender\"@a>, size=5, "
	  "nrcpt=1 (queue active)", EVENT_SENDER, "3F1A2B4C5D",
	  "\"x>, status=expired, returned to sender\"@a", NULL },
	{ "qmgr", "3F1A2B4C5D: from=<x>, size=1, nrcpt=1 (queue active)>, size=5, nrcpt=1 (queue "
	  "active)", EVENT_SENDER, "3F1A2B4C5D", "x>, size=1, nrcpt=1 (queue active)", NULL },
	{ "qmgr", "3F1A2B4C5D: from=<a@a.example>, status=expired, returned to sender",
	  EVENT_EXPIRED, "3F1A2B4C5D", "a@a.example", NULL },
	{ "qmgr", "3F1A2B4C5D: from=<a@a.example>, status=force-expired, returned to sender",
	  EVENT_EXPIRED, "3F1A2B4C5D", "a@a.example", NULL },
	{ "qmgr", "3F1A2B4C5D: from=<a@a.example>, status=what, returned to sender",
	  EVENT_STRANGE, "3F1A2B4C5D", NULL, NULL },
	{ "qmgr", "3F1A2B4C5D: from=<a@a.example>, size=, nrcpt=1 (queue active)",
	  EVENT_STRANGE, "3F1A2B4C5D", NULL, NULL },
	{ "qmgr", "3F1A2B4C5D: removed", EVENT_REMOVED, "3F1A2B4C5D", NULL, NULL },
	{ "qmgr", "3F1A2B4C5D: skipped, still being delivered", EVENT_NONE, "", NULL, NULL },
	{ "bounce", "3F1A2B4C5D: sender non-delivery notification: 4F1A2B4C5D", EVENT_NONE, "",
	  NULL, NULL },
	{ "master", "daemon started -- version 3.7.22, configuration /etc/postfix", EVENT_STARTED,
	  "", NULL, NULL },
	{ "master", "reload -- version 2.11.0, configuration /etc/postfix", EVENT_STARTED, "",
	  NULL, NULL },
	{ "master", "terminating on signal 15", EVENT_NONE, "", NULL, NULL },
	{ "postfix-script", "starting the Postfix mail system", EVENT_NONE, "", NULL, NULL },
	{ "danestsd", "policy nexthop=a.example domain=a.example reply=dane", EVENT_DECISION, "",
	  NULL, NULL },
	{ "danestsd", "policy of a.example changed", EVENT_NONE, "", NULL, NULL },
	{ "danestsd", "policy ", EVENT_NONE, "", NULL, NULL },
	{ "smtp", "policy nexthop=a.example domain=a.example reply=dane", EVENT_NONE, "", NULL,
	  NULL },
	{ "anvil", "statistics: max connection rate 1/60s", EVENT_NONE, "", NULL, NULL },
	{ "smtp", "", EVENT_NONE, "", NULL, NULL },
	{ "", "3F1A2B4C5D: removed", EVENT_NONE, "", NULL, NULL },
	{ "mtp", "3F1A2B4C5D: Server certificate not verified", EVENT_NONE, "", NULL, NULL },
};

static void each_program_has_its_lines(void **state)
{
	struct event e;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct row *r = &rows[i];

		if (read_line(r->program, r->text, &e) != r->kind)
			fail_msg("%s: %s: kind %d", r->program, r->text, (int)e.kind);
		assert_slice(e.qid, r->qid);
		if (r->kind == EVENT_SENDER || r->kind == EVENT_EXPIRED)
			assert_slice(e.sender.sender, r->first);
		if (r->kind == EVENT_DECISION)
			assert_slice(e.decision.pairs, r->text + strlen("policy "));
		if (r->kind != EVENT_BORN)
			continue;
		assert_true((e.born.message_id.p == NULL) == (r->first == NULL));
		assert_true((e.born.old_qid.p == NULL) == (r->second == NULL));
		assert_slice(e.born.message_id, r->first != NULL ? r->first : "");
		assert_slice(e.born.old_qid, r->second != NULL ? r->second : "");
	}
}

/* What a line is cut down to may be less, but not something else. */
static void a_cut_line_is_less(void **state)
{
	struct event e;
	char *copy;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (size_t len = 0; len <= strlen(rows[i].text); len++) {
			const enum event_kind kind =
			    read_n(rows[i].program, rows[i].text, len, &copy, &e);

			if (kind != rows[i].kind && kind != EVENT_NONE && kind != EVENT_STRANGE &&
			    strstr(rows[i].text, "from=<x>, size=1") == NULL &&
			    strstr(rows[i].text, "from=<\"x>, status=") == NULL)
				fail_msg("%s: %zu octets: kind %d", rows[i].text, len, (int)kind);
			free(copy);
		}
	}
}

static void a_record_that_may_be_cut_has_no_old_queue_id(void **state)
{
	static const struct { size_t len; bool old; } lens[] = { { 1899, true }, { 1950, false } };
	char text[2048];
	struct event e;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lens); i++) {
		static const char front[] = "3F1A2B: uid=0 from=<", back[] = "> orig_id=BBBBBB";
		/* What counts is behind "3F1A2B: uid=". */
		const size_t len = lens[i].len + strlen("3F1A2B: uid=");

		memset(text, 'a', len);
		memcpy(text, front, sizeof(front) - 1);
		memcpy(text + len - (sizeof(back) - 1), back, sizeof(back));
		assert_int_equal(read_line("pickup", text, &e), EVENT_BORN);
		assert_int_equal(e.born.old_qid.p != NULL, lens[i].old);
	}
}

static void a_queue_id_has_six_letters_or_digits_and_no_more_than_64(void **state)
{
	static const struct { const char *text; enum event_kind kind; } ids[] = {
		{ "12345: removed", EVENT_NONE },
		{ "123456: removed", EVENT_REMOVED },
		{ "4bNzQx3kLzzzT: removed", EVENT_REMOVED },
		{ "1234 6: removed", EVENT_NONE },
		{ "123456:removed", EVENT_NONE },
		{ "123456", EVENT_NONE },
		{ "123456:", EVENT_NONE },
		{ "123456: ", EVENT_NONE },
		{ "0123456789012345678901234567890123456789012345678901234567890123: removed",
		  EVENT_REMOVED },
		{ "01234567890123456789012345678901234567890123456789012345678901234: removed",
		  EVENT_NONE },
		{ "12345\xc3\xa4: removed", EVENT_NONE },
	};
	struct event e;
	char *copy;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		if (read_n("qmgr", ids[i].text, strlen(ids[i].text), &copy, &e) != ids[i].kind)
			fail_msg("%s", ids[i].text);
		free(copy);
	}
}

static void a_line_of_no_program_is_none(void **state)
{
	const struct line line = {0};
	struct event e;

	(void)state;
	event_read(&line, &e);
	assert_int_equal(e.kind, EVENT_NONE);
	assert_int_equal(e.qid.len, 0);
}

#define MX "mx.a.example[192.0.2.1]:25"
#define TAIL ", delay=1.2, delays=0.05/0.01/0.6/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok)"

static void a_host_that_was_passed_over_has_a_statement_and_no_recipient(void **state)
{
	static const struct { const char *text; enum statement statement; } lines[] = {
		{ "3F1A2B: Server certificate not verified", STATEMENT_NOT_VERIFIED },
		{ "3F1A2B: Cannot start TLS: handshake failure", STATEMENT_HANDSHAKE },
		{ "4bNzQx3kLzzzT: TLS is required, but was not offered by host mx[192.0.2.1]",
		  STATEMENT_NOT_OFFERED },
		{ "4bNzQx3kLzzzT: TLSA lookup error for mx.a.example:25", STATEMENT_TLSA_LOOKUP },
		/* Perhaps the same host is tried again without TLS. */
		{ "3F1A2B: host mx.a.example[192.0.2.1] said: 454 to=<b>, relay=" MX TAIL,
		  STATEMENT_OTHER },
		{ "3F1A2B: host mx.a.example[192.0.2.1] refused to talk to me: 421 a:b lookup "
		  "error: , disabling TLS support", STATEMENT_OTHER },
		{ "3F1A2B: lost connection with " MX " while sending RCPT TO", STATEMENT_OTHER },
		{ "3F1A2B: conversation with " MX " timed out while sending RCPT TO",
		  STATEMENT_OTHER },
	};
	struct event e;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		assert_int_equal(read_line("smtp", lines[i].text, &e), EVENT_PASSED);
		assert_int_equal(e.passed.statement, lines[i].statement);
		assert_slice(e.passed.text, strchr(lines[i].text, ' ') + 1);
		assert_int_equal(e.qid.len, strchr(lines[i].text, ':') - lines[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_program_has_its_lines),
		cmocka_unit_test(a_cut_line_is_less),
		cmocka_unit_test(a_record_that_may_be_cut_has_no_old_queue_id),
		cmocka_unit_test(a_queue_id_has_six_letters_or_digits_and_no_more_than_64),
		cmocka_unit_test(a_line_of_no_program_is_none),
		cmocka_unit_test(a_host_that_was_passed_over_has_a_statement_and_no_recipient),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
