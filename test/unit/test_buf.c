/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void writers_append_and_end_with_nul(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_str(&b, "ab");
	buf_char(&b, 'c');
	buf_printf(&b, "%d-%s", 42, "x");
	assert_string_equal(b.data, "abc42-x");
	assert_int_equal(b.len, 7);
	buf_u8(&b, 1);
	buf_u16(&b, 0x0203);
	buf_u32(&b, 0x04050607);
	assert_memory_equal(b.data + 7, "\1\2\3\4\5\6\7\0", 8);
	assert_int_equal(b.len, 14);
	assert_false(b.bad);
	buf_free(&b);
	assert_null(b.data);
}

static void many_small_writes_keep_every_octet(void **state)
{
	struct buf b = {0};
	size_t i;

	(void)state;
	for (i = 0; i < 100000; i++)
		buf_u8(&b, (uint8_t)i);
	assert_int_equal(b.len, 100000);
	for (i = 0; i < 100000; i++)
		assert_int_equal((uint8_t)b.data[i], (uint8_t)i);
	assert_true(b.data[b.len] == '\0' && b.cap > b.len);
	buf_free(&b);
}

static void room_is_where_the_caller_may_write(void **state)
{
	struct buf b = {0};
	char *at;

	(void)state;
	buf_str(&b, "x");
	at = buf_room(&b, 1000);
	assert_non_null(at);
	memset(at, 'y', 1000);
	b.len += 1000;
	buf_add(&b, NULL, 0);
	assert_int_equal(strlen(b.data), 1001);
	buf_free(&b);
}

static void consume_drops_from_the_front(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_consume(&b, 3);
	buf_str(&b, "hello");
	buf_consume(&b, 2);
	assert_string_equal(b.data, "llo");
	buf_consume(&b, 99);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.data, "");
	buf_free(&b);
}

static void too_much_makes_it_bad_and_later_writes_do_nothing(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_str(&b, "kept");
	assert_null(buf_room(&b, SIZE_MAX - 2));
	assert_true(b.bad);
	buf_str(&b, "lost");
	assert_string_equal(b.data, "kept");
	assert_null(buf_steal(&b));
	assert_false(b.bad);
	assert_null(b.data);
}

static void reset_begins_a_new_message_in_the_same_memory(void **state)
{
	struct buf b = {0};
	size_t cap;

	(void)state;
	buf_str(&b, "one");
	cap = b.cap;
	assert_null(buf_room(&b, SIZE_MAX));
	buf_reset(&b);
	buf_str(&b, "two");
	assert_string_equal(b.data, "two");
	assert_int_equal(b.cap, cap);
	buf_free(&b);
	buf_free(&b);
	buf_free(NULL);
}

static void steal_hands_over_the_text(void **state)
{
	struct buf b = {0};
	char *text;

	(void)state;
	text = buf_steal(&b);
	assert_string_equal(text, "");
	free(text);
	buf_str(&b, "mine");
	text = buf_steal(&b);
	assert_string_equal(text, "mine");
	assert_true(b.data == NULL && b.len == 0 && b.cap == 0);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writers_append_and_end_with_nul),
		cmocka_unit_test(many_small_writes_keep_every_octet),
		cmocka_unit_test(room_is_where_the_caller_may_write),
		cmocka_unit_test(consume_drops_from_the_front),
		cmocka_unit_test(too_much_makes_it_bad_and_later_writes_do_nothing),
		cmocka_unit_test(reset_begins_a_new_message_in_the_same_memory),
		cmocka_unit_test(steal_hands_over_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
