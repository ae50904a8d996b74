/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Input: two octets of query type, a name that ends with '\n', a packet. Laws:
 * the records given are as many as were counted and lie within the packet; a
 * refused packet leaves the struct alone.
 */
#include <stdlib.h>
#include <string.h>

#include "danests.h"
#include "parse/dnsmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(const struct dnsmsg *msg, const struct dnsrr *rr)
{
	struct domain name;
	bool root;

	if (rr->rdata < msg->packet || rr->rdata + rr->len > msg->packet + msg->len)
		abort();
	if (rr->ttl > INT32_MAX || rr->ttl < msg->ttl)
		abort();
	if (msg->qtype == DNS_A && rr->len != 4)
		abort();
	if (msg->qtype == DNS_MX &&
	    dnsmsg_name(msg, rr->rdata + 2, &name, &root) == DANESTS_EINVAL)
		abort();
}

static void check_message(const uint8_t *packet, size_t len, const char *qname, uint16_t qtype)
{
	struct dnsmsg msg, before;
	struct domain name;
	struct dnsrr rr;
	size_t cursor = 0, count = 0, i;
	bool root;

	memset(&msg, 0x5a, sizeof(msg));
	before = msg;
	if (dnsmsg_parse(&msg, packet, len, qname, qtype) != DANESTS_OK) {
		if (memcmp(&msg, &before, sizeof(msg)) != 0)
			abort();
		return;
	}
	while (dnsmsg_next(&msg, &cursor, &rr)) {
		check_record(&msg, &rr);
		count++;
	}
	if (count != msg.count || dnsmsg_next(&msg, &cursor, &rr))
		abort();
	if (msg.owner_len < 1 || msg.owner_len > 255 || msg.ttl > INT32_MAX)
		abort();
	if (msg.aliased && !msg.target_odd && msg.target.name[0] == '\0')
		abort();
	for (i = 0; i < len; i += 1 + len / 64)
		(void)!dnsmsg_name(&msg, packet + i, &name, &root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end;
	char qname[300];
	uint8_t question[600];
	uint16_t qtype;
	size_t n;

	if (size < 3)
		return 0;
	qtype = (uint16_t)(data[0] << 8 | data[1]);
	data += 2;
	size -= 2;
	end = memchr(data, '\n', size);
	if (end == NULL || (size_t)(end - data) >= sizeof(qname))
		return 0;
	n = (size_t)(end - data);
	memcpy(qname, data, n);
	qname[n] = '\0';
	check_message(end + 1, size - n - 1, qname, qtype);
	n = dnsmsg_question(question, sizeof(question), 1, qname, qtype);
	if (n > 0) {
		struct dnsmsg msg;

		/* Our own question, called a reply, is an empty reply to itself. */
		question[2] |= 0x80;
		if (dnsmsg_parse(&msg, question, n, qname, qtype) != DANESTS_OK ||
		    msg.count != 0 || msg.ttl != 0)
			abort();
	}
	return 0;
}
