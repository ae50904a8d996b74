/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/stubproto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "danests.h"

static const uint8_t *bytes(const struct buf *b) { return (const uint8_t *)b->data; }

static void a_question_goes_there_and_back(void **state)
{
	static const uint8_t example[] = { 0, 0, 0, 11, 0, 0, 0, 7, 0, 0, 0, 15, 'l', 'a', 'b' };
	struct stub_question q = { .id = 7, .qtype = 15, .name = "lab" }, back;
	struct buf b = {0};

	(void)state;
	stub_put_question(&b, &q);
	assert_int_equal(b.len, sizeof(example));
	assert_memory_equal(b.data, example, sizeof(example));
	assert_int_equal(stub_frame(bytes(&b), b.len), (int)sizeof(example));
	assert_int_equal(stub_get_question(&back, bytes(&b), b.len), DANESTS_OK);
	assert_memory_equal(&back, &q, sizeof(q));
	buf_free(&b);
}

static void a_reply_goes_there_and_back(void **state)
{
	uint8_t packet[UINT16_MAX];
	struct stub_reply reply = { .id = 0xfffefdfc, .status = STUB_PACKET, .packet = packet,
	    .len = sizeof(packet) }, back;
	struct buf b = {0};

	(void)state;
	memset(packet, 0x5a, sizeof(packet));
	stub_put_reply(&b, &reply);
	assert_int_equal(stub_frame(bytes(&b), b.len), (int)b.len);
	assert_int_equal(stub_get_reply(&back, bytes(&b), b.len), DANESTS_OK);
	assert_int_equal(back.id, reply.id);
	assert_int_equal(back.len, reply.len);
	assert_memory_equal(back.packet, packet, sizeof(packet));
	buf_free(&b);
}

static void half_a_frame_waits_for_the_rest(void **state)
{
	static const uint8_t example[] = { 0, 0, 0, 5, 0, 0, 0, 7, 1, 99 };

	(void)state;
	for (size_t len = 0; len < 9; len++)
		assert_int_equal(stub_frame(example, len), 0);
	assert_int_equal(stub_frame(example, 9), 9);
	assert_int_equal(stub_frame(example, 10), 9);
}

static void a_length_out_of_bounds_is_no_frame(void **state)
{
	static const uint8_t none[] = { 0, 0, 0, 0, 1 }, huge[] = { 0, 1, 0, 5 };

	(void)state;
	assert_int_equal(stub_frame(none, sizeof(none)), -1);
	assert_int_equal(stub_frame(huge, sizeof(huge)), -1);
}

static void odd_replies_are_refused(void **state)
{
	static const struct {
		uint8_t frame[24];
		size_t len;
	} cases[] = {
		{ { 0, 0, 0, 4, 0, 0, 0, 7 }, 8 },                    /* no status */
		{ { 0, 0, 0, 5, 0, 0, 0, 7, 3 }, 9 },                 /* unknown status */
		{ { 0, 0, 0, 16, 0, 0, 0, 7, STUB_PACKET }, 20 },     /* shorter than a header */
		{ { 0, 0, 0, 6, 0, 0, 0, 7, STUB_TIMEOUT, 1 }, 10 },  /* a failure with a packet */
	};
	struct stub_reply reply;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(stub_get_reply(&reply, cases[i].frame, cases[i].len),
		    DANESTS_EINVAL);
}

static void odd_questions_are_refused(void **state)
{
	static const char *const names[] = { "", ".x", "x.", "a..b", "a b", "a\\b", "a\nb" };
	struct stub_question q = { .id = 1, .qtype = 1 }, back;
	struct buf b = {0};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		buf_reset(&b);
		memcpy(q.name, names[i], strlen(names[i]) + 1);
		stub_put_question(&b, &q);
		assert_int_equal(stub_get_question(&back, bytes(&b), b.len), DANESTS_EINVAL);
	}
	buf_reset(&b);
	memcpy(q.name, ".", 2);
	q.flags = 0x80;
	stub_put_question(&b, &q);
	assert_int_equal(stub_get_question(&back, bytes(&b), b.len), DANESTS_EINVAL);
	buf_reset(&b);
	for (q.flags = 0; q.flags <= (STUB_CHECKING_DISABLED | STUB_PROBE); q.flags++) {
		buf_reset(&b);
		stub_put_question(&b, &q);
		assert_int_equal(stub_get_question(&back, bytes(&b), b.len), DANESTS_OK);
		assert_int_equal(back.flags, q.flags);
	}
	buf_reset(&b);
	stub_put_question(&b, &q);
	assert_int_equal(stub_get_question(&back, bytes(&b), b.len), DANESTS_EINVAL);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_goes_there_and_back),
		cmocka_unit_test(a_reply_goes_there_and_back),
		cmocka_unit_test(half_a_frame_waits_for_the_rest),
		cmocka_unit_test(a_length_out_of_bounds_is_no_frame),
		cmocka_unit_test(odd_replies_are_refused),
		cmocka_unit_test(odd_questions_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
