/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known about one destination: the answers so far. Facts only grow, so
 * there is nothing to invalidate and the order of arrival cannot matter.
 */
#ifndef PLAN_FACTS_H
#define PLAN_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "plan/answer.h"
#include "plan/question.h"

/* MX hosts looked at. What lies beyond counts as one host that failed, so that
 * a longer list can never make the policy weaker. */
#define FACTS_MAX_HOSTS 256

struct facts;

/* For this nexthop; NULL without memory. */
struct facts *facts_new(const struct nexthop *nexthop);
void facts_free(struct facts *facts); /* NULL is fine */

/* Before the first plan_next(): ask for the MTA-STS policy that is published, whatever
 * is held, and for nothing else (S14). */
void facts_only_sts(struct facts *facts);

/* Likewise: ask also for what is only evidence, a set of enum danests_extra. It changes
 * nothing in what is decided, nor for how long it holds. */
void facts_extra(struct facts *facts, unsigned int extra);

/* Take in an answer (counted by us). An answer to a question that plan_next()
 * never gave, or a second one, is ignored. DANESTS_OK or DANESTS_ENOMEM. */
int facts_learn(struct facts *facts, const struct question *q,
    const struct answer *a) ATTR_MUST_CHECK;

/* Questions given by plan_next() that have no answer yet. */
size_t facts_open(const struct facts *facts);

/* Questions given so far, for the log and the laws of fuzz_plan. */
size_t facts_asked(const struct facts *facts);

/* ---- Shared by facts, host, plan and decide; nobody else looks inside. ---- */

/* A question of this destination: its place in slots[], counted from 1. */
typedef uint16_t facts_id;
#define FACTS_UNASKED ((facts_id)0)
#define FACTS_NEVER ((facts_id)UINT16_MAX) /* its name would be too long to exist */

struct facts_slot {
	struct question q;
	const struct answer *answer; /* counted; NULL: still open */
	uint32_t hash;
	facts_id next;               /* in its bucket */
	uint8_t name_len;            /* of the question's name */
};

struct facts_host {
	const char *name;            /* borrowed; NULL: not a host name (L20) */
	uint32_t sum;                /* of the name: most comparisons end here */
	uint16_t preference;
	bool beyond;                 /* stands for all that FACTS_MAX_HOSTS cut off */
	facts_id addr, cname;
	facts_id target, own;        /* TLSA at the end of the alias chain; at name */
	facts_id waits;              /* the one it waits for now */
	bool settled;                /* nothing left to ask */
	bool chained;                /* DANESTS_EXTRA_CHAIN: nor of what is above it */
};

#define FACTS_BUCKETS 64

struct facts {
	struct nexthop nexthop;
	struct facts_slot *slots;
	size_t slot_count, slot_cap;
	size_t given, answered;      /* the first so many slots were given out */
	size_t name_bytes;           /* of all questions' names, with a NUL each */
	struct facts_host *hosts;    /* by preference, without repeats */
	size_t host_count;
	bool hosts_known;
	bool only_sts;
	unsigned int extra;          /* enum danests_extra */
	bool chained;                /* as of a host: the domain itself */
	bool news;                   /* an answer came that plan_next() has not seen */
	bool bad;                    /* out of memory, sticky */
	facts_id mx, ststxt, stsheld, stsaddr, sts;
	facts_id bucket[FACTS_BUCKETS];
};

/* The place of a question, asking it if it is new; FACTS_UNASKED and bad without
 * memory. */
facts_id facts_ask(struct facts *facts, const struct question *q);

/* What is at that place; NULL when nothing is. */
const struct facts_slot *facts_slot(const struct facts *facts, facts_id id);

/* The answer there; NULL while open or never asked. */
const struct answer *facts_answer(const struct facts *facts, facts_id id);

#endif
