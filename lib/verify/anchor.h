/* SPDX-License-Identifier: BSD-2-Clause */
/* Trust anchors that no certificate of the chain carries. */
#ifndef VERIFY_ANCHOR_H
#define VERIFY_ANCHOR_H

#include <gnutls/x509.h>

#include "base/attr.h"
#include "base/span.h"
#include "cert/cert.h"

/* Is it a key, and one that signatures are verified with (U2)? */
bool anchor_usable(const struct span *spki) ATTR_MUST_CHECK;

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

/* ---- All that, for a whole chain, as long as the work is bounded ---- */

#define ANCHOR_WORK_MAX 1024 /* about as many signatures with usual keys */

/* A signature by a key of so many octets, names that are read included: is there time for it?
 * Then *work is more; it begins with 0. */
bool anchor_may_work(unsigned *work, size_t octets);

/* Did this one sign any of the chain? */
bool anchor_signed_any(const struct cert *anchor, const struct chain *chain, unsigned *work);

/* U11: an anchor for each name in which the bare key signed any of them. DANESTS_OK,
 * DANESTS_ENOMEM; the first *made of them are to be freed in each case. */
int anchors_of_key(gnutls_x509_crt_t anchors[CHAIN_MAX], unsigned *made,
    const struct span *spki, const struct chain *chain, unsigned *work) ATTR_MUST_CHECK;

#endif
