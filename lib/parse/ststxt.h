/* SPDX-License-Identifier: BSD-2-Clause */
/* The TXT record of MTA-STS: RFC 8461 3.1, rules S2-S5, rules.md 5.5. */
#ifndef PARSE_STSTXT_H
#define PARSE_STSTXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "danests.h"
#include "parse/txtrec.h"

#define STSTXT_ID_MAX 32

enum ststxt_status {
	STSTXT_OK,
	STSTXT_NONE,      /* not one starts with "v=STSv1;" (or its lenient form) */
	STSTXT_SEVERAL,   /* more than one does */
	STSTXT_BAD_FIELD, /* does not follow the grammar */
	STSTXT_BAD_ID,    /* id absent, empty, too long or with odd characters */
};

struct ststxt {
	char id[STSTXT_ID_MAX + 1];
	bool lenient; /* a blank before the first ';' */
};

/* One joined TXT record. STSTXT_NONE when it is not an MTA-STS record at all. */
enum ststxt_status ststxt_parse(struct ststxt *out, const char *text, size_t len) ATTR_MUST_CHECK;

/* All TXT records of the owner: S3. Strict candidates first; only when there is
 * none do lenient ones count. */
enum ststxt_status ststxt_choose(struct ststxt *out, const struct danests_text *texts,
    size_t count) ATTR_MUST_CHECK;

/* The same, with more to say: why not, in printable ASCII, and what is forgiven. */
enum ststxt_status ststxt_examine(struct ststxt *out, const struct danests_text *texts,
    size_t count, char why[TXTREC_WHY], struct notes *notes) ATTR_MUST_CHECK;

const char *ststxt_status_text(enum ststxt_status status);

#endif
