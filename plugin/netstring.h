/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Netstrings, as socketmap frames them: "5:hello,". Incremental and bounded:
 * a reader calls again with the same bytes and more behind them.
 */
#ifndef PLUGIN_NETSTRING_H
#define PLUGIN_NETSTRING_H

#include <stddef.h>

enum netstring_result {
	NETSTRING_OK,   /* a whole frame */
	NETSTRING_MORE, /* so far a good one, but not all of it is here */
	NETSTRING_BAD   /* no frame, and no way to find the next one */
};

/* Digits of a length, leading zeros included: Postfix takes any number of them,
 * but sends none, and a head without end would be a way to hold a connection. */
#define NETSTRING_DIGITS 20

/* What stands around a payload of up to 10^NETSTRING_DIGITS octets. */
#define NETSTRING_OVERHEAD (NETSTRING_DIGITS + 2)

struct netstring {
	const char *payload;
	size_t len;
	size_t frame_len; /* of head, payload and comma */
};

/* The frame at the start of data, its payload at most max octets. Fills *out only
 * for NETSTRING_OK; the payload lies in data. */
enum netstring_result netstring_parse(const char *data, size_t len, size_t max,
    struct netstring *out);

/*
 * A frame around len octets of payload, written to out, which has room for len +
 * NETSTRING_OVERHEAD. Returns its length. The payload may lie in out already.
 */
size_t netstring_frame(char *out, const char *payload, size_t len);

#endif
