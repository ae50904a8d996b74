/* SPDX-License-Identifier: BSD-2-Clause */
/* Names in wire form, out of packets that may be compressed: for dnsmsg.c. */
#ifndef PARSE_DNSNAME_H
#define PARSE_DNSNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/span.h"
#include "parse/domain.h"

struct dnsname {
	uint8_t wire[256]; /* uncompressed, lower case */
	size_t len;        /* 1..255; 1 is the root */
};

/* The name at s, which then goes on after it (RFC 1035 4.1.4). Pointers count from
 * packet. False when it is damaged, or loops, or is too long. */
bool dnsname_read(const uint8_t *packet, struct span *s, struct dnsname *out) ATTR_MUST_CHECK;

/* "." or labels with dots between; no escapes, no final dot. */
bool dnsname_from_text(struct dnsname *out, const char *text) ATTR_MUST_CHECK;

/* DANESTS_OK or, when it is the root or has octets that a struct domain cannot
 * hold (a dot inside of a label among them), DANESTS_ENAME. */
int dnsname_to_domain(const struct dnsname *n, struct domain *out) ATTR_MUST_CHECK;

bool dnsname_equal(const struct dnsname *a, const struct dnsname *b);

#endif
