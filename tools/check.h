/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * danests check: what a sender sees. Data goes one way:
 *
 *	check.c           options, the list of domains, exit code
 *	check_run.c       lookups in one context, probes in threads; fills check_domain
 *	check_judge.c     each probe to its verdict, by danests_verify*()
 *	check_find*.c     check_domain -> findings; pure, so tests need no network
 *	check_print*.c    for people
 *	check_json.c      for programs
 */
#ifndef TOOLS_CHECK_H
#define TOOLS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "danests.h"
#include "tools/probe.h"

/* One address of one MX host, and how it went. */
struct check_address {
	char text[64];            /* "192.0.2.1", "2001:db8::1" */
	bool tried;
	struct probe probe;
	bool judged;              /* verdict is filled in */
	struct danests_verdict verdict;
};

struct check_host {
	size_t index;             /* in the policy */
	struct check_address *addresses;
	size_t count;
};

struct check_domain {
	const char *name;         /* as given: octets of any kind */
	int error;                /* of the lookup: danests_error */
	danests_policy *policy;   /* owned; NULL when error is not 0 */
	struct check_host *hosts; /* one for each of the policy's */
	size_t host_count;
	struct check_address web; /* the policy host, when it has an address and a TXT record
	                           * names a policy; probed at port 443 */
	struct danests_judgement web_verdict;
	bool smtp;                /* hosts were to be tried: not --no-smtp */
	unsigned int port;
	time_t now;
	int ms;
};
void check_domain_free(struct check_domain *domain);

/* In order of urgency: mail is held now; will be held soon, or some is; could be better. */
enum check_rank {
	CHECK_HOLDS,   /* no mail gets through at all: exit 1 */
	CHECK_FAILS,   /* a server, or some senders' mail; others go on: exit 2 */
	CHECK_SOON,    /* it works, and will stop to: exit 2 */
	CHECK_WARNING, /* exit 2 */
	CHECK_UNKNOWN, /* could not be found out: exit 75 unless something holds */
	CHECK_NOTE,    /* good to know */
	CHECK_GOOD,
};

struct check_finding {
	enum check_rank rank;
	const struct danests_fault *fault; /* or NULL: none of the table */
	enum danests_result result;
	char *where;               /* "mx1.example.com [192.0.2.1]", "TLSA _25._tcp..."; owned */
	char *text;                /* a sentence, printable ASCII; owned */
	const char *hint;          /* what to change, or NULL; static, or the fault's */
};

struct check_findings {
	struct check_finding *list; /* sorted by rank */
	size_t count;
	bool bad;                   /* out of memory, sticky */
};

/* Pure. */
void check_find(struct check_findings *out, const struct check_domain *domain);
void check_findings_free(struct check_findings *findings);

#endif
