/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dnsmsg.h"

#include <string.h>

#include "base/span.h"
#include "danests.h"
#include "parse/dnsname.h"

#define HEADER_LEN 12
#define CLASS_IN 1

struct rr {
	struct dnsname owner;
	uint16_t type, class;
	uint32_t ttl;
	const uint8_t *rdata;
	size_t len;
};

struct chain {
	struct dnsname owner[DNSMSG_MAX_CHAIN], target[DNSMSG_MAX_CHAIN];
	uint32_t ttl[DNSMSG_MAX_CHAIN];
	size_t count;
};

/* Does the data of a type that we use have the form it must have? */
static bool rdata_valid(const uint8_t *packet, const struct rr *rr)
{
	struct span s = { packet, rr->rdata + rr->len, false };
	struct dnsname name;

	if (rr->class != CLASS_IN)
		return true;
	switch (rr->type) {
	case DNS_A:
		return rr->len == 4;
	case DNS_AAAA:
		return rr->len == 16;
	case DNS_CNAME:
		s.p = rr->rdata;
		return dnsname_read(packet, &s, &name) && span_left(&s) == 0;
	case DNS_MX:
		s.p = rr->rdata;
		(void)span_u16(&s);
		return !s.bad && dnsname_read(packet, &s, &name) && span_left(&s) == 0;
	default:
		return true;
	}
}

static bool rr_read(const uint8_t *packet, struct span *s, struct rr *out)
{
	if (!dnsname_read(packet, s, &out->owner))
		return false;
	out->type = span_u16(s);
	out->class = span_u16(s);
	out->ttl = span_u32(s);
	if (out->ttl > INT32_MAX) /* RFC 2181 8 */
		out->ttl = 0;
	out->len = span_u16(s);
	out->rdata = span_take(s, out->len);
	return out->rdata != NULL && rdata_valid(packet, out);
}

/* A record that answers the question, once the chain's end is known. */
static bool rr_answers(const struct dnsmsg *msg, const struct rr *rr)
{
	return rr->type == msg->qtype && rr->class == CLASS_IN &&
	    rr->owner.len == msg->owner_len &&
	    memcmp(rr->owner.wire, msg->owner, msg->owner_len) == 0;
}

static bool read_question(const uint8_t *packet, struct span *s, const struct dnsname *qname,
    uint16_t qtype)
{
	struct dnsname name;

	return dnsname_read(packet, s, &name) && dnsname_equal(&name, qname) &&
	    span_u16(s) == qtype && span_u16(s) == CLASS_IN && !s->bad;
}

static size_t chain_find(const struct chain *chain, const struct dnsname *owner)
{
	size_t i;

	for (i = 0; i < chain->count && !dnsname_equal(&chain->owner[i], owner); i++)
		continue;
	return i;
}

/* Two CNAMEs of one name that differ are no DNS (RFC 2181 10.1). */
static bool chain_add(struct chain *chain, const uint8_t *packet, const struct rr *rr)
{
	struct span s = { rr->rdata, rr->rdata + rr->len, false };
	size_t i = chain_find(chain, &rr->owner);
	struct dnsname target;

	if (!dnsname_read(packet, &s, &target))
		return false;
	if (i < chain->count) {
		if (rr->ttl < chain->ttl[i])
			chain->ttl[i] = rr->ttl;
		return dnsname_equal(&chain->target[i], &target);
	}
	if (i == DNSMSG_MAX_CHAIN)
		return false;
	chain->owner[i] = rr->owner;
	chain->target[i] = target;
	chain->ttl[i] = rr->ttl;
	chain->count++;
	return true;
}

/* From the question's name to the end, in whatever order the links are; false
 * when it never ends. */
static bool chain_follow(struct dnsmsg *msg, const struct chain *chain, struct dnsname *name)
{
	size_t steps, i;

	for (steps = 0; (i = chain_find(chain, name)) < chain->count; steps++) {
		if (steps == chain->count)
			return false;
		*name = chain->target[i];
		if (chain->ttl[i] < msg->ttl)
			msg->ttl = chain->ttl[i];
	}
	msg->aliased = steps > 0;
	return true;
}

static bool read_answers(struct dnsmsg *msg, struct span *s, unsigned count,
    struct dnsname *name)
{
	struct span from = *s;
	struct chain chain;
	struct rr rr;
	unsigned i;

	chain.count = 0;
	for (i = 0; i < count; i++) {
		if (!rr_read(msg->packet, s, &rr))
			return false;
		if (rr.type == DNS_CNAME && rr.class == CLASS_IN && msg->qtype != DNS_CNAME &&
		    !chain_add(&chain, msg->packet, &rr))
			return false;
	}
	if (!chain_follow(msg, &chain, name))
		return false;
	memcpy(msg->owner, name->wire, name->len);
	msg->owner_len = name->len;
	for (i = 0; i < count && rr_read(msg->packet, &from, &rr); i++) {
		if (!rr_answers(msg, &rr))
			continue;
		msg->count++;
		if (rr.ttl < msg->ttl)
			msg->ttl = rr.ttl;
	}
	return true;
}

/* RFC 2308 5: how long a denial holds; 0 when no SOA says so. *denied: some record
 * says that there is nothing, rather than nothing saying anything. */
