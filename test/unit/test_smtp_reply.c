/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/attr.h"
#include "tools/smtp_reply.h"

static struct smtp_reply reply;

static size_t feed(const char *text, size_t len)
{
	smtp_reply_reset(&reply);
	return smtp_reply_feed(&reply, text, len);
}

static void a_line_is_a_reply(void **state)
{
	static const struct {
		const char *text;
		unsigned int code;
		const char *said, *first;
	} good[] = {
		{ "220 mx.example.com ESMTP\r\n", 220, "220 mx.example.com ESMTP",
		    "mx.example.com ESMTP" },
		{ "554 5.7.1 go away\n", 554, "554 5.7.1 go away", "5.7.1 go away" },
		{ "220\r\n", 220, "220", "" },
		{ "220\n", 220, "220", "" },
		{ "220 \r\n", 220, "220 ", "" },
		{ "421 a\rb\tc\033[31m\xc3\xa4\r\r\n", 421, "421 a?b?c?[31m???", "a?b?c?[31m???" },
		{ "150 150\r\n", 150, "150 150", "150" },
	};
	char out[100];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		assert_int_equal(feed(good[i].text, strlen(good[i].text)), strlen(good[i].text));
		assert_int_equal(reply.state, SMTP_REPLY_DONE);
		assert_int_equal(reply.code, good[i].code);
		assert_int_equal(reply.lines, 1);
		assert_int_equal(smtp_reply_said(&reply, out, sizeof(out)), strlen(good[i].said));
		assert_string_equal(out, good[i].said);
		assert_int_equal(smtp_reply_first(&reply, out, sizeof(out)), strlen(good[i].first));
		assert_string_equal(out, good[i].first);
	}
}

static void lines_with_a_hyphen_go_on(void **state)
{
	static const char text[] = "250-mx.example.com\r\n250-\n250-SIZE 10\r\n250 HELP\r\n";
	char out[100];

	(void)state;
	assert_int_equal(feed(text, sizeof(text) - 1), sizeof(text) - 1);
	assert_int_equal(reply.state, SMTP_REPLY_DONE);
	assert_int_equal(reply.lines, 4);
	smtp_reply_said(&reply, out, sizeof(out));
	assert_string_equal(out, "250 mx.example.com SIZE 10 HELP");
	smtp_reply_first(&reply, out, sizeof(out));
	assert_string_equal(out, "mx.example.com");
}

/* Postfix takes it so, and a sender is what is asked for. */
static void of_codes_that_differ_the_last_counts(void **state)
{
	static const struct {
		const char *text;
		unsigned int code;
		bool mixed;
		const char *said;
	} replies[] = {
		{ "250-mx\r\n354-STARTTLS\r\n250 x\r\n", 250, true, "250 mx 354 STARTTLS 250 x" },
		{ "220-a\r\n554-\r\n554 b\r\n", 554, true, "220 a 554  b" },
		{ "220-a\r\n421\r\n", 421, true, "220 a 421" },
		{ "220-a\r\n220-b\r\n220 c\r\n", 220, false, "220 a b c" },
	};
	char out[100];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		assert_int_equal(feed(replies[i].text, strlen(replies[i].text)),
		    strlen(replies[i].text));
		assert_int_equal(reply.state, SMTP_REPLY_DONE);
		assert_int_equal(reply.code, replies[i].code);
		assert_int_equal(reply.mixed, replies[i].mixed);
		smtp_reply_said(&reply, out, sizeof(out));
		assert_string_equal(out, replies[i].said);
	}
	feed(replies[0].text, strlen(replies[0].text));
	assert_true(smtp_reply_offers(&reply, "STARTTLS"));
	feed("250-x\r\n25", 9); /* half a line is not quoted */
	smtp_reply_said(&reply, out, sizeof(out));
	assert_string_equal(out, "250 x");
	assert_false(reply.mixed);
}

