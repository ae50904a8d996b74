/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lower case; out holds 2 * len + 1 bytes. */
void hex_encode(char *out, const uint8_t *data, size_t len);

/* Exactly 2 * outlen digits of either case, else false. */
bool hex_decode(uint8_t *out, size_t outlen, const char *text, size_t len);

#endif
