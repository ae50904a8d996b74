/* SPDX-License-Identifier: BSD-2-Clause */
/* Compressed octets to the ones they were made of: by libarchive, but gzip. */
#include <archive.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tools/report/unpack_impl.h"

#define NO_ZSTD 64 /* octets for an empty file, with a frame to be skipped, at most */

struct unpack_kind {
	const char *name;
	uint8_t magic[6];
	size_t len;
	int (*next)(struct unpack *u); /* a block: 1 (also of nothing); 0 at the end; -1 */
	/* ARCHIVE_OK only when libarchive can do it without running a program. */
	int (*support)(struct archive *a);
};

/* pzstd's first frame is one to be skipped, which libarchive does not know zstd by. */
static int skipped_zstd(struct archive *a)
{
	return archive_read_append_filter(a, ARCHIVE_FILTER_ZSTD);
}

static int from_archive(struct unpack *u);

static const struct unpack_kind kinds[] = {
	{ "gzip", { 0x1f, 0x8b, 8 }, 3, unpack_gzip, NULL },
	{ "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, from_archive, archive_read_support_filter_xz },
	{ "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4, from_archive, archive_read_support_filter_zstd },
	{ "zstd", { 0x50, 0x2a, 0x4d, 0x18 }, 4, from_archive, skipped_zstd },
	{ "bzip2", { 'B', 'Z', 'h' }, 3, from_archive, archive_read_support_filter_bzip2 },
	/* No magic: the settings every writer has, and a dictionary of whole 64 KiB. */
	{ "lzma", { 0x5d, 0, 0 }, 3, from_archive, archive_read_support_filter_lzma },
};

const struct unpack_kind *unpack_recognise(const uint8_t *head, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (len >= kinds[i].len && memcmp(head, kinds[i].magic, kinds[i].len) == 0)
			return &kinds[i];
	return NULL;
}

static void count_zeros(struct unpack *u, size_t len)
{
	size_t n = len;

	while (n > 0 && u->in[n - 1] == 0)
		n--;
	u->zeros = n == 0 ? u->zeros + len : len - n;
}

static la_ssize_t give_raw(struct archive *a, void *arg, const void **data)
{
	struct unpack *u = arg;
	ssize_t n = unpack_raw(u, u->in, UNPACK_IN);

	if (n < 0)
		archive_set_error(a, EIO, "%s", u->why);
	else
		count_zeros(u, (size_t)n);
	u->raw_ended = n == 0;
	*data = u->in;
	return n;
}

int unpack_fail(struct unpack *u, const char *what)
{
	char why[UNPACK_WHY]; /* what may be u->why */

	text_format(why, sizeof(why), "%s", what);
	text_format(u->why, sizeof(u->why), "%s: %s", u->kind->name, why);
	return -1;
}

static int fail(struct unpack *u, const char *fallback)
{
	const char *text = u->archive == NULL ? NULL : archive_error_string(u->archive);

	/* Each library has its own words for that, or none. */
	if (u->raw_ended)
		text = UNPACK_EARLY;
	return unpack_fail(u, text != NULL ? text : fallback);
}

static bool begin(struct unpack *u)
{
	struct archive_entry *entry;
	int r;

	u->in = malloc(UNPACK_IN);
	u->archive = archive_read_new();
	if (u->in == NULL || u->archive == NULL)
		return fail(u, "out of memory") == 0;
	if (u->kind->support(u->archive) != ARCHIVE_OK) {
		archive_clear_error(u->archive);
		return fail(u, "this libarchive cannot unpack it; unpack it first") == 0;
	}
	if (archive_read_support_format_raw(u->archive) != ARCHIVE_OK ||
	    archive_read_support_format_empty(u->archive) != ARCHIVE_OK ||
	    archive_read_open(u->archive, u, NULL, give_raw, NULL) != ARCHIVE_OK)
		return fail(u, "cannot be unpacked") == 0;
	r = archive_read_next_header(u->archive, &entry);
	if (r != ARCHIVE_OK && r != ARCHIVE_WARN && r != ARCHIVE_EOF)
		return fail(u, "damaged") == 0;
	/* What looked packed, and is not even a whole header, would be taken as it is. */
	if (archive_filter_code(u->archive, 0) == ARCHIVE_FILTER_NONE)
		return fail(u, "damaged at its beginning") == 0;
	u->nothing = r == ARCHIVE_EOF;
	/* A filter that is not asked first fails as if there were nothing. */
	if (u->nothing && u->kind->support == skipped_zstd && u->at > NO_ZSTD)
		return fail(u, "damaged") == 0;
	return true;
}

/*
 * libarchive stops where the octets are of no kind it knows, and says nothing. Zeros are what
 * tapes and block devices fill up with.
 */
static int end(struct unpack *u)
{
	int64_t rest = u->at - archive_filter_bytes(u->archive, -1);
	ssize_t n = 1;

	while (n > 0 && (rest <= 0 || (uint64_t)rest <= u->zeros)) {
		n = unpack_raw(u, u->in, UNPACK_IN);
		if (n > 0) {
			count_zeros(u, (size_t)n);
			rest += n;
		}
	}
	if (n > 0)
		return unpack_fail(u, "something else stands behind its end");
	return n == 0 ? 0 : -1;
}

static int from_archive(struct unpack *u)
{
	const void *block;
	la_int64_t at;
	int r;

	if (u->archive == NULL && !begin(u))
		return -1;
	if (u->nothing)
		return end(u);
	r = archive_read_data_block(u->archive, &block, &u->block_len, &at);
	if (r == ARCHIVE_OK || r == ARCHIVE_WARN) {
		u->block = block;
		return 1;
	}
	u->block_len = 0;
	return r == ARCHIVE_EOF ? end(u) : fail(u, "damaged");
}

ssize_t unpack_decode(struct unpack *u, void *to, size_t cap)
{
	size_t n;
	int r;

	while (u->block_len == 0) {
		r = u->kind->next(u);
		if (r <= 0)
			return r;
	}
	n = u->block_len < cap ? u->block_len : cap;
	memcpy(to, u->block, n);
	u->block += n;
	u->block_len -= n;
	return (ssize_t)n;
}

void unpack_decode_close(struct unpack *u)
{
	if (u->archive != NULL)
		(void)archive_read_free(u->archive);
	u->archive = NULL;
	unpack_gzip_close(u);
	free(u->in);
	u->in = NULL;
}