static void octet_by_octet_is_the_same_as_at_once(void **state)
{
	static const char text[] = "250-mx.example.com\r\n250-STARTTLS\n250\r\n";
	char at_once[100], slowly[100];

	(void)state;
	feed(text, sizeof(text) - 1);
	smtp_reply_said(&reply, at_once, sizeof(at_once));
	smtp_reply_reset(&reply);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		assert_int_equal(reply.state, SMTP_REPLY_MORE);
		assert_int_equal(smtp_reply_feed(&reply, text + i, 1), 1);
	}
	assert_int_equal(reply.state, SMTP_REPLY_DONE);
	smtp_reply_said(&reply, slowly, sizeof(slowly));
	assert_string_equal(slowly, at_once);
}

/* What comes behind a reply is not its: who reads it sees that it was there (CVE-2011-0411). */
static void nothing_behind_a_reply_is_taken(void **state)
{
	static const char text[] = "220 go\r\n250 injected\r\n";

	(void)state;
	assert_int_equal(feed(text, sizeof(text) - 1), strlen("220 go\r\n"));
	assert_int_equal(reply.state, SMTP_REPLY_DONE);
	assert_int_equal(smtp_reply_feed(&reply, "250 x\r\n", 7), 0);
}

static void what_is_no_reply_is_known_at_once_and_says_why(void **state)
{
	static const struct {
		const char *text;
		size_t len, taken;
	} bad[] = {
		{ "\r\n", 2, 1 },
		{ "\n220 x\n", 7, 1 },
		{ "SSH-2.0-x\r\n", 11, 1 },
		{ "HTTP/1.1 400 Bad\r\n", 18, 1 },
		{ " 220 x\r\n", 8, 1 },
		{ "22\r\n", 4, 3 },
		{ "22\n", 3, 3 },
		{ "2\n", 2, 2 },
		{ "022 x\r\n", 7, 1 },
		{ "620 x\r\n", 7, 1 },
		{ "2a0 x\r\n", 7, 2 },
		{ "22: x\r\n", 7, 3 },
		{ "220x\r\n", 6, 4 },
		{ "2200\r\n", 6, 4 },
		{ "220\tx\r\n", 7, 4 },
		{ "220\rx\r\n", 7, 5 },
		{ "220\r\r\n", 6, 5 },
		{ "220-a\r\n\r\n", 9, 8 },
		{ "220-a\r\nb\r\n", 10, 8 },
		{ "220 a\0b\r\n", 9, 6 },
		{ "\0", 1, 1 },
		{ "\x16\x03\x01\x02", 4, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_int_equal(feed(bad[i].text, bad[i].len), bad[i].taken);
		assert_int_equal(reply.state, SMTP_REPLY_BAD);
		assert_true(strlen(reply.problem) > 10);
		assert_int_equal(smtp_reply_feed(&reply, "220 x\r\n", 7), 0);
		assert_int_equal(reply.state, SMTP_REPLY_BAD);
		assert_false(smtp_reply_offers(&reply, "a"));
	}
}

static void half_a_reply_is_not_bad_yet(void **state)
{
	static const char *const half[] = {
		"", "2", "220", "220\r", "220 x", "220-x\r\n", "220-x\r\n2",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(half); i++) {
		assert_int_equal(feed(half[i], strlen(half[i])), strlen(half[i]));
		assert_int_equal(reply.state, SMTP_REPLY_MORE);
	}
}

static void a_line_is_bounded(void **state)
{
	static char line[SMTP_REPLY_LINE + 10];

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "220 ", 4);
	line[SMTP_REPLY_LINE - 1] = '\r';
	line[SMTP_REPLY_LINE] = '\n';
	feed(line, sizeof(line));
	assert_int_equal(reply.state, SMTP_REPLY_DONE);
	line[SMTP_REPLY_LINE - 1] = 'x';
	line[SMTP_REPLY_LINE] = 'x';
	assert_int_equal(feed(line, sizeof(line)), SMTP_REPLY_LINE + 1);
	assert_int_equal(reply.state, SMTP_REPLY_BAD);
	assert_non_null(strstr(reply.problem, "2048"));
}

