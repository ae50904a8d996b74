/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * STS questions: one bounded GET of https://mta-sts.<domain>/.well-known/mta-sts.txt
 * (S6-S10). Addresses come with the question; curl never resolves. The policy
 * host's certificate is verified by us, before the request is sent.
 *
 * No proxy, netrc or other setting of the environment is honoured, but one: TLS
 * libraries write session keys to the file that SSLKEYLOGFILE names, and libcurl
 * cannot forbid it. A service should unset it before it starts.
 */
#ifndef SOURCE_HTTPS_H
#define SOURCE_HTTPS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/loop.h"
#include "danests.h"
#include "source/source.h"

struct https_conf {
	const char *ca_file;   /* PEM; NULL: system store */
	int timeout_ms;        /* one fetch from question to answer, waiting included */
	bool allow_private;    /* also non-global addresses */
	int port;              /* 443 */
	unsigned max_fetches;  /* at once; further ones wait their turn */
	struct counts *counts; /* outlives the source; NULL: none */
};

struct https;

/* DANESTS_OK, DANESTS_ENOMEM, DANESTS_ESYSTEM, DANESTS_ETRUST; problem[] says what. Copies conf. */
#define HTTPS_PROBLEM 256
int https_new(struct https **out, struct loop *loop, const struct https_conf *conf,
    char problem[HTTPS_PROBLEM]) ATTR_MUST_CHECK;
void https_free(struct https *https); /* pending asks never arrive; NULL is fine */

/* No fetch is under way, nor waits: nobody misses it. */
bool https_idle(const struct https *https);

/*
 * Only a few policies of one network are fetched at once, so that hosts which do
 * not answer hold up each other and nobody else. Who waits in vain, or finds too many
 * waiting, gets FAILURE_LOCAL.
 * QUESTION_STS is always PENDING or ANSWERED, everything else SOURCE_PASS. */
enum source_result https_ask(struct https *https, struct ask *ask);

#endif
