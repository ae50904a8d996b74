/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One DNS question of ours, which may be two of the DNS, from asking to its answer:
 * stages along an alias chain (N10), the deadline, and a bound on how many are under
 * way, so that one domain with hundreds of dead MX hosts cannot take all there is.
 */
#ifndef SOURCE_DNS_JOB_H
#define SOURCE_DNS_JOB_H

#include "source/dns.h"
#include "source/dns_back.h"

#define DNS_MAX_JOBS 2048 /* under way at once; further ones wait their turn */

struct dns_jobs {
	struct loop *loop;
	struct dns_back *back;  /* set before the first question */
	int timeout_ms;
	struct list running, queued;
	size_t count;           /* running */
	bool starting;          /* answers that come at once must not nest */
};

void dns_jobs_init(struct dns_jobs *jobs, struct loop *loop, int timeout_ms);
/* The back end must be gone: nobody gets an answer any more. */
void dns_jobs_free(struct dns_jobs *jobs);

/* As dns_ask(), for the kinds that are the DNS's. */
enum source_result dns_job(struct dns_jobs *jobs, struct ask *ask);

/* The answer that there will be none. */
enum source_result dns_job_failed(struct ask *ask, enum answer_failure failure, const char *why);

#endif
