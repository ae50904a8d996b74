/* SPDX-License-Identifier: BSD-2-Clause */
/* As much of DER (X.690) as is needed to find the parts of a certificate. Strict: what is
 * taken here can be read in one way only. */
#ifndef PARSE_DER_H
#define PARSE_DER_H

#include <stdbool.h>

#include "base/span.h"

enum { DER_INTEGER = 0x02, DER_BIT_STRING = 0x03, DER_SEQUENCE = 0x30, DER_EXPLICIT_0 = 0xa0 };

/* The content of the element that comes next; another tag or a bad length is bad. */
struct span der_take(struct span *s, uint8_t tag);

/*
 * The SubjectPublicKeyInfo of a certificate, header included, as it stands there: what
 * selector 1 of RFC 6698 2.1.2 means. Extensions are not looked at. False: not a
 * certificate.
 */
bool der_spki(struct span *spki, const void *cert, size_t len);

/* What of a certificate is signed: its first part, header included. */
bool der_body(struct span *body, const void *cert, size_t len);

#endif
