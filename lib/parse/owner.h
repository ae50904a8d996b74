/* SPDX-License-Identifier: BSD-2-Clause */
/* The owner names we ask for. Each returns DANESTS_OK, or DANESTS_ENAME when the
 * name would be longer than DNS allows (then the record cannot exist). */
#ifndef PARSE_OWNER_H
#define PARSE_OWNER_H

#include "parse/domain.h"

/* _<port>._tcp.<base>: RFC 7672 2.2.3 */
int owner_tlsa(struct domain *out, const struct domain *base, uint16_t port) ATTR_MUST_CHECK;
/* _mta-sts.<domain>: RFC 8461 3.1 */
int owner_ststxt(struct domain *out, const struct domain *domain) ATTR_MUST_CHECK;
/* _smtp._tls.<domain>: RFC 8460 3 */
int owner_tlsrpt(struct domain *out, const struct domain *domain) ATTR_MUST_CHECK;
/* mta-sts.<domain>: RFC 8461 3.2 */
int owner_stshost(struct domain *out, const struct domain *domain) ATTR_MUST_CHECK;

#endif
