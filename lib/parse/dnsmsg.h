/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A DNS reply in wire form (RFC 1035) to the records that answer the question,
 * along its CNAME chain. Everything else in the packet is passed over. No copy:
 * the message borrows the packet.
 */
#ifndef PARSE_DNSMSG_H
#define PARSE_DNSMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "parse/domain.h"

enum {
	DNS_A = 1, DNS_NS = 2, DNS_CNAME = 5, DNS_SOA = 6, DNS_MX = 15, DNS_TXT = 16,
	DNS_AAAA = 28, DNS_DS = 43, DNS_NSEC = 47, DNS_DNSKEY = 48, DNS_NSEC3 = 50, DNS_TLSA = 52,
};

#define DNSMSG_MAX_CHAIN 32   /* CNAMEs followed within one packet */
#define DNSMSG_MAX_RRS 4096   /* records looked at */

struct dnsmsg {
	const uint8_t *packet;
	size_t len;
	unsigned rcode;        /* of the header: 0 NOERROR, 3 NXDOMAIN, ... */
	bool ad, tc;
	bool aliased;          /* the question's name is a CNAME */
	struct domain target;  /* end of the chain, when aliased and it is a host-like name */
	bool denied;           /* count is 0, and a SOA, NSEC or NSEC3 record says so */
	bool target_odd;       /* aliased to a name that no struct domain can hold */
	size_t count;          /* records of the type asked for at the end of the chain */
	uint32_t ttl;          /* smallest of the chain and records; negative: RFC 2308 5 */
	uint32_t chain_ttl;    /* the same without what denies: of the alias chain, at least */
	uint16_t qtype;
	uint8_t owner[256];    /* wire form of the chain's end, lower case */
	size_t owner_len;
};

struct dnsrr {
	const uint8_t *rdata;
	size_t len;
	uint32_t ttl;
};

/*
 * DANESTS_OK, or DANESTS_EINVAL when this is no reply to that question: not a
 * response, other question, damaged record in the answer section, a loop in
 * the names, two aliases for one name. qname: struct domain text, or "." for the
 * root. A reply without any SOA that can be read has ttl 0 for its denial, also
 * at the end of a chain (RFC 2308 5). The data of A, AAAA, CNAME and MX records
 * has the right form; of other types, any. CNAMEs are followed unless asked for.
 */
int dnsmsg_parse(struct dnsmsg *out, const uint8_t *packet, size_t len,
    const char *qname, uint16_t qtype) ATTR_MUST_CHECK;

/* The next record; *cursor starts at 0. False at the end. */
bool dnsmsg_next(const struct dnsmsg *msg, size_t *cursor, struct dnsrr *out);

/* The name at the given place of the packet (MX exchange, ...), decompressed.
 * DANESTS_OK; DANESTS_ENAME: a name, but none a struct domain can hold (the
 * root, odd octets); DANESTS_EINVAL: damaged. *root tells "." apart. */
int dnsmsg_name(const struct dnsmsg *msg, const uint8_t *at, struct domain *out,
    bool *root) ATTR_MUST_CHECK;

/* A question in wire form, RD set, for the library's own tools and tests:
 * returns its length, or 0 when it does not fit. */
size_t dnsmsg_question(uint8_t *out, size_t size, uint16_t id, const char *qname,
    uint16_t qtype);

#endif
