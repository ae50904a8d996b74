/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A chain up to an anchor that is trusted (RFC 5280 6), at a time that is given: for
 * MTA-STS up to an authority of WebPKI, for DANE-TA up to the one certificate of a TLSA
 * record. Pure: GnuTLS' own clock and its own name check stay out of it.
 */
#ifndef CERT_PKIX_H
#define CERT_PKIX_H

#include "cert/cert.h"

struct danests_trust; /* cert/trust.c */

/* Several faults: the first of these is told (spec.md section 8). */
enum pkix_fault { PKIX_GOOD, PKIX_EXPIRED, PKIX_UNTRUSTED, PKIX_NAME };

/*
 * Does the chain, in whatever order, lead from its first certificate to one of the anchors,
 * is every certificate on the way (the anchor, too: rules.md 5.12) valid at that time and
 * allowed to do what it does there, and the first one meant for TLS servers? Names are
 * not looked at: PKIX_GOOD, PKIX_EXPIRED or PKIX_UNTRUSTED (also: not yet valid, path
 * length, key usage, constraints, signature, weak), and why[] ("" when good).
 * The first certificate is never its own anchor: an anchor that is equal to it does not
 * count. What was sent and is not on the way does not matter; nor does whether the anchor
 * was sent. Constraints of the anchor are those of the certificate in the list.
 */
enum pkix_fault pkix_path(gnutls_x509_trust_list_t anchors, const struct chain *chain,
    time_t now, char why[CERT_WHY]) ATTR_MUST_CHECK;

/* That, and the name (S7, S18: DNS-ID only). Here the first certificate may be an anchor,
 * as somebody put it into the file of authorities. */
enum pkix_fault pkix_server(const struct danests_trust *trust, const struct chain *chain,
    const char *host, time_t now, char why[CERT_WHY]) ATTR_MUST_CHECK;

/* As danests_trust_file() (path NULL: danests_trust_system()); problem[] says what is wrong,
 * "" when nothing is. */
#define TRUST_PROBLEM 256
int trust_open(struct danests_trust **out, const char *path, char problem[TRUST_PROBLEM])
    ATTR_MUST_CHECK;

#endif
