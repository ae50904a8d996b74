/* SPDX-License-Identifier: BSD-2-Clause */
/* What dns_unbound.c (questions) and dns_unbound_test.c (the self-test) share. */
#ifndef SOURCE_DNS_UNBOUND_IMPL_H
#define SOURCE_DNS_UNBOUND_IMPL_H

#include "source/dns_back.h"
#include "source/dns_unbound_loop.h"

#define UNBOUND_RETEST_MIN_MS 2000
#define UNBOUND_DEAF_COUNT 5         /* failures without any answer between them ... */
#define UNBOUND_DEAF_MS 5000         /* ... and for so long: look at it afresh */

struct unbound;

/* One libunbound context. Another list of resolvers needs another one; the old
 * one stays until its last question is answered. */
struct engine {
	struct list link;
	struct unbound *ub;
	struct ub_ctx *ctx;
	size_t under_way;
	bool old;
	struct loop_timer drop;
};

struct unbound {
	struct dns_back back;
	struct dns_setup setup;
	struct ub_loop ubl;
	struct list engines;
	struct engine *now;
	struct list waiting;       /* questions that wait for the self-test */
	struct dns_query test;
	bool testing, ending;
	size_t next_anchor;        /* whose zone is asked for in the next self-test */
	int64_t tested_ms;         /* when the last one ended */
	struct loop_timer deadline, retest;
	int retest_ms;
	struct dns_servers servers;
	unsigned failures;         /* since the last answer */
	int64_t answered_ms;       /* when that came */
};

/* dns_unbound.c */
int unbound_engine(struct unbound *ub, const struct dns_servers *servers, char *problem,
    size_t size) ATTR_MUST_CHECK; /* a new one, from now on */
void unbound_ask_now(struct unbound *ub, struct dns_query *q);

/* dns_unbound_test.c */
void unbound_test(struct unbound *ub);

#endif
