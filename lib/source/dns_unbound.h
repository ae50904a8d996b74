/* SPDX-License-Identifier: BSD-2-Clause */
/* dnssec = validate: libunbound in process, on our loop. */
#ifndef SOURCE_DNS_UNBOUND_H
#define SOURCE_DNS_UNBOUND_H

#include "source/dns_back.h"

int dns_unbound_new(struct dns_back **out, const struct dns_setup *setup, char *problem,
    size_t size) ATTR_MUST_CHECK;

#endif
