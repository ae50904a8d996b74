/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of strangers, read as UTF-8 (RFC 3629). */
#ifndef REPORT_UTF8_H
#define REPORT_UTF8_H

#include <stdint.h>

#include "base/buf.h"
#include "tools/report/slice.h"

#define UTF8_BAD 0xfffd /* what stands for octets that are no UTF-8 */

/* The first character of *s, which must not be empty; *s goes on after it. Octets that are
 * none count as one U+FFFD for each beginning of a character that is not finished. */
uint32_t utf8_take(struct slice *s);
void utf8_put(struct buf *to, uint32_t c);
/* Characters in text that is UTF-8. */
size_t utf8_length(struct slice s);

/*
 * Adds text that is UTF-8 and holds no control character: those become '?'. visible: so do
 * characters that change the order of others, or cannot be seen: "<U+202E>".
 */
void utf8_clean(struct buf *to, struct slice text, bool visible);

#endif
