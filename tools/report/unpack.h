/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The octets of one file, unpacked: gzip, xz, lzma, zstd, bzip2, recognised by content, or as
 * they are. What is compressed is unpacked by a thread of its own, some buffers ahead of who
 * reads them; with many files open at once only the first few have a thread and buffers, and
 * the rest are unpacked as they are read. Thousands may be open: beyond some dozens, a file's
 * descriptor is given back after each read, and the file must still be the same at the next.
 * Of a compressed file that is damaged what was unpacked and not yet given may be lost, too:
 * 64 KiB, 128 KiB of zstd, a block of bzip2 (900 kB); also of one that is cut, but gzip, of which
 * all is given. Damage is found where the format has a checksum: gzip, xz, bzip2, zstd when its
 * writer made one. gzip's stands at the end of all: what was given since the damage may be
 * altered. Several archives in one file go on; behind the last one zeros are no damage (of xz in
 * fours only; of zstd they are), all else is.
 */
#ifndef REPORT_UNPACK_H
#define REPORT_UNPACK_H

#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"

struct unpack;

#define UNPACK_WHY 256

/* "-": standard input. NULL with the reason in why. */
struct unpack *unpack_open(const char *path, char why[UNPACK_WHY]);

/* At most cap octets, at least one; 0 at the end; -1 with the reason: what came before is good
 * (of damaged gzip: it may be altered). Each file has one reader. */
ssize_t unpack_read(struct unpack *u, void *to, size_t cap, char why[UNPACK_WHY]);

uint64_t unpack_done(const struct unpack *u); /* octets of the file itself, so far */
/* All octets of the file itself; -1: it can be read only once (standard input, a pipe). */
int64_t unpack_size(const struct unpack *u);
void unpack_close(struct unpack *u);          /* NULL is fine */

#endif
