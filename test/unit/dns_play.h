/* SPDX-License-Identifier: BSD-2-Clause */
/* A back end of the DNS source that plays what a test has written down. */
#ifndef TEST_DNS_PLAY_H
#define TEST_DNS_PLAY_H

#include "base/buf.h"
#include "source/dns.h"
#include "source/dns_back.h"

struct packet {
	struct buf b;
	unsigned answers, authority;
};

struct scripted {
	struct packet packet;
	bool secure;
	enum answer_failure failure;
};

extern struct play {
	struct dns_back back;
	struct scripted script[16];
	unsigned next, count, cancelled;
	bool silent;
	char asked[16][DOMAIN_MAX + 1];
} play;

struct world {
	struct loop *loop;
	struct dns *dns;
	struct list arrivals;
	struct ask ask;
	char anchor[32];
};

/* Records of the answer section of a packet. */
void play_rr(struct packet *p, const char *owner, uint16_t type, uint32_t ttl,
    const struct buf *rdata);
void play_bytes(struct packet *p, const char *owner, uint16_t type, uint32_t ttl,
    const char *data, size_t len);
void play_cname(struct packet *p, const char *owner, const char *target);
void play_mx(struct packet *p, const char *owner, uint16_t preference, const char *host);
/* The authority section's; nothing may be put into the answer section after it. */
void play_soa(struct packet *p, const char *zone);

/* The next reply. */
struct packet *play_script(const char *qname, uint16_t qtype, unsigned rcode, bool secure);

struct dns_conf play_conf(const struct world *w);
int play_setup(void **state);
int play_teardown(void **state);
const struct answer *play_ask(struct world *w, const char *question);

#endif
