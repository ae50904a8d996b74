/* SPDX-License-Identifier: BSD-2-Clause */
/* Certification authorities, taken out of their store: read by any thread, changed by none. */
#ifndef CERT_TRUST_H
#define CERT_TRUST_H

#include <gnutls/x509.h>
#include <stdatomic.h>

#include "base/attr.h"
#include "danests.h"

struct anchors {
	gnutls_x509_crt_t *crts;
	unsigned count, room;
};

struct danests_trust {
	atomic_uint refs;
	struct anchors anchors;
};

/* Copies of all in the list. DANESTS_OK, DANESTS_ENOMEM; to be freed in each case. */
int anchors_read(struct anchors *out, gnutls_x509_trust_list_t list) ATTR_MUST_CHECK;
void anchors_free(struct anchors *anchors);

#endif
