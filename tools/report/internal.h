/* SPDX-License-Identifier: BSD-2-Clause */
/* Relays that are hops of our own: loopback, and --internal CIDR|HOST. */
#ifndef REPORT_INTERNAL_H
#define REPORT_INTERNAL_H

#include "base/attr.h"
#include "tools/report/slice.h"

struct internal;

struct internal *internal_new(void);
/* "10.0.0.0/8", "192.0.2.7", "fd00::/8", "relay.example", ".example" (all below it).
 * 0; DANESTS_EINVAL: no such thing; DANESTS_ENOMEM. */
int internal_add(struct internal *set, const char *text) ATTR_MUST_CHECK;
/* Host in any case, address without brackets ("IPv6:" in front is fine). */
bool internal_has(const struct internal *set, struct slice host, struct slice address);
void internal_free(struct internal *set);

#endif
