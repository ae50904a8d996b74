/* SPDX-License-Identifier: BSD-2-Clause */
/* gzip (RFC 1952) by zlib, because libarchive does not look at its checksum and length. */
#include <stdlib.h>
#include <zlib.h>

#include "tools/report/unpack_impl.h"

#define ONLY_GZIP 16 /* to be added to the size of the window */

/*
 * Checksum and length stand behind what they are of. So octets are given in whole blocks, and
 * what is shorter than a block when its sum is known.
 */
struct gzip {
	z_stream z;
	bool member;   /* in the middle of one */
	ssize_t came;  /* of the file's octets, at last */
	uint8_t out[UNPACK_OUT];
};

static bool begin(struct unpack *u)
{
	struct gzip *g = calloc(1, sizeof(*g));

	u->in = malloc(UNPACK_IN);
	if (u->in == NULL || g == NULL || inflateInit2(&g->z, MAX_WBITS + ONLY_GZIP) != Z_OK) {
		free(g);
		unpack_fail(u, "out of memory");
		return false;
	}
	g->came = 1;
	g->member = true;
	u->gzip = g;
	return true;
}

/* Once there are no more, there are no more. */
static void refill(struct unpack *u)
{
	struct gzip *g = u->gzip;

	if (g->came > 0)
		g->came = unpack_raw(u, u->in, UNPACK_IN);
	g->z.next_in = u->in;
	g->z.avail_in = g->came > 0 ? (uInt)g->came : 0;
}

/* Behind a member: another one, zeros to the end (of tapes and block devices), or nothing. */
static int go_on(struct unpack *u)
{
	struct gzip *g = u->gzip;
	bool zeros = false;

	for (;;) {
		if (g->z.avail_in == 0)
			refill(u);
		if (g->z.avail_in == 0)
			return g->came == 0 ? 0 : unpack_fail(u, u->why);
		if (*g->z.next_in != 0)
			break;
		zeros = true;
		g->z.next_in++;
		g->z.avail_in--;
	}
	if (zeros || *g->z.next_in != 0x1f)
		return unpack_fail(u, "something else stands behind its end");
	(void)inflateReset(&g->z);
	g->member = true;
	return 1;
}

static int give(struct unpack *u)
{
	u->block = u->gzip->out;
	u->block_len = UNPACK_OUT - u->gzip->z.avail_out;
	return 1;
}

/* No more octets, in the middle of a member. */
static int cut(struct unpack *u)
{
	if (u->gzip->z.avail_out < UNPACK_OUT)
		return give(u);
	return unpack_fail(u, u->gzip->came < 0 ? u->why : UNPACK_EARLY);
}

int unpack_gzip(struct unpack *u)
{
	struct gzip *g = u->gzip;
	int r;

	if (g == NULL && !begin(u))
		return -1;
	g = u->gzip;
	if (!g->member && (r = go_on(u)) <= 0)
		return r;
	g->z.next_out = g->out;
	g->z.avail_out = UNPACK_OUT;
	do {
		if (g->z.avail_in == 0)
			refill(u);
		/* It may still have something when there is nothing more for it. */
		r = inflate(&g->z, Z_NO_FLUSH);
	} while (r == Z_OK && g->z.avail_out > 0);
	if (r == Z_STREAM_END)
		g->member = false;
	if (r == Z_OK || r == Z_STREAM_END)
		return give(u);
	if (r == Z_BUF_ERROR)
		return cut(u);
	if (r == Z_MEM_ERROR)
		return unpack_fail(u, "out of memory");
	return unpack_fail(u, g->z.msg != NULL ? g->z.msg : "damaged");
}

void unpack_gzip_close(struct unpack *u)
{
	if (u->gzip != NULL)
		(void)inflateEnd(&u->gzip->z);
	free(u->gzip);
	u->gzip = NULL;
}
