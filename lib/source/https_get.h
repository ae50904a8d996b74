/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One GET of a policy (S6-S10), as a curl handle: how it is set up, what stops it,
 * and what became of it in words a postmaster understands. Who runs the handle, and
 * when, is in https.c.
 */
#ifndef SOURCE_HTTPS_GET_H
#define SOURCE_HTTPS_GET_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "source/https.h"
#include "source/https_cert.h"

#define HTTPS_HEADER_MAX 16384

struct https_get {
	/* Set by the caller. */
	const struct https_conf *conf;
	const struct danests_trust *authorities;
	int timeout_ms;             /* of conf's, what is left after the wait for a place */
	/* The transfer. */
	CURL *easy;
	struct curl_slist *resolve;
	char host[sizeof("mta-sts.") + DOMAIN_MAX];
	char said[CURL_ERROR_SIZE]; /* by curl; may quote the remote side */
	size_t header_bytes;
	bool verified;              /* the certificate of this very connection */
	struct buf body;
	/* What became of it: FAILURE_NONE is a body. */
	enum answer_failure failure;
	char why[HTTPS_WHY];
};

/*
 * First the policy host of domain and its addresses, then the handle. False: failure
 * and why[] say what was wrong, and nothing was sent.
 */
bool https_get_aim(struct https_get *get, const char *domain,
    const struct answer *addr) ATTR_MUST_CHECK;
bool https_get_open(struct https_get *get) ATTR_MUST_CHECK;

/* curl is done with it: fills in failure and why[]. (https_judge.c) */
void https_get_judge(struct https_get *get, CURLcode code);

/* What went wrong; the first to say so counts. Remote text is welcome. All return
 * false, which is also what stops curl. (https_judge.c) */
bool https_get_fail(struct https_get *get, enum answer_failure failure, const char *fmt, ...)
    ATTR_PRINTF(3, 4);
bool https_get_fail_status(struct https_get *get, long code);
bool https_get_fail_size(struct https_get *get);
bool https_get_fail_busy(struct https_get *get);

/* To the question for the policy of that id: what was fetched, or why it was not.
 * Never NULL. (https_judge.c) */
struct answer *https_get_answer(struct https_get *get, const char *id);

/* The handle must not be in a multi handle any more. Zeroed is fine. */
void https_get_close(struct https_get *get);

#endif
