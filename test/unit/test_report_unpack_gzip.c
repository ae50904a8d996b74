/* SPDX-License-Identifier: BSD-2-Clause */
/* gzip's checksum, length, header (RFC 1952) and members. */
#include "test/unit/report_unpack_help.h"

#include <zlib.h>

#define BLOCK 65536 /* given at once; before damage so much is lost */

/* What zlib makes of len octets, with this header when it is not NULL. */
static struct buf deflated(const void *data, size_t len, gz_header *header)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)len };
	struct buf b = {0};
	char part[4096];
	int r;

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	if (header != NULL)
		assert_int_equal(deflateSetHeader(&z, header), Z_OK);
	do {
		z.next_out = (Bytef *)part;
		z.avail_out = sizeof(part);
		r = deflate(&z, Z_FINISH);
		buf_add(&b, part, sizeof(part) - z.avail_out);
	} while (r == Z_OK);
	assert_int_equal(r, Z_STREAM_END);
	assert_int_equal(deflateEnd(&z), Z_OK);
	assert_false(b.bad);
	return b;
}

/* What comes out of a file one octet of which is not what it was. */
static struct buf read_flipped(const struct buf *file, size_t at, ssize_t *result)
{
	const struct part parts[] = { all_of(file) };
	struct buf got;

	file->data[at] ^= 0x10;
	got = read_parts(parts, 1, result);
	file->data[at] ^= 0x10;
	return got;
}

static void a_wrong_checksum_or_length_is_damage(void **state)
{
	(void)state;
	for (size_t i = 1; i <= 8; i++) {
		ssize_t result;
		struct buf got = read_flipped(&packed[0], packed[0].len - i, &result);

		if (result != -1 || !begins_text(&got) || got.len + BLOCK < text.len)
			fail_msg("%zu before the end: %zu octets, %s", i, got.len, why);
		assert_string_equal(why, i > 4 ? "gzip: incorrect data check" :
		    "gzip: incorrect length check");
		buf_free(&got);
	}
}

/* What is shorter than a block is given only when its sum is right. Damage makes longer, too. */
static void nothing_of_a_small_damaged_file_is_given(void **state)
{
	struct buf file = deflated(text.data, BLOCK / 4, NULL);
	unsigned damaged = 0;

	(void)state;
	for (size_t at = 10; at < file.len; at += file.len / 200) {
		ssize_t result;
		struct buf got = read_flipped(&file, at, &result);

		/* There may be two ways to say the same, and octets that say nothing. */
		if (result == 0 ? !same(&got, text.data, BLOCK / 4) :
		    got.len != 0 && strstr(why, "too early") == NULL)
			fail_msg("%zu: %zu octets, %s", at, got.len, why);
		damaged += result != 0;
		buf_free(&got);
	}
	assert_true(damaged > 150);
	buf_free(&file);
}

static void an_altered_octet_is_found_wherever_it_is(void **state)
{
	unsigned damaged = 0;

	(void)state;
	for (size_t i = 1; i < 40; i++) {
		size_t at = packed[0].len / 40 * i;
		ssize_t result;
		struct buf got = read_flipped(&packed[0], at, &result);
		size_t good = text.len / 42 * i;

		/* Before it, all is as it was. */
		good = good > BLOCK ? good - BLOCK : 0;
		if (got.len < good || memcmp(got.data, text.data, good) != 0 ||
		    (result == 0 && !same(&got, text.data, text.len)))
			fail_msg("%zu: %zu octets, %s", at, got.len, why);
		damaged += result != 0 && memcmp(why, "gzip: ", 6) == 0;
		buf_free(&got);
	}
	assert_true(damaged > 30);
}

/* What inflate makes of these octets: no more can be had. */
static size_t inflated(const void *data, size_t len)
{
	static char out[4 << 20];
	z_stream z = { .next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)len,
		.next_out = (Bytef *)out, .avail_out = sizeof(out) };
	size_t got;

	assert_true(text.len < sizeof(out));
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	(void)inflate(&z, Z_SYNC_FLUSH);
	got = sizeof(out) - z.avail_out;
	assert_int_equal(inflateEnd(&z), Z_OK);
	return got;
}

