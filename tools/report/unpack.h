/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The octets of one file, unpacked: gzip, xz, lzma, zstd, bzip2, recognised by content, or as
 * they are. What is compressed is unpacked by a thread of its own, some buffers ahead of who
 * reads them.
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

/* At most cap octets, at least one; 0 at the end; -1 with the reason: what came before is good.
 * Each file has one reader. */
ssize_t unpack_read(struct unpack *u, void *to, size_t cap, char why[UNPACK_WHY]);

uint64_t unpack_done(const struct unpack *u); /* octets of the file itself, so far */
void unpack_close(struct unpack *u);          /* NULL is fine */

#endif
