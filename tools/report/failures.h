/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What deliveries to a domain failed by last. After a few of them Postfix gives the destination
 * up for a while: error(8) then repeats the statement of the last one for each message that is
 * not even tried, without tls= and without any line before it (maillog.md A.4). The rest is
 * that of the failure with the same statement, unless there were two kinds of it.
 */
#ifndef REPORT_FAILURES_H
#define REPORT_FAILURES_H

#include "tools/report/join.h"
#include "tools/report/keep.h"

struct failures {
	const uint64_t *seed;
	struct keep keep;
};

void failures_init(struct failures *all, const uint64_t seed[2], size_t max,
    uint64_t *forgotten);
void failures_free(struct failures *all);

/* root: of struct where. false: no memory. */
bool failures_note(struct failures *all, uint64_t root, const struct delivery *d);
/* Into *d, what its statement leaves open. */
void failures_find(struct failures *all, uint64_t root, struct delivery *d);

#endif
