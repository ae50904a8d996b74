/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/kv.h"

static const char *written(struct buf *out, const char *value)
{
	buf_reset(out);
	kv_write(out, "k", value);
	return out->data;
}

static void quoted_only_where_needed(void **state)
{
	struct buf out = {0};

	(void)state;
	assert_string_equal(written(&out, "[mx.example.com]:587"), "k=[mx.example.com]:587");
	assert_string_equal(written(&out, "a=b"), "k=a=b");
	assert_string_equal(written(&out, ""), "k=\"\"");
	assert_string_equal(written(&out, "a b"), "k=\"a b\"");
	assert_string_equal(written(&out, "a\"b"), "k=\"a\\\"b\"");
	assert_string_equal(written(&out, "a\\b"), "k=\"a\\\\b\"");
	assert_string_equal(written(&out, "a\nb\x7f\xc3\xa9"), "k=a?b???");
	buf_free(&out);
}

static void pairs_are_parted_by_one_blank(void **state)
{
	struct buf out = {0};

	(void)state;
	kv_write(&out, "a", "1");
	kv_write(&out, "b", "2");
	kv_write_quoted(&out, "c", "3");
	assert_string_equal(out.data, "a=1 b=2 c=\"3\"");
	buf_free(&out);
}

static void what_is_written_is_read(void **state)
{
	static const char *const values[] = { "", " ", "\"", "\\", "\\\"", "a b=c", "=", "x\\" };
	struct buf out = {0};
	char value[64];

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const char *at = written(&out, values[i]), *end = at + out.len;
		struct kv kv;

		assert_int_equal(kv_next(&at, end, &kv), KV_PAIR);
		assert_int_equal(kv.key_len, 1);
		assert_int_equal(kv_value(&kv, value), strlen(values[i]));
		assert_string_equal(value, values[i]);
		assert_int_equal(kv_next(&at, end, &kv), KV_END);
	}
	buf_free(&out);
}

static void what_is_no_pair_is_told(void **state)
{
	static const char *const bad[] = {
		"a", "=", "=b", "A=b", "a b=c", "a=\"b", "a=\"b\\", "a=\"b\"c", "a=b\"c", "a =b",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *at = bad[i];
		struct kv kv;

		assert_int_equal(kv_next(&at, bad[i] + strlen(bad[i]), &kv), KV_BAD);
		assert_ptr_equal(at, bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quoted_only_where_needed),
		cmocka_unit_test(pairs_are_parted_by_one_blank),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(what_is_no_pair_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
