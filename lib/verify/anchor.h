/* SPDX-License-Identifier: BSD-2-Clause */
/* Trust anchors that no certificate of the chain carries. */
#ifndef VERIFY_ANCHOR_H
#define VERIFY_ANCHOR_H

#include <gnutls/x509.h>

#include "base/attr.h"
#include "base/span.h"
#include "cert/cert.h"

/*
 * U11: a bare key (2 1 0) as the anchor that a path can end at. A certification authority
 * of that name, with that key and without any limit, made up and signed by nobody: of an
 * anchor only name and key count (RFC 5280 6.1.1). DANESTS_OK; DANESTS_EINVAL: no key, or
 * none that signatures are verified with (cert/way.h); DANESTS_ENOMEM.
 */
int anchor_of_key(gnutls_x509_crt_t *out, const gnutls_datum_t *name, const struct span *spki)
    ATTR_MUST_CHECK;

/*
 * Did the key of this one, which has no problem (cert/way.h), sign that certificate, in its
 * name? Nothing else is looked at: the rest is for the path to say (cert/pkix.h).
 */
bool anchor_signed(gnutls_x509_crt_t anchor, const struct cert *cert);

#endif
