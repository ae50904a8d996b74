/* SPDX-License-Identifier: BSD-2-Clause */
/* CRC-32C (Castagnoli, RFC 3720 appendix B.4): finds what a disk or a power cut did. */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* Of what follows octets whose checksum was crc; 0 to begin with. */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

/* As everything of ours lies on disk, whatever the machine: little-endian. */
static inline uint32_t le_get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void le_set32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static inline uint64_t le_get64(const uint8_t *p)
{
	return le_get32(p) | (uint64_t)le_get32(p + 4) << 32;
}

static inline void le_set64(uint8_t *p, uint64_t v)
{
	le_set32(p, (uint32_t)v);
	le_set32(p + 4, (uint32_t)(v >> 32));
}

#endif
