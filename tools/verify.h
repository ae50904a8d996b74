/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * danests verify: what a sender would say to a chain of certificates.
 *
 *	verify.c       options, exit code
 *	verify_in.c    files and records to what the library takes
 *	verify_out.c   the verdict for people and programs
 */
#ifndef TOOLS_VERIFY_H
#define TOOLS_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/buf.h"
#include "danests.h"

struct verifying {
	/* As given. */
	const char *host, *base, *policy_path, *ca_path, *chain_path;
	const char **nexthops, **tlsa_texts;
	size_t nexthop_count, tlsa_count;
	time_t at;
	bool json;
	unsigned given; /* which of the options that may be given once */

	/* What was read. */
	struct danests_tlsa *tlsa; /* those that are none stand there without data */
	struct danests_der *chain;
	size_t chain_count;
	danests_lint *lint;        /* of the TLSA records; NULL: there are none */
	danests_policy *policy;
	danests_trust *trust;      /* NULL: there is no MTA-STS policy */
	struct danests_verdict verdict;
};

/* EX_OK; or, with a complaint, EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_IOERR, EX_OSERR. */
int verify_read(struct verifying *v);
void verify_free(struct verifying *v);

/* How it came out: the exit code is 0 for the first only. */
enum verify_outcome { VERIFY_PASS, VERIFY_FAIL, VERIFY_UNUSABLE };
enum verify_outcome verify_outcome(const struct verifying *v);

/* EX_OK, EX_OSERR. */
int verify_print(const struct verifying *v);

#endif
