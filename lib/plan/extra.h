/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Questions whose answers decide nothing, for people who want to see: facts_extra().
 * The TXT records as they are; and how far down DNSSEC reaches, which is whether there
 * are DS records (RFC 4034 5) at each name from below the root to the domain and to its
 * MX hosts. Where a name is an alias no zone begins, so its end is looked at instead.
 */
#ifndef PLAN_EXTRA_H
#define PLAN_EXTRA_H

#include "plan/facts.h"

#define EXTRA_HOSTS 16  /* MX hosts whose names are looked at */
#define EXTRA_LABELS 10 /* of a name, from below the root; a zone so deep is no mail's */

/* Two TXT; the domain, the hosts, and the ends of their aliases. */
#define EXTRA_MAX (2 + EXTRA_LABELS * 2 * (1 + EXTRA_HOSTS))

/* Ask what the facts raise by now, once. */
void extra_step(struct facts *facts);

#endif
