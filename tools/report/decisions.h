/* SPDX-License-Identifier: BSD-2-Clause */
/* What danestsd said last of each nexthop. */
#ifndef REPORT_DECISIONS_H
#define REPORT_DECISIONS_H

#include "base/buf.h"
#include "tools/report/join.h"
#include "tools/report/keep.h"

struct decisions {
	const uint64_t *seed;
	struct keep keep;
	struct buf store; /* decision_parse()'s */
};

void decisions_init(struct decisions *all, const uint64_t seed[2], size_t max,
    uint64_t *forgotten);
void decisions_free(struct decisions *all);

/* 0; DANESTS_EINVAL: not a line of danestsd; DANESTS_ENOMEM. us: LINE_NO_TIME holds always. */
int decisions_take(struct decisions *all, struct slice pairs, int64_t us) ATTR_MUST_CHECK;
/* What stands for a nexthop in its one spelling; never 0. */
uint64_t decisions_number(const struct decisions *all, struct slice nexthop);
/* Of that nexthop, at that time. *out holds until the next line of danestsd. */
void decisions_find(struct decisions *all, uint64_t nexthop, int64_t us, struct known *out);

#endif
