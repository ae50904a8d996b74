/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/crc.h"
#include "danests.h"
#include "source/record.h"

static const struct record sample = {
	.domain = "example.com", .id = "20260101T000000", .text = "version: STSv1\nmode: enforce\n",
	.text_len = 29, .mode = STSBODY_ENFORCE, .max_age = 604800, .fetched = 1700000000,
	.expires = 1700604800, .used = 1700000001,
};

static int written(const struct record *r)
{
	struct buf b = {0};
	int code = record_write(&b, r);

	assert_int_equal(code == DANESTS_OK, b.len > 0);
	buf_free(&b);
	return code;
}

static void what_is_written_is_read(void **state)
{
	struct buf b = {0};
	struct record r;

	(void)state;
	assert_int_equal(record_write(&b, &sample), DANESTS_OK);
	assert_int_equal(record_read(&r, b.data, b.len), DANESTS_OK);
	assert_string_equal(r.domain, sample.domain);
	assert_string_equal(r.id, sample.id);
	assert_string_equal(r.text, sample.text);
	assert_int_equal(r.text_len, sample.text_len);
	assert_int_equal(r.mode, sample.mode);
	assert_int_equal(r.max_age, sample.max_age);
	assert_true(r.fetched == sample.fetched && r.expires == sample.expires &&
	    r.used == sample.used);
	buf_free(&b);
}

static void no_flipped_bit_goes_unseen(void **state)
{
	struct buf b = {0};
	struct record r;

	(void)state;
	assert_int_equal(record_write(&b, &sample), DANESTS_OK);
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		b.data[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_equal(record_read(&r, b.data, b.len), DANESTS_EINVAL);
		b.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_int_equal(record_read(&r, b.data, b.len), DANESTS_OK);
	buf_free(&b);
}

static void a_cut_or_longer_one_is_none(void **state)
{
	struct buf b = {0};
	struct record r;
	char *copy;
	size_t len;

	(void)state;
	assert_int_equal(record_write(&b, &sample), DANESTS_OK);
	len = b.len;
	buf_add(&b, "\0\0", 2);
	for (size_t i = 0; i <= b.len; i++) {
		copy = malloc(i + 1); /* so that a sanitizer sees one octet too far */
		assert_non_null(copy);
		memcpy(copy, b.data, i);
		assert_int_equal(record_read(&r, copy, i), i == len ? DANESTS_OK : DANESTS_EINVAL);
		free(copy);
	}
	buf_free(&b);
}

/* The checksum alone is not trusted either. */
static void a_right_checksum_over_wrong_bounds_is_refused(void **state)
{
	static const struct { size_t at; uint8_t value; } wrong[] = {
		{ 0, 2 }, { 1, 3 }, { 2, 12 }, { 2, 0 }, { 3, 1 }, { 7, 0xff }, { 15, 0x80 },
		{ 23, 0x80 }, { 31, 1 }, { 32, 30 }, { RECORD_HEAD, 'E' }, { RECORD_HEAD + 1, 0 },
	};
	struct buf b = {0};
	struct record r;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		buf_reset(&b);
		assert_int_equal(record_write(&b, &sample), DANESTS_OK);
		b.data[wrong[i].at] = (char)wrong[i].value;
		le_set32((uint8_t *)b.data + b.len - 4, crc32c(0, b.data, b.len - 4));
		assert_int_equal(record_read(&r, b.data, b.len), DANESTS_EINVAL);
	}
	buf_free(&b);
}

static void S27_what_breaks_a_bound_is_not_written(void **state)
{
	static char text[STSBODY_MAX + 2];
	char domain[300];
	struct record r = sample;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	memset(domain, 'a', sizeof(domain) - 1);
	domain[sizeof(domain) - 1] = '\0';
	r.text = text;
	r.text_len = STSBODY_MAX;
	assert_int_equal(written(&r), DANESTS_OK);
	r.text_len++;
	assert_int_equal(written(&r), DANESTS_EINVAL);
	r = sample;
	r.domain = domain;
	assert_int_equal(written(&r), DANESTS_EINVAL);
	domain[253] = '\0';
	assert_int_equal(written(&r), DANESTS_OK);
	r.id = "123456789012345678901234567890123";
	assert_int_equal(written(&r), DANESTS_EINVAL);
	r = sample;
	r.max_age = STSBODY_MAX_AGE + 1;
	assert_int_equal(written(&r), DANESTS_EINVAL);
	r = sample;
	r.expires = -1;
	assert_int_equal(written(&r), DANESTS_EINVAL);
}

/* Or a stranger's text could look like a record in a damaged file. */
static void no_string_may_hold_what_only_heads_hold(void **state)
{
	struct record r = sample;

	(void)state;
	r.text = "version\0STSv1";
	r.text_len = 13;
	assert_int_equal(written(&r), DANESTS_EINVAL);
	r = sample;
	r.domain = "Example.com";
	assert_int_equal(written(&r), DANESTS_EINVAL);
	r.domain = "";
	assert_int_equal(written(&r), DANESTS_EINVAL);
	r = sample;
	r.id = "a b";
	assert_int_equal(written(&r), DANESTS_EINVAL);
	r.id = "";
	assert_int_equal(written(&r), DANESTS_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(no_flipped_bit_goes_unseen),
		cmocka_unit_test(a_cut_or_longer_one_is_none),
		cmocka_unit_test(a_right_checksum_over_wrong_bounds_is_refused),
		cmocka_unit_test(S27_what_breaks_a_bound_is_not_written),
		cmocka_unit_test(no_string_may_hold_what_only_heads_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
