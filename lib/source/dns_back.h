/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What dns.c needs of a back end: the reply packet to one question of the DNS,
 * and whether DNSSEC vouches for it. Back ends retransmit and change resolvers
 * by themselves; the deadline is dns.c's.
 */
#ifndef SOURCE_DNS_BACK_H
#define SOURCE_DNS_BACK_H

#include "base/list.h"
#include "base/loop.h"
#include "danests.h"
#include "plan/answer.h"
#include "source/dns_anchor.h"
#include "source/dns_conf.h"

/* Borrowed: gone when done() returns. */
struct dns_reply {
	enum answer_failure failure; /* FAILURE_NONE: there is a packet */
	const char *reason;          /* of the failure, printable; or NULL */
	bool secure;                 /* DNSSEC vouches for all of the packet's answer */
	const uint8_t *packet;       /* rcode 0 or 3, both as reported and in its header */
	size_t len;
};

struct dns_query;
typedef void dns_done_fn(struct dns_query *q, const struct dns_reply *reply);

/* Owned by the asker, who must not free it while it is under way. */
struct dns_query {
	char qname[DOMAIN_MAX + 1]; /* struct domain text or "." */
	uint16_t qtype;
	dns_done_fn *done;          /* called once, perhaps before ask() returns */
	struct list link;           /* the back end's, as all that follows */
	int id;
	uint32_t slot;              /* 1 + place in a table; 0: none */
	bool under_way;
	uint8_t tries;
	uint8_t tried[5];           /* which resolver got each try */
	uint8_t heard;              /* bit per try: it has ended */
	bool checking;              /* asked with CD: would it be bogus? */
	uint8_t failure;            /* what the last try came to */
	struct loop_timer again;
	void *back;
};

#define DNS_TEXT 256

struct dns_back {
	const struct dns_back_ops *ops;
	enum danests_trust_state trust;
	char text[DNS_TEXT]; /* how the self-test went */
};

struct dns_back_ops {
	void (*free)(struct dns_back *back); /* no done() is called any more */
	void (*ask)(struct dns_back *back, struct dns_query *q);
	void (*cancel)(struct dns_back *back, struct dns_query *q); /* no done() */
	/* From now on use these resolvers. DANESTS_OK or why not. */
	int (*use)(struct dns_back *back, const struct dns_servers *servers);
};

/* What both back ends are made of; strings and anchors are borrowed for good. */
struct dns_setup {
	struct loop *loop;
	const struct dns_anchors *anchors;
	const struct dns_servers *servers; /* NULL: recursive */
	const char *root_hints;
	const char *stub;
	int timeout_ms;
	size_t cache_bytes;
};

#endif
