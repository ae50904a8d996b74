/* SPDX-License-Identifier: BSD-2-Clause */
/* Netstrings: bounded, incremental, and what is framed parses again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/netstring.h"

#define MAX 10000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char again[MAX + NETSTRING_OVERHEAD];
	const char *text = (const char *)data;
	enum netstring_result whole, part;
	struct netstring n, m;

	whole = netstring_parse(text, size, MAX, &n);
	if (whole == NETSTRING_OK) {
		check(n.len <= MAX && n.frame_len <= size);
		check(n.payload > text && n.payload + n.len + 1 == text + n.frame_len);
		size = netstring_frame(again, n.payload, n.len);
		check(netstring_parse(again, size, MAX, &m) == NETSTRING_OK);
		check(m.frame_len == size && m.len == n.len);
		check(memcmp(m.payload, n.payload, n.len) == 0);
		size = n.frame_len;
	}
	/* Fewer octets never say anything else, but perhaps less. */
	for (size_t len = 0; len < size; len += 1 + len / 64) {
		part = netstring_parse(text, len, MAX, &m);
		check(part == NETSTRING_MORE || (part == NETSTRING_BAD && whole == part));
	}
	/* What waits for more waits for no more than one frame. */
	if (whole == NETSTRING_MORE)
		check(size < MAX + NETSTRING_OVERHEAD);
	return 0;
}
