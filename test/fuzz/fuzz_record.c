/* SPDX-License-Identifier: BSD-2-Clause */
/* Input: the octets of a record. Laws: what is read is written again octet by octet;
 * a text reaches nowhere beyond the input. A fuzzer does not guess a checksum, so the
 * right one is put behind the input, too. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "danests.h"
#include "source/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const uint8_t *data, size_t size)
{
	struct buf again = {0};
	struct record r;

	if (record_read(&r, data, size) != DANESTS_OK)
		return;
	if (record_domain(r.domain) == 0 || strlen(r.text) != r.text_len)
		abort();
	if (record_write(&again, &r) != DANESTS_OK || again.len != size ||
	    memcmp(again.data, data, size) != 0)
		abort();
	buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 4);

	if (copy == NULL)
		return 0;
	check(data, size);
	if (size > 0)
		memcpy(copy, data, size);
	le_set32(copy + size, crc32c(0, data, size));
	check(copy, size + 4);
	free(copy);
	return 0;
}
