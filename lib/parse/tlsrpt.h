/* SPDX-License-Identifier: BSD-2-Clause */
/* The TXT record of TLSRPT, where reports go: RFC 8460 3, rules R1, R2. */
#ifndef PARSE_TLSRPT_H
#define PARSE_TLSRPT_H

#include "base/attr.h"
#include "base/buf.h"
#include "danests.h"
#include "parse/txtrec.h"

struct tlsrpt {
	struct buf rua; /* "URI,URI": those that a report can go to, as written; owned */
	size_t count;   /* at least one */
};

/*
 * All TXT records of the owner (R1). DANESTS_OK; DANESTS_EINVAL with why[] in printable
 * ASCII; DANESTS_ENOMEM. *out is untouched unless OK; free it with tlsrpt_free().
 */
int tlsrpt_examine(struct tlsrpt *out, const struct danests_text *texts, size_t count,
    char why[TXTREC_WHY], struct notes *notes) ATTR_MUST_CHECK;
void tlsrpt_free(struct tlsrpt *rec);

/* Why no report can go to this URI (R2), NULL: it can. Static. */
const char *tlsrpt_uri_unusable(const char *text, size_t len);

#endif
