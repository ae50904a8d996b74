/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What reader and writer of a snapshot agree on. Numbers are little-endian. The file:
 *
 *	2048 octets      256 times: where a table is, how many places it has
 *	records          length of the key, of the value, key, value
 *	tables           places: hash, where the record is
 *	trailer          48 octets:
 *
 *	xx xx xx xx xx xx xx xx  length of all before the trailer
 *	xx xx xx xx xx xx xx xx  number of records
 *	xx xx xx xx xx xx xx xx  last journal that is folded into it
 *	xx xx xx xx              where the tables begin
 *	xx xx xx xx              CRC-32C of the tables, then of the first 2048
 *	xx xx xx xx              CRC-32C of the trailer without this
 *	01 00 00 00 "danestsS"   version, whose it is
 *
 * A later version may use the first 32 octets otherwise, but not the last 16.
 */
#ifndef SOURCE_SNAPSHOT_IMPL_H
#define SOURCE_SNAPSHOT_IMPL_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/crc.h"

#define SNAPSHOT_HEADER 2048u
#define SNAPSHOT_TABLES 256u
#define SNAPSHOT_TRAILER 48u
#define SNAPSHOT_VERSION 1
#define SNAPSHOT_MAGIC "danestsS"

struct snapshot_trailer {
	uint64_t length, count, folded;
	uint32_t tables, sum, version;
};

static inline uint32_t snapshot_trailer_sum(const uint8_t *p)
{
	return crc32c(crc32c(0, p, 32), p + 36, 12);
}

static inline void snapshot_trailer_write(const struct snapshot_trailer *t,
    uint8_t p[SNAPSHOT_TRAILER])
{
	le_set64(p, t->length);
	le_set64(p + 8, t->count);
	le_set64(p + 16, t->folded);
	le_set32(p + 24, t->tables);
	le_set32(p + 28, t->sum);
	le_set32(p + 36, t->version);
	memcpy(p + 40, SNAPSHOT_MAGIC, 8);
	le_set32(p + 32, snapshot_trailer_sum(p));
}

static inline bool snapshot_trailer_read(struct snapshot_trailer *t,
    const uint8_t p[SNAPSHOT_TRAILER])
{
	t->length = le_get64(p);
	t->count = le_get64(p + 8);
	t->folded = le_get64(p + 16);
	t->tables = le_get32(p + 24);
	t->sum = le_get32(p + 28);
	t->version = le_get32(p + 36);
	return memcmp(p + 40, SNAPSHOT_MAGIC, 8) == 0 &&
	    le_get32(p + 32) == snapshot_trailer_sum(p);
}

#endif
