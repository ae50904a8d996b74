/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * danests check: what a sender sees. Data goes one way:
 *
 *	check.c           options, exit code
 *	check_list.c      the domains: of the command line and of files
 *	check_run.c       lookups in one context, probes in threads; fills check_domain
 *	check_pool.c      the threads
 *	check_domain.c    a policy to the addresses that are to be tried
 *	check_fate.c      would a server get mail, and would any?
 *	check_judge.c     each probe to its verdict, by danests_verify*()
 *	check_find*.c     check_domain -> findings; pure, so tests need no network
 *	check_print*.c    for people
 *	check_json*.c     for programs: check.schema.json
 *
 * Nothing of this decides by itself whether mail may go: the library does.
 */
#ifndef TOOLS_CHECK_H
#define TOOLS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attr.h"
#include "base/buf.h"
#include "danests.h"
#include "tools/probe.h"

/* Addresses of one domain that are tried; those beyond are named and left alone. */
#define CHECK_MAX_TRIED 64

/* One address of one MX host, and how it went. */
struct check_address {
	char text[64];            /* "192.0.2.1", "2001:db8::1" */
	bool tried;
	struct probe probe;
	bool judged;              /* verdict is filled in */
	struct danests_verdict verdict;
	struct danests_judgement web; /* is the certificate from a known authority, and for
	                           * this host? Also where nobody asks for that */
};

struct check_host {
	size_t index;             /* in the policy */
	struct check_address *addresses;
	size_t count;
	long pattern;             /* of the MTA-STS policy in force that allows it; -1: none */
};

#define CHECK_NAME_SIZE 272
struct check_domain {
	const char *name;         /* as given: octets of any kind; borrowed */
	char nexthop[DANESTS_NEXTHOP_MAX + 1]; /* what is looked up */
	int error;                /* of the lookup: danests_error */
	danests_policy *policy;   /* owned; NULL when error is not 0 */
	char *no_dnssec;          /* owned; in words, why this host cannot tell: its resolver
	                           * gives no answer that validates, of any domain; or NULL */
	struct danests_answer *answers; /* the policy's; the array is owned */
	size_t answer_count;
	struct danests_postfix postfix; /* as danestsd would be set up */
	struct check_host *hosts; /* one for each of the policy's */
	size_t host_count;
	size_t left_out;          /* addresses beyond CHECK_MAX_TRIED */
	char web_name[CHECK_NAME_SIZE]; /* "mta-sts.example.com" */
	struct check_address web; /* the policy host, when it has an address and a TXT record
	                           * names a policy; probed at port 443 */
	struct danests_judgement web_verdict;
	bool smtp;                /* hosts were to be tried: not --no-smtp */
	unsigned int port;
	time_t now;
	int ms;
};

/* The nexthop of a name: with this port, unless 0 or it has one of its own. DANESTS_OK,
 * DANESTS_ENAME: nothing to look up. */
int check_domain_name(struct check_domain *domain, const char *name, unsigned int port);
/* From the policy, which is there: whom to try. DANESTS_OK, DANESTS_ENOMEM. */
int check_domain_fill(struct check_domain *domain);
void check_domain_free(struct check_domain *domain);
/* The policy's answer of that kind and name; false: there is none. */
bool check_answer(const struct check_domain *domain, const char *kind, const char *name,
    struct danests_answer *out, size_t *at);
/* What Postfix would be told; without memory text is bad. */
void check_reply(const struct check_domain *domain, struct buf *text);

/* Fill in verdict and web of an address that was tried; of the policy host with host
 * NULL. DANESTS_OK, DANESTS_ENOMEM. */
int check_judge(struct check_domain *domain, const struct check_host *host,
    struct check_address *address, const danests_trust *trust);

/* ---- Would a server get mail, and would any? ---- */

