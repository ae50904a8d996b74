/* SPDX-License-Identifier: BSD-2-Clause */
/* What dns_stub.c (questions) and dns_stub_probe.c (resolvers) share. */
#ifndef SOURCE_DNS_STUB_IMPL_H
#define SOURCE_DNS_STUB_IMPL_H

#include "source/dns_back.h"
#include "source/dns_helper.h"

#define STUB_MAX_TRIES 5     /* dns_query.tried[] */
#define STUB_FRESH_MS 10000  /* how long a resolver that validated is believed to */
#define STUB_RENEW_MS 5000   /* in use, it is probed again after this */
#define STUB_AGAIN_MS 1000   /* no resolver is probed more often, asked or not */
#define STUB_PROBE_MS 2000   /* a resolver that does not answer a probe in this time is out */

struct stub;

enum server_state { SERVER_UNTESTED, SERVER_GOOD, SERVER_BAD };

struct server {
	struct stub *stub;
	enum server_state state;
	int64_t good_ms, tested_ms;  /* when it last validated; when the last probe ended */
	struct dns_query probe;
	size_t owner;                /* whose SOA is asked for */
	size_t owners_left;          /* others to try in this probe */
	const char *why;             /* SERVER_BAD: static words */
};

struct stub {
	struct dns_back back;
	struct dns_setup setup;
	struct dns_helper helper;
	struct server server[DNS_SERVERS_MAX];
	size_t servers;
	struct list pending;         /* questions at the helper */
	struct list waiting;         /* questions that wait for a probe */
	struct dns_query **slot;     /* by number, for the ids of the protocol */
	uint32_t *next_free;         /* 1 + the next free slot */
	uint16_t *turn;              /* how often a slot was used */
	uint32_t slots, free_slot;
	struct loop_timer retest;
	int retest_ms;
};

/* dns_stub_slot.c. A try: DANESTS_OK, or why it cannot be sent. */
int stub_send(struct stub *st, struct dns_query *q, size_t server, uint8_t flags)
    ATTR_MUST_CHECK;
void stub_forget(struct stub *st, struct dns_query *q); /* its slot and timer */
/* The question of a reply; *out is NULL when it has its answer by now. False: no
 * id that we ever gave. */
bool stub_find(const struct stub *st, uint32_t id, struct dns_query **out, unsigned *try)
    ATTR_MUST_CHECK;

/* dns_stub.c */
void stub_wake(struct stub *st);  /* those that wait: a probe has ended */

/* dns_stub_probe.c */
void probe_start(struct stub *st, struct server *sv);
void probe_all(struct stub *st);
void probe_drop(struct stub *st); /* the helper is gone, and all probes with it */
void probe_reply(struct stub *st, struct dns_query *probe, const struct stub_reply *reply);
bool probe_under_way(const struct stub *st);
bool server_fresh(const struct server *sv, int64_t now);

#endif
