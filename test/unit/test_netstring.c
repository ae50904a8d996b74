/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "plugin/netstring.h"

static enum netstring_result parse(const char *text, struct netstring *out)
{
	return netstring_parse(text, strlen(text), 10000, out);
}

static void frame_is_found_at_the_start(void **state)
{
	struct netstring n;

	(void)state;
	assert_int_equal(parse("5:hello,3:abc,", &n), NETSTRING_OK);
	assert_int_equal(n.len, 5);
	assert_memory_equal(n.payload, "hello", 5);
	assert_int_equal(n.frame_len, 8);
}

static void empty_payload_is_a_frame(void **state)
{
	struct netstring n;

	(void)state;
	assert_int_equal(parse("0:,", &n), NETSTRING_OK);
	assert_int_equal(n.len, 0);
	assert_int_equal(n.frame_len, 3);
}

static void leading_zeros_are_fine(void **state)
{
	struct netstring n;

	(void)state;
	assert_int_equal(parse("0005:hello,", &n), NETSTRING_OK);
	assert_int_equal(n.len, 5);
	assert_int_equal(parse("00000000000000000005:hello,", &n), NETSTRING_OK);
	assert_int_equal(n.len, 5);
}

static void every_part_of_a_frame_asks_for_more(void **state)
{
	static const char frame[] = "12:hello world!,";
	struct netstring n = { .len = 77 };

	(void)state;
	for (size_t len = 0; len < sizeof(frame) - 1; len++)
		assert_int_equal(netstring_parse(frame, len, 10000, &n), NETSTRING_MORE);
	assert_int_equal(n.len, 77); /* untouched */
	assert_int_equal(netstring_parse(frame, sizeof(frame) - 1, 10000, &n), NETSTRING_OK);
}

static void bad_frames_are_bad_as_early_as_can_be(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ ":", "no length" },
		{ "x", "no digit" },
		{ " 5:", "blank before the length" },
		{ "+5:", "leading plus" },
		{ "-5:", "leading minus" },
		{ "5 ", "no colon" },
		{ "5,", "no colon" },
		{ "10001", "over the limit, even before the colon" },
		{ "99999999999999999999", "far over the limit" },
		{ "000000000000000000000", "more digits than anybody sends" },
		{ "5:hello;", "no comma" },
		{ "5:hello6", "payload longer than it says" },
		{ "0:x", "no comma" },
	};
	struct netstring n;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (parse(bad[i].text, &n) != NETSTRING_BAD)
			fail_msg("taken: %s", bad[i].why);
}

static void limit_itself_is_allowed(void **state)
{
	struct netstring n;

	(void)state;
	assert_int_equal(netstring_parse("5:hello,", 8, 5, &n), NETSTRING_OK);
	assert_int_equal(netstring_parse("5:hello,", 8, 4, &n), NETSTRING_BAD);
}

static void what_is_framed_can_be_parsed(void **state)
{
	char payload[300], frame[300 + NETSTRING_OVERHEAD];
	struct netstring n;

	(void)state;
	memset(payload, 'x', sizeof(payload));
	for (size_t len = 0; len <= sizeof(payload); len++) {
		size_t size = netstring_frame(frame, payload, len);

		assert_true(size <= len + NETSTRING_OVERHEAD);
		assert_int_equal(netstring_parse(frame, size, 300, &n), NETSTRING_OK);
		assert_int_equal(n.frame_len, size);
		assert_int_equal(n.len, len);
		assert_memory_equal(n.payload, payload, len);
	}
	assert_int_equal(netstring_frame(frame, "NOTFOUND ", 9), 12);
	assert_memory_equal(frame, "9:NOTFOUND ,", 12); /* no leading zeros: Postfix */
}

static void payload_may_lie_in_the_frame_already(void **state)
{
	char frame[NETSTRING_OVERHEAD + 10];

	(void)state;
	memcpy(frame + NETSTRING_OVERHEAD, "0123456789", 10);
	assert_int_equal(netstring_frame(frame, frame + NETSTRING_OVERHEAD, 10), 14);
	assert_memory_equal(frame, "10:0123456789,", 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_is_found_at_the_start),
		cmocka_unit_test(empty_payload_is_a_frame),
		cmocka_unit_test(leading_zeros_are_fine),
		cmocka_unit_test(every_part_of_a_frame_asks_for_more),
		cmocka_unit_test(bad_frames_are_bad_as_early_as_can_be),
		cmocka_unit_test(limit_itself_is_allowed),
		cmocka_unit_test(what_is_framed_can_be_parsed),
		cmocka_unit_test(payload_may_lie_in_the_frame_already),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
