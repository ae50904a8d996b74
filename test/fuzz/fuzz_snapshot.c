/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Input: a snapshot, as it is; and once more with a trailer whose checksums are right,
 * so that the tables are believed. Laws: see law_store().
 */
#include <stdint.h>
#include <sys/stat.h>

#include "base/crc.h"
#include "source/snapshot_impl.h"
#include "test/fuzz/store_laws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_trailer(struct buf *file, uint32_t tables)
{
	const uint8_t *p = (const uint8_t *)file->data;
	struct snapshot_trailer t = {
		.length = file->len, .count = 1, .tables = tables, .version = SNAPSHOT_VERSION,
	};
	uint8_t trailer[SNAPSHOT_TRAILER];

	t.sum = crc32c(crc32c(0, p + tables, file->len - tables), p, SNAPSHOT_HEADER);
	snapshot_trailer_write(&t, trailer);
	buf_add(file, trailer, sizeof(trailer));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char dir[32], path[64];
	struct buf file = {0};

	law_dir(dir);
	snprintf(path, sizeof(path), "%s/policies.cdb", dir);
	law_write(path, data, size);
	law_store(dir);
	law_clean(dir);
	if (size < SNAPSHOT_HEADER + SNAPSHOT_TRAILER || mkdir(dir, 0700) != 0)
		return 0;
	buf_add(&file, data, size - SNAPSHOT_TRAILER);
	add_trailer(&file, SNAPSHOT_HEADER + le_get32(data + size - 24) %
	    (uint32_t)(file.len - SNAPSHOT_HEADER + 1));
	law_write(path, (const uint8_t *)file.data, file.len);
	law_store(dir);
	law_clean(dir);
	buf_free(&file);
	return 0;
}