/* Endless continuation lines, the shortest ones and long ones. */
static void a_reply_is_bounded(void **state)
{
	static const char *const line[] = { "250-\n", "250-x\r\n",
		"250-012345678901234567890123456789012345678901234567890123456789\r\n" };
	static char out[SMTP_REPLY_WHOLE * 2];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(line); i++) {
		size_t came = 0, n = strlen(line[i]), took;

		smtp_reply_reset(&reply);
		do {
			took = smtp_reply_feed(&reply, line[i], n);
			came += took;
		} while (reply.state == SMTP_REPLY_MORE && came < 2 * SMTP_REPLY_WHOLE);
		assert_int_equal(reply.state, SMTP_REPLY_BAD);
		assert_non_null(strstr(reply.problem, "64 KiB"));
		assert_int_equal(came, SMTP_REPLY_WHOLE + 1);
		assert_true(smtp_reply_said(&reply, out, sizeof(out)) < SMTP_REPLY_WHOLE);
	}
}

static void an_extension_is_a_word_of_any_case_behind_the_first_line(void **state)
{
	static const struct {
		const char *text;
		bool offered;
	} said[] = {
		{ "250-mx\r\n250 STARTTLS\r\n", true },
		{ "250-mx\r\n250-StartTLS\r\n250 HELP\r\n", true },
		{ "250-mx\r\n250-starttls \r\n250 HELP\r\n", true },
		{ "250-mx\r\n250-STARTTLS=x\r\n250 HELP\r\n", true },
		{ "250-mx\n250- STARTTLS\n250\n", true },
		{ "250 STARTTLS\r\n", false },
		{ "250-STARTTLS\r\n250 HELP\r\n", false },
		{ "250-mx\r\n250-XSTARTTLS\r\n250 HELP\r\n", false },
		{ "250-mx\r\n250-STARTTLSX\r\n250 HELP\r\n", false },
		{ "250-mx\r\n250-STARTTL\r\n250 HELP\r\n", false },
		{ "250-mx\r\n250-HELP STARTTLS\r\n250\r\n", false },
		{ "250-mx\r\n250-STARTTLS\r\n", false }, /* not whole */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(said); i++) {
		feed(said[i].text, strlen(said[i].text));
		assert_int_equal(smtp_reply_offers(&reply, "STARTTLS"), said[i].offered);
	}
}

static void what_is_said_fits_any_room(void **state)
{
	static const char text[] = "554-5.7.1 go away\r\n554-\r\n554 5.7.1 and stay there\r\n";
	char whole[100], out[100];
	size_t len;

	(void)state;
	feed(text, sizeof(text) - 1);
	len = smtp_reply_said(&reply, whole, sizeof(whole));
	assert_string_equal(whole, "554 5.7.1 go away 5.7.1 and stay there");
	for (size_t size = 1; size <= sizeof(out); size++) {
		memset(out, 'x', sizeof(out));
		assert_int_equal(smtp_reply_said(&reply, out, size), len < size ? len : size - 1);
		assert_memory_equal(out + (size > 4 ? 4 : 0), whole + (size > 4 ? 4 : 0),
		    size > 4 ? (len < size ? len : size - 1) - 4 : 0);
		assert_int_equal(out[len < size ? len : size - 1], '\0');
	}
	assert_int_equal(smtp_reply_said(&reply, NULL, 0), 0);
	feed("", 0);
	assert_int_equal(smtp_reply_said(&reply, out, sizeof(out)), 0);
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_a_reply),
		cmocka_unit_test(lines_with_a_hyphen_go_on),
		cmocka_unit_test(of_codes_that_differ_the_last_counts),
		cmocka_unit_test(octet_by_octet_is_the_same_as_at_once),
		cmocka_unit_test(nothing_behind_a_reply_is_taken),
		cmocka_unit_test(what_is_no_reply_is_known_at_once_and_says_why),
		cmocka_unit_test(half_a_reply_is_not_bad_yet),
		cmocka_unit_test(a_line_is_bounded),
		cmocka_unit_test(a_reply_is_bounded),
		cmocka_unit_test(an_extension_is_a_word_of_any_case_behind_the_first_line),
		cmocka_unit_test(what_is_said_fits_any_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
