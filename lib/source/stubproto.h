/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between libdanests and danests-stub, over a socket pair: both directions in
 * one file, so that they cannot drift. A frame is its length (4 octets, big-
 * endian, of what follows) and then
 *	question   id (4), resolver (1), flags (1), type (2), name in text form
 *	reply      id (4), status (1), the packet as it came in
 *
 *	00 00 00 0b  00 00 00 07  00  00  00 0f  6c 61 62    question 7: lab MX
 *	00 00 00 05  00 00 00 07  01                         reply 7: timed out
 */
#ifndef SOURCE_STUBPROTO_H
#define SOURCE_STUBPROTO_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "parse/domain.h"

#define STUBPROTO_HEAD 4                /* octets of the length */
#define STUBPROTO_MAX (5 + UINT16_MAX)  /* longest frame without it */

enum {                                  /* flags */
	STUB_CHECKING_DISABLED = 1,     /* CD, RFC 4035 3.2.2 */
	STUB_PROBE = 2,                 /* waits behind no other question */
};

enum stub_status { STUB_PACKET, STUB_TIMEOUT, STUB_ERROR };

struct stub_question {
	uint32_t id;
	uint8_t server, flags;
	uint16_t qtype;
	char name[DOMAIN_MAX + 1];
};

struct stub_reply {
	uint32_t id;
	enum stub_status status;
	const uint8_t *packet; /* borrowed */
	size_t len;
};

void stub_put_question(struct buf *out, const struct stub_question *q);
void stub_put_reply(struct buf *out, const struct stub_reply *reply);

/* How long the frame at data is, with its head; 0: not all there yet; -1: no
 * frame of ours, and nothing after it can be trusted. */
int stub_frame(const uint8_t *data, size_t len);

/* A whole frame. DANESTS_OK or DANESTS_EINVAL. */
int stub_get_question(struct stub_question *out, const uint8_t *frame, size_t len)
    ATTR_MUST_CHECK;
int stub_get_reply(struct stub_reply *out, const uint8_t *frame, size_t len) ATTR_MUST_CHECK;

#endif
