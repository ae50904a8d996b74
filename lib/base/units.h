/* SPDX-License-Identifier: BSD-2-Clause */
/* Amounts as people write them in Postfix's main.cf. */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

/* "25s", "5m", "1h", "1d", "2w", "600" (seconds): into milliseconds; also "600ms",
 * which tests need. Up to ten years. False: not such a text. */
bool units_time(const char *text, int64_t *out_ms);

/* "256M", "64K", "1G", "65536": octets, up to 1 TiB. False: not such a text. */
bool units_size(const char *text, uint64_t *out);

#endif
