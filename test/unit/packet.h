/* SPDX-License-Identifier: BSD-2-Clause */
/* DNS packets built by hand, for the tests of dnsmsg.c. */
#ifndef TEST_PACKET_H
#define TEST_PACKET_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "parse/dnsmsg.h"

/* A pointer to the question's name. */
#define QNAME "\300\14"
#define REPLY 0x81a0 /* QR, RD, RA, AD */

struct rr {
	const char *owner;
	size_t owner_len;
	uint16_t type;
	uint32_t ttl;
	const char *rdata;
	size_t len;
	uint16_t class; /* 0: IN */
};

#define OWNER(s) (s), sizeof(s)                /* the literal's NUL is the root label */
#define AT(s) (s), sizeof(s) - 1               /* ends with a pointer */
#define DATA(s) (s), sizeof(s) - 1

static inline void add_records(struct buf *b, const struct rr *rrs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		buf_add(b, rrs[i].owner, rrs[i].owner_len);
		buf_u16(b, rrs[i].type);
		buf_u16(b, rrs[i].class == 0 ? 1 : rrs[i].class);
		buf_u32(b, rrs[i].ttl);
		buf_u16(b, (uint16_t)rrs[i].len);
		buf_add(b, rrs[i].rdata, rrs[i].len);
	}
}

static inline void build(struct buf *b, const char *qname, uint16_t qtype, unsigned flags,
    const struct rr *rrs, unsigned answers, unsigned authority)
{
	uint8_t question[300];
	size_t len = dnsmsg_question(question, sizeof(question), 1, qname, qtype);

	assert_true(len > 0);
	buf_reset(b);
	buf_u16(b, 1);
	buf_u16(b, (uint16_t)flags);
	buf_u16(b, 1);
	buf_u16(b, (uint16_t)answers);
	buf_u16(b, (uint16_t)authority);
	buf_u16(b, 0);
	buf_add(b, question + 12, len - 12);
	add_records(b, rrs, answers + authority);
	assert_false(b->bad);
}

/* Parses a copy of exactly the packet's length, for the sanitizer's sake. */
static uint8_t copy_of[65536];

static inline int parse(struct dnsmsg *msg, const struct buf *b, const char *qname, uint16_t qtype)
{
	uint8_t *exact = copy_of + sizeof(copy_of) - b->len;

	memcpy(exact, b->data, b->len);
	return dnsmsg_parse(msg, exact, b->len, qname, qtype);
}

/* TTL 900, MINIMUM 300. */
static const struct rr soa = { OWNER("\7example"), DNS_SOA, 900,
    DATA("\2ns\7example\0\1h\7example\0" "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\1\54"), 0 };

#endif