enum check_fate {
	CHECK_GETS,    /* it would, or with --no-smtp: nothing speaks against it */
	CHECK_REFUSED, /* a sender that checks would not give it any */
	CHECK_UNTOLD,  /* it could not be reached, or does not talk to us */
	CHECK_OUT,     /* it is no candidate: no address */
};
enum check_fate check_host_fate(const struct check_domain *domain, const struct check_host *host);
enum check_fate check_address_fate(const struct check_address *address);
/* CHECK_REFUSED: mail is held. */
enum check_fate check_domain_fate(const struct check_domain *domain);
/* What a sender does at this host who is told what danestsd is set up to say: with
 * insecure_mx = may that can be less than the records ask for. */
enum danests_need check_need(const struct check_domain *domain, size_t host);
/* Less it is, for all hosts of the domain. */
bool check_is_waived(const struct check_domain *domain);
/* danestsd says dane-only, and this host has no usable records; the fault, or NULL. */
const struct danests_fault *check_dane_required(const struct check_domain *domain,
    const struct danests_host *host);
/* RFC 8461 4.1 by danests_lint_mx_match(); 1, 0, or -1 without memory. */
int check_mx_match(const char *pattern, const char *host);
#define CHECK_MAX_PATTERNS 1000 /* more are not compared: nobody has them */

/* ---- Findings ---- */

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
const char *check_rank_name(enum check_rank rank);

struct check_finding {
	enum check_rank rank;
	const struct danests_fault *fault; /* or NULL: none of the table */
	enum danests_result result;
	char *where;               /* "mx1.example.com [192.0.2.1]", "TLSA _25._tcp..."; owned */
	char *text;                /* a sentence, printable ASCII; owned */
	char *hint;                /* what to change, or NULL; owned */
};

struct check_findings {
	struct check_finding *list; /* sorted by rank */
	size_t count;
	bool bad;                   /* out of memory, sticky */
};

/* Pure. */
void check_find(struct check_findings *out, const struct check_domain *domain);
void check_findings_free(struct check_findings *findings);
/* 0, 1, 2, 75. */
int check_exit(const struct check_findings *findings);
/* The worse of two of these. */
int check_worse(int a, int b);

/* The parts of check_find(). */
void check_find_dns(struct check_findings *out, const struct check_domain *domain);
void check_find_hosts(struct check_findings *out, const struct check_domain *domain);
void check_find_tls(struct check_findings *out, const struct check_domain *domain);
void check_find_cert(struct check_findings *out, const struct check_domain *domain);
void check_find_sts(struct check_findings *out, const struct check_domain *domain);
void check_find_web(struct check_findings *out, const struct check_domain *domain);
void check_find_report(struct check_findings *out, const struct check_domain *domain);
void check_find_plan(struct check_findings *out, const struct check_domain *domain);
void check_find_others(struct check_findings *out, const struct check_domain *domain);

/* One more. fault and hint may be NULL: no code; the fault's hint, then. */
void check_add(struct check_findings *out, enum check_rank rank,
    const struct danests_fault *fault, const char *hint, const char *where, const char *fmt, ...)
    ATTR_PRINTF(6, 7);
/* With the result and the hint that the library came to, which need not be the usual ones
 * of the fault. */
void check_add_result(struct check_findings *out, enum check_rank rank,
    const struct danests_fault *fault, enum danests_result result, const char *hint,
    const char *where, const char *fmt, ...) ATTR_PRINTF(7, 8);
/* "mx1.example.com [192.0.2.1]" */
#define CHECK_WHERE_SIZE 384
void check_where(char out[CHECK_WHERE_SIZE], const struct danests_host *host,
    const struct check_address *address);

/* How far down DNSSEC reaches on the way to a name: "signed down to com, no DS record for
 * example.com". "" when that was not asked. */
#define CHECK_CHAIN_SIZE 640
void check_chain(const struct check_domain *domain, const char *name, char out[CHECK_CHAIN_SIZE]);

/* The first certificate that was shown; NULL: none, or garbage. To be freed. */
danests_cert *check_leaf(const struct probe *probe);
/* "14 days", "about 14 days" for what is no whole number of them, "less than a day" */
#define CHECK_SPAN_SIZE 40
const char *check_span(char out[CHECK_SPAN_SIZE], uint64_t seconds);
/* From today to the day of that moment, by the calendar in UTC, as dates are shown here; 0
 * says nothing of whether it is over. */
