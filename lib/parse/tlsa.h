/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PARSE_TLSA_H
#define PARSE_TLSA_H

#include "base/attr.h"
#include "danests.h"

/* RDATA to a record that borrows it. DANESTS_OK, or DANESTS_EINVAL when it is
 * shorter than its three fixed octets. Data may be empty: such a record is
 * there (L16) and unusable (U2). */
int tlsa_parse(struct danests_tlsa *out, const uint8_t *rdata, size_t len) ATTR_MUST_CHECK;

/*
 * Can this record authenticate an SMTP server (U1-U4)? NULL when it can, else
 * why not, in words. Full certificates and keys must parse as DER far enough
 * that a TLS library would take them: outer SEQUENCE, exact length.
 */
const char *tlsa_unusable(const struct danests_tlsa *rec);

/*
 * Digest agility (U6, RFC 7671 9): marks in drop[] the records that must not be
 * used because a stronger digest stands beside them. Unusable ones are marked
 * too. Returns how many are left.
 */
size_t tlsa_agility(const struct danests_tlsa *recs, size_t count, bool *drop);

#endif
