/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests: every payload is some request, and a refusal is printable and short. */
#include <stdint.h>
#include <stdlib.h>

#include "plugin/socketmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct socketmap_request r = socketmap_parse(text, size);
	char out[100];
	size_t len;

	check(r.map == text && r.map_len <= size);
	check(r.key >= text && r.key + r.key_len == text + size);
	check(r.map_len == size || text[r.map_len] == ' ');
	check(r.form == SOCKETMAP_UNKNOWN || r.form == SOCKETMAP_NO_KEY || r.map_len < size);
	len = socketmap_refuse(&r, out, sizeof(out));
	check(len < sizeof(out) && out[len] == '\0');
	for (size_t i = 0; i < len; i++)
		check(out[i] >= ' ' && out[i] <= '~');
	return 0;
}
