/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SOURCE_DNS_UNBOUND_CONF_H
#define SOURCE_DNS_UNBOUND_CONF_H

#include <unbound.h>

#include "source/dns_back.h"

/* All options, resolvers and trust anchors, before the first question. DANESTS_OK,
 * DANESTS_ENOMEM, DANESTS_ERESOLVER with problem[]. */
int dns_unbound_configure(struct ub_ctx *ctx, const struct dns_setup *setup,
    const struct dns_servers *servers, char *problem, size_t size) ATTR_MUST_CHECK;

#endif
