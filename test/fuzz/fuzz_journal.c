/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Input: a list of what stands in a journal: an octet says what (a frame whose checksum
 * is right, or octets as they are), one how long it is, then it comes. A fuzzer does
 * not guess checksums. Laws: see law_store().
 */
#include <stdint.h>

#include "base/crc.h"
#include "test/fuzz/store_laws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void build(struct buf *file, const struct journal *j, const uint8_t *data, size_t size)
{
	uint8_t record[260];
	size_t len;

	while (size >= 2) {
		len = data[1] < size - 2 ? data[1] : size - 2;
		memcpy(record, data + 2, len);
		le_set32(record + len, crc32c(0, record, len));
		if (data[0] == 0)
			buf_add(file, record, len);
		else
			journal_add(j, file, data[0] % 4, record, len + (data[0] & 4));
		data += 2 + len;
		size -= 2 + len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char dir[32], path[64];
	struct buf file = {0};
	struct journal *j;
	uint8_t header[JOURNAL_HEADER];
	int fd;

	law_dir(dir);
	if ((fd = open(dir, O_RDONLY)) < 0 ||
	    journal_create(&j, fd, 1) != DANESTS_OK ||
	    pread(j->fd, header, sizeof(header), 0) != (ssize_t)sizeof(header))
		abort();
	buf_add(&file, header, sizeof(header));
	build(&file, j, data, size);
	snprintf(path, sizeof(path), "%s/journal.1", dir);
	law_write(path, (const uint8_t *)file.data, file.len);
	law_store(dir);
	law_write(path, data, size);
	law_store(dir);
	journal_free(j);
	close(fd);
	buf_free(&file);
	law_clean(dir);
	return 0;
}
