/* SPDX-License-Identifier: BSD-2-Clause */
/* Trust anchors that no certificate of the chain carries. */
#ifndef VERIFY_ANCHOR_H
#define VERIFY_ANCHOR_H

#include <gnutls/x509.h>

#include "base/attr.h"
#include "base/span.h"

/*
 * U11: a bare key (2 1 0) as the anchor that a path can end at. A certification authority
 * of that name, with that key and without any limit, made up and signed by nobody: of an
 * anchor only name and key count (RFC 5280 6.1.1). DANESTS_OK; DANESTS_EINVAL: no key that
 * GnuTLS knows; DANESTS_ENOMEM.
 */
int anchor_of_key(gnutls_x509_crt_t *out, const gnutls_datum_t *name, const struct span *spki)
    ATTR_MUST_CHECK;

#endif
