/* SPDX-License-Identifier: BSD-2-Clause */
/* Packed files that are cut or damaged, and what may stand behind their end. */
#include "test/unit/report_unpack_help.h"

/* gzip -c >> log.gz; also after and before empty ones. */
static void archives_behind_archives_go_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(packers); i++) {
		const struct part parts[] = { all_of(&nothing[i]), all_of(&packed[i]),
			all_of(&nothing[i]), all_of(&packed[i]) };
		ssize_t result;
		struct buf got;

		if (!packers[i].members)
			continue;
		got = read_parts(parts, 4, &result);
		if (result != 0 || got.len != 2 * text.len ||
		    memcmp(got.data, text.data, text.len) != 0 ||
		    memcmp(got.data + text.len, text.data, text.len) != 0)
			fail_msg("%s: %zu octets: %s", packers[i].name, got.len, why);
		buf_free(&got);
	}
}

/* As tapes and block devices add them. */
static void zeros_behind_an_archive_are_no_damage(void **state)
{
	static const char zeros[200000];
	static const size_t counts[] = { 4, 512, 10240, 65536, 200000 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(packers); i++)
		for (size_t n = 0; n < COUNT_OF(counts) && packers[i].zeros; n++)
			for (unsigned empty = 0; empty < 2; empty++) {
				const struct part parts[] = {
					all_of(empty == 1 ? &nothing[i] : &packed[i]),
					{ zeros, counts[n] },
				};
				ssize_t result;
				struct buf got = read_parts(parts, 2, &result);

				if (result != 0 || got.len != (empty == 1 ? 0 : text.len))
					fail_msg("%s, %zu: %s", packers[i].name, counts[n], why);
				buf_free(&got);
			}
}

static void other_octets_behind_an_archive_are_damage(void **state)
{
	static const char zeros[512], foreign[] = "and so on\n";

	(void)state;
	for (size_t i = 0; i < COUNT_OF(packers); i++)
		for (size_t n = 0; n <= sizeof(zeros); n += 256) {
			const struct part parts[] = { all_of(&packed[i]), { zeros, n },
				{ foreign, sizeof(foreign) - 1 } };
			ssize_t result;
			struct buf got = read_parts(parts, 3, &result);

			if (result != -1 || got.len > text.len ||
			    got.len + packers[i].block < text.len ||
			    !begins_text(&got))
				fail_msg("%s: %zu octets, %s", packers[i].name, got.len, why);
			assert_memory_equal(why, packers[i].name, strlen(packers[i].name));
			buf_free(&got);
		}
}

static void what_comes_before_a_cut_is_given(void **state)
{
	static const size_t tenths[] = { 1, 5, 9, 10 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(packers); i++)
		for (size_t n = 0; n < COUNT_OF(tenths); n++) {
			size_t at = packed[i].len * tenths[n] / 10 - (tenths[n] == 10);
			const struct part parts[] = { { packed[i].data, at } };
			ssize_t result;
			struct buf got = read_parts(parts, 1, &result);

			if (result != -1 || got.len > text.len ||
			    !begins_text(&got) ||
			    got.len + packers[i].block + text.len / 20 <
			    text.len / 10 * tenths[n])
				fail_msg("%s: %zu octets, %s", packers[i].name, got.len, why);
			assert_non_null(strstr(why, ": it ends too early"));
			buf_free(&got);
		}
}

/* Also where there is less than a header. gzip gives what little it has. */
static void every_cut_near_the_beginning_is_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(packers); i++)
		for (size_t at = 6; at < 100; at++) {
			const struct part parts[] = { { packed[i].data, at } };
			ssize_t result;
			struct buf got = read_parts(parts, 1, &result);

			if (result != -1 || got.len > (i == 0 ? 2 * at : 0) || !begins_text(&got))
				fail_msg("%s, %zu octets: %s", packers[i].name, at, why);
			buf_free(&got);
		}
}

/* Where there is a checksum. */
static void damage_in_the_middle_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(packers); i++) {
		char *p = packed[i].data + packed[i].len / 2;
		const struct part parts[] = { all_of(&packed[i]) };
		ssize_t result;
		struct buf got;
		char kept[32];

		memcpy(kept, p, sizeof(kept));
		memset(p, 0x55, sizeof(kept));
		got = read_parts(parts, 1, &result);
		memcpy(p, kept, sizeof(kept));
		if (packers[i].summed && (result != -1 || got.len > text.len ||
		    got.len + LOST < text.len / 2))
			fail_msg("%s: %zu octets, %s", packers[i].name, got.len, why);
		buf_free(&got);
	}
}

/* pzstd begins with a frame of its own. */
static void zstd_may_begin_with_a_frame_to_be_skipped(void **state)
{
	static const char frame[] = "\x50\x2a\x4d\x18\x04\0\0\0abcd";
	const struct part parts[] = { { frame, 12 }, all_of(&packed[2]) };
	const struct part empty[] = { { frame, 12 }, all_of(&nothing[2]) };
	const struct part cut[] = { { frame, 12 }, { packed[2].data, 100 } };
	ssize_t result;
	struct buf got = read_parts(parts, 2, &result);

	(void)state;
	assert_int_equal(result, 0);
	assert_true(same(&got, text.data, text.len));
	buf_free(&got);
	got = read_parts(empty, 2, &result);
	assert_int_equal(result, 0);
	buf_free(&got);
	got = read_parts(cut, 2, &result);
	assert_int_equal(result, -1);
	buf_free(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(archives_behind_archives_go_on),
		cmocka_unit_test(zeros_behind_an_archive_are_no_damage),
		cmocka_unit_test(other_octets_behind_an_archive_are_damage),
		cmocka_unit_test(what_comes_before_a_cut_is_given),
		cmocka_unit_test(every_cut_near_the_beginning_is_one),
		cmocka_unit_test(damage_in_the_middle_is_found),
		cmocka_unit_test(zstd_may_begin_with_a_frame_to_be_skipped),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
