/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to ask next. One destination's way through the machine:
 *
 *	round 1   MX, STSTXT, STSHELD            ([host]: ADDR instead of MX)
 *	round 2   ADDR of each MX host           (L8: before any TLSA)
 *	          ADDR mta-sts.<domain>, when the TXT names an id we do not hold
 *	round 3   TLSA at the first base, or CNAME of an aliased insecure host (N12)
 *	          STS over HTTPS
 *	round 4   TLSA at the second base, when the first has none (L11)
 *
 * Of a refresh (facts_only_sts()) only STSTXT, ADDR mta-sts.<domain> and STS, also when
 * the id is one that we hold.
 *
 * At most four rounds and 5 + 4 * hosts questions. Pure: no clock, no I/O.
 *
 * With facts_extra() also, of what decides nothing (plan/extra.h):
 *
 *	round 1   TXT _mta-sts.<domain>, TXT _smtp._tls.<domain>
 *	round 2   DS of the domain and the names above it
 *	round 3   DS of each MX host and the names above it
 *
 * which are EXTRA_MAX questions more at most, and in no fifth round.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stddef.h>

#include "plan/facts.h"

/*
 * Up to max questions that the facts raise and that were not given before; they
 * count as asked from now on. Call until it returns less than max. When it
 * returns 0 and facts_open() is 0, the facts are complete: decide().
 */
size_t plan_next(struct facts *facts, struct question *out, size_t max);

#endif
