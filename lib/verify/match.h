/* SPDX-License-Identifier: BSD-2-Clause */
/* One TLSA record against one certificate or key, octet by octet (RFC 6698 2.1). */
#ifndef VERIFY_MATCH_H
#define VERIFY_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/span.h"
#include "danests.h"

/* What records are compared with. Each digest is made once, however many records there
 * are. A zeroed one matches nothing. */
struct match_subject {
	struct span part[2];      /* by selector: certificate, key; borrowed */
	bool done[2][2];          /* by selector and matching type - 1 */
	uint8_t digest[2][2][64];
};

/* False: not a certificate (only so much of it is read that the key is found), or larger
 * than any should be. */
bool match_certificate(struct match_subject *out, const struct danests_der *der);
/* A SubjectPublicKeyInfo on its own: selector 0 matches nothing (U13). */
bool match_key(struct match_subject *out, const struct danests_der *der);

/* The digest of that part; NULL: without memory, or there is no such part. */
const uint8_t *match_digest(struct match_subject *s, uint8_t selector, uint8_t mtype);

/* Usage is not looked at; the record is usable. *match is the answer; DANESTS_OK or
 * DANESTS_ENOMEM. */
int match_record(struct match_subject *s, const struct danests_tlsa *rec, bool *match)
    ATTR_MUST_CHECK;

/* "3 1 1" and the like of a record, for a reason. */
#define MATCH_NAME 16
void match_name(char out[MATCH_NAME], const struct danests_tlsa *rec);

#endif
