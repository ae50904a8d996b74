/* SPDX-License-Identifier: BSD-2-Clause */
/* The names that a certificate may have for DANE-TA (RFC 7672 3.2.2, 3.2.3). */
#ifndef VERIFY_REFS_H
#define VERIFY_REFS_H

#include <stdbool.h>

#include "cert/cert.h"
#include "danests.h"

/* The i-th reference name of this host, some of them the same maybe; NULL past the last. */
const char *refs_name(const danests_policy *policy, const struct danests_host *host, size_t i);

/* Is the certificate for one of them? The common name counts when there is no DNS-ID. */
bool refs_match(const danests_policy *policy, const struct danests_host *host,
    const struct cert *leaf);

/* "certificate is for a.example, not for b.example or c.example". */
void refs_mismatch(char out[CERT_WHY], const danests_policy *policy,
    const struct danests_host *host, const struct cert *leaf);

#endif
