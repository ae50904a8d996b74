/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a client process of Postfix, or tlsproxy for it, logged of its connection before the line
 * of the delivery: the session, what proved it, why it did not do (maillog.md A.3, A.3b, A.5,
 * A.7). Such a line has no queue id. It belongs to the next delivery of its process if the
 * other side is the same, with all recipients of that message, and to no other message.
 *
 * tlsproxy logs under a process id of its own: what it says is found by the other side
 * (HOST[ADDR]:PORT) instead, for a few seconds.
 */
#ifndef REPORT_PROCESSES_H
#define REPORT_PROCESSES_H

#include "tools/report/join.h"
#include "tools/report/keep.h"

/* A line that waits for its delivery. peer 0: there is none. */
struct note {
	uint64_t peer;  /* keyed number of the other side */
	uint64_t qid;   /* of the message that it was used for; 0: none yet */
	int64_t us;
};

struct process {
	struct keep_node node;
	uint32_t starts; /* of where, when it was last heard of */
	bool reused;     /* the session */
	uint8_t trust, session_proof; /* of the session */
	uint8_t proof, cause, tlsrpt_word;
	struct note session, proved, failed, tlsrpt, unusable, sts_mx, policy, no_proxy;
	int64_t failed_used; /* when the cause was used first */
};

#define PEER_TRUSTS 2 /* Trusted, Verified */
#define PEER_PROOFS 4 /* by enum proof */

/* From when to when sessions were proved so, again and again. */
struct proved {
	int64_t first, last;
	bool there;
};

/* The other side of a (host, queue). */
struct peer {
	struct keep_node node;
	struct proved proofs[PEER_TRUSTS][PEER_PROOFS];
	int64_t dane_us, name_us;   /* of the last proof of each kind, by anybody */
	unsigned names;             /* proofs by name that are not part of DANE-TA */
	bool dane;
	int64_t proof_us, cause_us, tlsrpt_us, unusable_us; /* said tlsproxy */
	uint8_t proof, cause, tlsrpt_word;
	bool unusable, tlsrpt;
};

struct where;

struct processes {
	const uint64_t *seed;
	struct keep processes, peers;
	bool proxy_reports; /* tlsproxy told of TLSRPT at all */
};

/* Whose line it is. */
struct speaker {
	const struct where *where;
	uint32_t pid;
	bool proxy;  /* tlsproxy */
	int64_t us;
};

void processes_init(struct processes *all, const uint64_t seed[2], size_t processes,
    size_t peers, uint64_t *forgotten);
void processes_free(struct processes *all);

/* Lines without a queue id. false: no memory. EVENT_POLICY wants the nexthop's keyed number,
 * EVENT_LOCAL any. */
bool processes_note(struct processes *all, const struct speaker *who, const struct event *event,
    uint64_t nexthop);
/* An MX host was passed over, or a connection was lost: what was said of it does not stick to the
 * next one, which may be the same host without TLS. */
void processes_passed(struct processes *all, const struct speaker *who);
/* What is known of this delivery's connection, into *d; *nexthop: the keyed number of the policy's
 * destination, or 0. qid: a keyed number, domain: of the recipient's domain. */
void processes_delivery(struct processes *all, const struct speaker *who,
    const struct event *event, uint64_t qid, struct slice domain, struct delivery *d,
    uint64_t *nexthop);

#endif
