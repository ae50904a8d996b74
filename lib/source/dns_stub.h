/* SPDX-License-Identifier: BSD-2-Clause */
/* dnssec = trust-ad: getdns in a process of its own, danests-stub. */
#ifndef SOURCE_DNS_STUB_H
#define SOURCE_DNS_STUB_H

#include "source/dns_back.h"

int dns_stub_new(struct dns_back **out, const struct dns_setup *setup, char *problem,
    size_t size) ATTR_MUST_CHECK;

#endif