static uint32_t negative_ttl(const struct dnsmsg *msg, struct span *s, unsigned count,
    bool *denied)
{
	uint32_t least = UINT32_MAX, minimum;
	struct dnsname name;
	struct span in;
	struct rr rr;
	unsigned i;

	for (i = 0; i < count && rr_read(msg->packet, s, &rr); i++) {
		if (rr.type == DNS_NSEC || rr.type == DNS_NSEC3 || rr.type == DNS_SOA)
			*denied = true;
		if (rr.type != DNS_SOA || rr.class != CLASS_IN)
			continue;
		in.p = rr.rdata;
		in.end = rr.rdata + rr.len;
		in.bad = false;
		if (!dnsname_read(msg->packet, &in, &name) ||
		    !dnsname_read(msg->packet, &in, &name))
			return 0;
		(void)span_take(&in, 16);
		minimum = span_u32(&in);
		if (in.bad || span_left(&in) > 0)
			return 0;
		if (rr.ttl < least)
			least = rr.ttl;
		if (minimum < least)
			least = minimum;
	}
	return least == UINT32_MAX ? 0 : least;
}

int dnsmsg_parse(struct dnsmsg *out, const uint8_t *packet, size_t len, const char *qname,
    uint16_t qtype)
{
	struct dnsmsg msg = { .packet = packet, .len = len, .ttl = INT32_MAX, .qtype = qtype };
	struct span s = span_of(packet, len);
	unsigned flags, questions, answers, authority;
	struct dnsname name;
	uint32_t ttl;

	(void)span_u16(&s);
	flags = span_u16(&s);
	questions = span_u16(&s);
	answers = span_u16(&s);
	authority = span_u16(&s);
	(void)span_u16(&s);
	if (s.bad || len > UINT16_MAX || !dnsname_from_text(&name, qname))
		return DANESTS_EINVAL;
	/* A response (QR) to a standard query, with our question in it and no other. */
	if ((flags & 0xf800) != 0x8000 || questions != 1 || answers > DNSMSG_MAX_RRS)
		return DANESTS_EINVAL;
	msg.tc = (flags & 0x0200) != 0;
	msg.ad = (flags & 0x0020) != 0;
	msg.rcode = flags & 0x000f;
	if (!read_question(packet, &s, &name, qtype) || !read_answers(&msg, &s, answers, &name))
		return DANESTS_EINVAL;
	if (msg.aliased)
		msg.target_odd = dnsname_to_domain(&name, &msg.target) != DANESTS_OK;
	msg.chain_ttl = msg.ttl;
	if (msg.count == 0) {
		if (authority > DNSMSG_MAX_RRS)
			authority = DNSMSG_MAX_RRS;
		ttl = negative_ttl(&msg, &s, authority, &msg.denied);
		if (ttl < msg.ttl)
			msg.ttl = ttl;
	}
	*out = msg;
	return DANESTS_OK;
}

/* The cursor holds the place of the next record and, above 16 bits, its number. */
bool dnsmsg_next(const struct dnsmsg *msg, size_t *cursor, struct dnsrr *out)
{
	struct span s = span_of(msg->packet, msg->len);
	size_t i = *cursor >> 16, count;
	struct dnsname name;
	struct rr rr;

	if (msg->packet == NULL || msg->len < HEADER_LEN)
		return false;
	count = (size_t)msg->packet[6] << 8 | msg->packet[7];
	s.p = msg->packet + (*cursor == 0 ? HEADER_LEN : *cursor & 0xffff);
	if (*cursor == 0 && (!dnsname_read(msg->packet, &s, &name) || span_u32(&s) == 0))
		return false;
	for (; i < count && rr_read(msg->packet, &s, &rr); i++) {
		if (!rr_answers(msg, &rr))
			continue;
		*cursor = (i + 1) << 16 | (size_t)(s.p - msg->packet);
		out->rdata = rr.rdata;
		out->len = rr.len;
		out->ttl = rr.ttl;
		return true;
	}
	*cursor = count << 16 | msg->len;
	return false;
}

int dnsmsg_name(const struct dnsmsg *msg, const uint8_t *at, struct domain *out, bool *root)
{
	struct span s = span_of(msg->packet, msg->len);
	struct dnsname name;

	*root = false;
	if (at == NULL || at < s.p || at >= s.end)
		return DANESTS_EINVAL;
	s.p = at;
	if (!dnsname_read(msg->packet, &s, &name))
		return DANESTS_EINVAL;
	*root = name.len == 1;
	return dnsname_to_domain(&name, out);
}

size_t dnsmsg_question(uint8_t *out, size_t size, uint16_t id, const char *qname,
    uint16_t qtype)
{
	struct dnsname name;
	uint8_t *p = out;

	if (!dnsname_from_text(&name, qname) || size < HEADER_LEN + name.len + 4)
		return 0;
	memset(p, 0, HEADER_LEN);
	p[0] = (uint8_t)(id >> 8);
	p[1] = (uint8_t)id;
	p[2] = 0x01; /* RD */
	p[5] = 1;    /* one question */
	p += HEADER_LEN;
	memcpy(p, name.wire, name.len);
	p += name.len;
	*p++ = (uint8_t)(qtype >> 8);
	*p++ = (uint8_t)qtype;
	*p++ = 0;
	*p++ = CLASS_IN;
	return (size_t)(p - out);
}