long check_days(time_t when, time_t now);
/* "expires in 13 days", "expires today", "expired today", "expired 1 day ago" */
#define CHECK_ENDING_SIZE 48
const char *check_ending(char out[CHECK_ENDING_SIZE], time_t when, time_t now);
/* ", not valid until 2027-01-31" or "" */
#define CHECK_BEGINNING_SIZE 48
const char *check_beginning(char out[CHECK_BEGINNING_SIZE], time_t when, time_t now);
/* Does this record let the host's certificate pass, as if it were the only one? Of more
 * than so many only those that have: each costs a verification. */
#define CHECK_MAX_RECORDS 64
bool check_record_passes(const struct check_domain *domain, const struct check_host *host,
    size_t record);
/* 1: it does; 0: it does not; -1: no certificate was seen, or it was not compared. */
int check_record_state(const struct check_domain *domain, const struct check_host *host,
    size_t record);
/* RFC 7671 9: of the digests of one usage and selector the strongest alone is looked at,
 * so that this one is there in vain. */
bool check_record_weak(const struct danests_host *host, size_t record);

/* ---- Texts of TXT records ---- */

/* Those at prefix and the policy domain; texts are borrowed from the policy. */
struct check_texts {
	struct danests_text *list;
	size_t count;
	bool asked;          /* there is an answer at all ... */
	struct danests_answer answer; /* ... this one */
	bool bad;            /* out of memory */
};
void check_texts(struct check_texts *out, const struct check_domain *domain, const char *prefix);
void check_texts_free(struct check_texts *texts);

/* ---- Output ---- */

struct check_look {
	bool colour;
};
void check_print(const struct check_domain *domain, const struct check_findings *findings,
    const struct check_look *look);
void check_print_details(const struct check_domain *domain);
/* "  key  text", wrapped to 80 columns behind the key. Octets of any kind. */
void check_print_row(unsigned int indent, unsigned int width, const char *key, const char *fmt,
    ...) ATTR_PRINTF(4, 5);

struct json_t;
struct json_t *check_value(const struct check_domain *domain,
    const struct check_findings *findings); /* NULL without memory */
struct json_t *check_value_hosts(const struct check_domain *domain);
struct json_t *check_value_web(const struct check_domain *domain);

/* ---- The list, the threads, the run ---- */

struct check_list {
	char **names;
	size_t count, room;
};
/* Each returns an exit code, and has complained. */
int check_list_add(struct check_list *list, const char *name, size_t len);
int check_list_file(struct check_list *list, const char *path); /* "-": standard input */
void check_list_free(struct check_list *list);

struct check_job {
	struct check_job *next;
	struct check_address *address;
	const struct check_host *host; /* NULL: the policy host */
	void *owner;
};
struct check_pool;
struct check_pool *check_pool_new(void);                  /* NULL: the system refuses */
int check_pool_fd(const struct check_pool *pool);         /* readable: take */
/* DANESTS_OK, DANESTS_ESYSTEM: not even one thread. */
int check_pool_put(struct check_pool *pool, struct check_job *job);
struct check_job *check_pool_take(struct check_pool *pool); /* one that ended, or NULL */
void check_pool_free(struct check_pool *pool); /* waits for those that run; NULL is fine */

struct check_options {
	bool smtp, json;
	unsigned int port;       /* 0: as the name says, or 25 */
	int timeout_ms;          /* of one address */
	struct danests_postfix postfix;
	struct check_look look;
	bool progress;
	const char *helo;
};
/* Hands each domain, complete, in the order given. Returns an exit code of its own
 * failures, which it has complained of; EX_OK otherwise. */
typedef int check_ready_fn(void *arg, const struct check_domain *domain,
    const struct check_findings *findings);
int check_run(danests *ctx, const danests_trust *trust, const struct check_list *list,
    const struct check_options *options, check_ready_fn *ready, void *arg);

#endif
