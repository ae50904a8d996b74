/* SPDX-License-Identifier: BSD-2-Clause */
/* What MTA-STS says of a server (RFC 8461 4). */
#ifndef VERIFY_STS_H
#define VERIFY_STS_H

#include <stdbool.h>
#include <time.h>

#include "base/attr.h"
#include "danests.h"

/* Is there a policy to judge by? One in mode none usually names no MX hosts. */
bool sts_applies(const danests_policy *policy);

/* S17: the policy does not name the host, and *out says so. No connection is needed. */
bool sts_refuses_host(const danests_policy *policy, const struct danests_host *host,
    struct danests_judgement *out);

/* DANESTS_OK or DANESTS_ENOMEM. */
int sts_judge(const danests_policy *policy, const danests_trust *trust,
    const struct danests_host *host, const struct danests_der *ders, size_t count,
    time_t now, struct danests_judgement *out) ATTR_MUST_CHECK;
void sts_judge_key(const danests_policy *policy, const struct danests_host *host,
    struct danests_judgement *out);

#endif
