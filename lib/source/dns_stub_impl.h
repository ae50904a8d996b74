/* SPDX-License-Identifier: BSD-2-Clause */
/* What dns_stub.c (questions) and dns_stub_probe.c (resolvers) share. */
#ifndef SOURCE_DNS_STUB_IMPL_H
#define SOURCE_DNS_STUB_IMPL_H

#include "source/dns_back.h"
#include "source/dns_helper.h"

#define STUB_MAX_TRIES 5     /* dns_query.tried[] */
#define STUB_FRESH_MS 10000  /* how long a resolver that validated is asked without a probe */
#define STUB_RENEW_MS 5000   /* in use, it is probed again after this */
#define STUB_AGAIN_MS 1000   /* no resolver is probed more often, asked or not */
#define STUB_PROBE_MS 2000   /* a resolver that does not answer a probe in this time is out */
#define STUB_HELD_MAX ((size_t)16 << 20) /* octets of all replies that wait for a probe */

struct stub;

/* A reply without the AD bit. It counts when a probe sent after it came in shows
 * that its server validates. */
struct held {
	struct list link;
	struct dns_query *q;
	size_t len;
	uint8_t packet[];
};

enum server_state { SERVER_UNTESTED, SERVER_GOOD, SERVER_BAD };

struct server {
	struct stub *stub;
	enum server_state state;
	int64_t good_ms, tested_ms;  /* when it last validated; when the last probe ended */
	struct dns_query probe;
	size_t owner;                /* whose SOA is asked for */
	size_t owners_left;          /* others to try in this probe */
	const char *why;             /* SERVER_BAD: static words */
	struct list due;             /* struct held: the probe under way decides */
	struct list held;            /* struct held: came in later, the next one does */
	struct loop_timer soon;      /* that one, at the end of this turn */
	bool answered;               /* another question, since the probe was sent */
};

struct slot {
	struct dns_query *q;
	struct held *held;           /* its reply, or NULL */
	uint32_t next_free;          /* 1 + the next free slot */
	uint16_t turn;               /* how often it was used */
};

struct stub {
	struct dns_back back;
	struct dns_setup setup;
	struct dns_helper helper;
	struct server server[DNS_SERVERS_MAX];
	size_t servers;
	struct list pending;         /* questions at the helper */
	struct list waiting;         /* questions that wait for a probe */
	struct slot *slot;           /* by number, for the ids of the protocol */
	uint32_t slots, free_slots;
	uint32_t first_free, last_free; /* 1 + the slot; 0: none */
	size_t held_octets;
	struct loop_timer retest;
	int retest_ms;
};

/* dns_stub_slot.c. A try: DANESTS_OK, or why it cannot be sent. */
int stub_send(struct stub *st, struct dns_query *q, size_t server, uint8_t flags)
    ATTR_MUST_CHECK;
void stub_forget(struct stub *st, struct dns_query *q); /* its slot, timer and held reply */
/* A copy of the reply on that list, for a question that has none. False: no room. */
bool stub_hold(struct stub *st, struct dns_query *q, const struct stub_reply *reply,
    struct list *list) ATTR_MUST_CHECK;
struct held *stub_unhold(struct stub *st, struct dns_query *q); /* now the caller's; or NULL */
bool stub_holds(const struct stub *st, const struct dns_query *q);
/* The question of a reply; *out is NULL when it has its answer by now. False: no
 * id that we ever gave. */
bool stub_find(const struct stub *st, uint32_t id, struct dns_query **out, unsigned *try)
    ATTR_MUST_CHECK;

/* dns_stub.c */
void stub_wake(struct stub *st);  /* those that wait: a probe has ended */
void stub_give(struct stub *st, struct dns_query *q, const struct dns_reply *reply);
/* The reply of that server cannot be believed: another one, or FAILURE_LOCAL. */
void stub_doubt(const struct server *sv, struct dns_query *q, const char *why);

/* dns_stub_probe.c */
void probe_start(struct stub *st, struct server *sv);
void probe_all(struct stub *st);
void server_text(const struct server *sv, const char *what, char *out, size_t size);
void probe_drop(struct stub *st); /* the helper is gone, and all probes with it */
void probe_reply(struct stub *st, struct dns_query *probe, const struct stub_reply *reply);
/* A reply without AD waits for the verdict on its server. False: no memory. */
bool probe_judges(struct server *sv, struct dns_query *q, const struct stub_reply *reply)
    ATTR_MUST_CHECK;
bool probe_under_way(const struct stub *st);
bool server_fresh(const struct server *sv, int64_t now);

#endif
