/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of unpack.h share: octets of the file ▸ unpacked octets ▸ the thread. */
#ifndef REPORT_UNPACK_IMPL_H
#define REPORT_UNPACK_IMPL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "tools/report/unpack.h"

#define UNPACK_HELD 64               /* descriptors of files that could be opened again */
#define UNPACK_IN (64 * 1024)        /* octets of a compressed file at a time */
#define UNPACK_OUT (64 * 1024)       /* of what gzip has, before they are given */
#define UNPACK_SLOT (256 * 1024)     /* unpacked ones that the thread hands over at once */
#define UNPACK_SLOTS 4               /* and how many of these it is ahead */
#define UNPACK_THREADS 8             /* at a time: more files than that have none */
#define UNPACK_ALONE (256 * 1024)    /* so much before a thread: many only look at a head */

#define UNPACK_EARLY "it ends too early"

struct archive;
struct gzip;
struct ring;
struct unpack_kind;

struct unpack {
	/* The file. */
	char *path;
	int fd;                      /* -1: given back, opened again when needed */
	bool standard;
	bool regular;
	uint64_t device, inode;      /* it must be the same then */
	int64_t at, size;
	uint8_t head[8];             /* what was read to recognise it */
	size_t head_len, head_at;
	atomic_uint_fast64_t done;
	/* Unpacking; by one thread at a time. */
	const struct unpack_kind *kind; /* NULL: as it is */
	struct gzip *gzip;           /* one of these two */
	struct archive *archive;
	uint8_t *in;
	bool nothing;                /* is in the archive */
	bool raw_ended;              /* the archive asked for more than there is */
	uint64_t zeros;              /* at the end of what it was given so far */
	const uint8_t *block;        /* unpacked, and not yet given on */
	size_t block_len;
	char why[UNPACK_WHY];        /* of a failure */
	/* The reader's. */
	uint64_t given;
	bool ended, failed;
	struct ring *ring;           /* NULL: no thread (yet) */
};

/* Octets of the file as they are; 0 at the end; -1 with u->why. */
ssize_t unpack_raw(struct unpack *u, void *to, size_t cap);
void unpack_raw_close(struct unpack *u);

/* What these first octets belong to; NULL: to nothing that is packed. */
const struct unpack_kind *unpack_recognise(const uint8_t *head, size_t len);
/* Unpacked octets, in the calling thread. */
ssize_t unpack_decode(struct unpack *u, void *to, size_t cap);
void unpack_decode_close(struct unpack *u);
/* -1, and u->why: of what kind it is, and what. */
int unpack_fail(struct unpack *u, const char *what);

/* The next block: 1 (also of nothing); 0 at the end; -1 with u->why. */
int unpack_gzip(struct unpack *u);
void unpack_gzip_close(struct unpack *u);

/* A thread from now on, if there may be one more; else nothing changes. */
void unpack_ring_start(struct unpack *u);
ssize_t unpack_ring_read(struct unpack *u, void *to, size_t cap);
void unpack_ring_close(struct unpack *u);

#endif
