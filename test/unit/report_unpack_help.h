/* SPDX-License-Identifier: BSD-2-Clause */
/* One text, packed by each writer that libarchive has, and what comes out of files of it. */
#ifndef REPORT_UNPACK_HELP_H
#define REPORT_UNPACK_HELP_H

#include "test/unit/report_input_help.h"
#include "tools/report/unpack.h"

#define LINES 28000   /* some MiB: more than a thread is ahead of its reader */
#define LOST (1 << 20) /* before a cut, in blocks of a format's own, at most */

static const struct packer {
	const char *name;
	int (*filter)(struct archive *a);
	size_t block;         /* before damage, so much may be lost */
	bool zeros, members;  /* may stand behind its end; several go on */
	bool summed;          /* damage is found */
} packers[] = {
	{ "gzip", archive_write_add_filter_gzip, 65536, true, true, true },
	{ "xz", archive_write_add_filter_xz, 65536, true, true, true },
	{ "zstd", archive_write_add_filter_zstd, 262144, false, true, false },
	{ "bzip2", archive_write_add_filter_bzip2, LOST, true, true, true },
	{ "lzma", archive_write_add_filter_lzma, 65536, true, false, false },
};

static struct buf text, packed[COUNT_OF(packers)], nothing[COUNT_OF(packers)];

static int make_all(void **state)
{
	uint64_t dice = 88172645463325252;

	if (help_begin(state) != 0)
		return -1;
	for (unsigned i = 0; i < LINES; i++) {
		dice ^= dice << 13;
		dice ^= dice >> 7;
		dice ^= dice << 17;
		buf_printf(&text, "Nov 21 02:00:01 a postfix/smtp[%u]: %llx: %u\n", i % 100,
		    (unsigned long long)dice, i);
	}
	for (size_t i = 0; i < COUNT_OF(packers); i++) {
		packed[i] = help_octets(help_packed("x", packers[i].filter, text.data, text.len));
		nothing[i] = help_octets(help_packed("x", packers[i].filter, "", 0));
		help_forget();
	}
	return text.bad;
}

static int free_all(void **state)
{
	for (size_t i = 0; i < COUNT_OF(packers); i++) {
		buf_free(&packed[i]);
		buf_free(&nothing[i]);
	}
	buf_free(&text);
	return help_end(state);
}

static char why[UNPACK_WHY];

/* All that it gives, in pieces of any size; *result is what came last. */
static struct buf read_all(struct unpack *u, ssize_t *result)
{
	static char part[100000];
	struct buf b = {0};
	size_t n = 1;

	why[0] = '\0';
	while ((*result = unpack_read(u, part, n, why)) > 0) {
		assert_true((size_t)*result <= n);
		buf_add(&b, part, (size_t)*result);
		n = n * 3 % sizeof(part) + 1;
	}
	/* It stays like that. */
	assert_int_equal(unpack_read(u, part, n, why), *result);
	assert_false(b.bad);
	return b;
}

static struct buf read_path(const char *path, ssize_t *result)
{
	struct unpack *u = unpack_open(path, why);
	struct buf b;

	if (u == NULL)
		fail_msg("%s: %s", path, why);
	b = read_all(u, result);
	unpack_close(u);
	return b;
}

struct part {
	const void *data;
	size_t len;
};

static inline struct part all_of(const struct buf *b)
{
	return (struct part){ b->data, b->len };
}

/* What these parts give as one file. */
static inline struct buf read_parts(const struct part *parts, size_t count, ssize_t *result)
{
	struct buf b = {0};
	struct buf got;

	buf_str(&b, "");
	for (size_t i = 0; i < count; i++)
		buf_add(&b, parts[i].data, parts[i].len);
	got = read_path(help_file("x", b.data, b.len), result);
	buf_free(&b);
	help_forget();
	return got;
}

static inline bool same(const struct buf *b, const void *data, size_t len)
{
	return b->len == len && (len == 0 || memcmp(b->data, data, len) == 0);
}

/* What was given before the damage is good. */
static inline bool begins_text(const struct buf *b)
{
	return b->len <= text.len && same(b, text.data, b->len);
}

#endif