static void all_that_comes_before_a_cut_is_given(void **state)
{
	(void)state;
	for (size_t n = 0; n <= 7; n++) {
		/* The last one is within checksum and length. */
		size_t at = n == 0 ? 3 : packed[0].len * n / 7 - (n == 7 ? 3 : 0);
		const struct part whole[] = { all_of(&packed[0]), { packed[0].data, at } };
		ssize_t result;
		struct buf got = read_parts(whole + 1, 1, &result);

		assert_int_equal(result, -1);
		assert_string_equal(why, "gzip: it ends too early");
		assert_true(begins_text(&got));
		assert_int_equal(got.len, inflated(packed[0].data, at));
		assert_true(n < 7 || got.len == text.len);
		buf_free(&got);
		/* In a later member, too. */
		got = read_parts(whole, 2, &result);
		assert_int_equal(result, -1);
		assert_string_equal(why, "gzip: it ends too early");
		assert_int_equal(got.len, text.len + inflated(packed[0].data, at));
		buf_free(&got);
	}
}

static void many_members_go_on(void **state)
{
	struct buf line = deflated("a line\n", 7, NULL);
	struct part parts[3000];
	ssize_t result;
	struct buf got;

	(void)state;
	/* Every third is empty. */
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		parts[i] = all_of(i % 3 == 0 ? &nothing[0] : &line);
	got = read_parts(parts, COUNT_OF(parts), &result);
	assert_int_equal(result, 0);
	assert_int_equal(got.len, 7 * 2000);
	for (size_t i = 0; i < 2000; i++)
		assert_memory_equal(got.data + 7 * i, "a line\n", 7);
	buf_free(&got);
	buf_free(&line);
}

/* Name, comment, extra octets and a checksum of the header itself; also in a later member. */
static void a_header_may_have_all_its_fields(void **state)
{
	static char name[70000]; /* longer than what is read at once */
	gz_header header = { .time = 1, .os = 3, .extra = (Bytef *)name, .extra_len = 65535,
		.name = (Bytef *)name, .comment = (Bytef *)name, .hcrc = 1 };
	struct part parts[2];
	struct buf file, got;
	ssize_t result;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	file = deflated("a line\n", 7, &header);
	parts[0] = parts[1] = all_of(&file);
	got = read_parts(parts, 2, &result);
	assert_int_equal(result, 0);
	assert_true(same(&got, "a line\na line\n", 14));
	buf_free(&got);
	got = read_flipped(&file, 100, &result);
	assert_int_equal(result, -1);
	assert_string_equal(why, "gzip: header crc mismatch");
	assert_int_equal(got.len, 0);
	buf_free(&got);
	buf_free(&file);
}

static void only_zeros_and_members_may_stand_behind_a_member(void **state)
{
	static const struct {
		const char *behind;
		size_t len;
		const char *why; /* NULL: fine */
	} rows[] = {
		{ "", 0, NULL },
		{ "\0", 1, NULL },
		{ "\0\0\0", 3, NULL },
		{ "\n", 1, "gzip: something else stands behind its end" },
		{ "\0\n", 2, "gzip: something else stands behind its end" },
		{ "\0\x1f\x8b\x08", 4, "gzip: something else stands behind its end" },
		{ "\x8b\x1f", 2, "gzip: something else stands behind its end" },
		{ "\x1f", 1, "gzip: it ends too early" },
		{ "\x1f\x8b\x08\0\0", 5, "gzip: it ends too early" },
		{ "\x1f\x8c", 2, "gzip: incorrect header check" },
		{ "\x1f\x8b\x07\0", 4, "gzip: unknown compression method" },
		{ "\x1f\x8b\x08\xe0", 4, "gzip: unknown header flags set" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct part parts[] = { all_of(&packed[0]), { rows[i].behind, rows[i].len } };
		ssize_t result;
		struct buf got = read_parts(parts, 2, &result);

		/* The member itself is good. */
		if (!same(&got, text.data, text.len) || result != (rows[i].why == NULL ? 0 : -1) ||
		    strcmp(why, rows[i].why == NULL ? "" : rows[i].why) != 0)
			fail_msg("row %zu: %zu octets, %s", i, got.len, why);
		buf_free(&got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_checksum_or_length_is_damage),
		cmocka_unit_test(nothing_of_a_small_damaged_file_is_given),
		cmocka_unit_test(an_altered_octet_is_found_wherever_it_is),
		cmocka_unit_test(all_that_comes_before_a_cut_is_given),
		cmocka_unit_test(many_members_go_on),
		cmocka_unit_test(a_header_may_have_all_its_fields),
		cmocka_unit_test(only_zeros_and_members_may_stand_behind_a_member),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
