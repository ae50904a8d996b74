/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TXT records of the form "v=X; name=value; name=value;": those of MTA-STS (RFC 8461
 * 3.1) and of TLSRPT (RFC 8460 3), which have one grammar: rules S3, S4, R1, R2, 5.5.
 */
#ifndef PARSE_TXTREC_H
#define PARSE_TXTREC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "danests.h"
#include "parse/note.h"

#define TXTREC_WHY 200

/* Does the text claim to be such a record? Lenient: a blank before the first ';'. */
enum txtrec_form { TXTREC_NONE, TXTREC_STRICT, TXTREC_LENIENT };
enum txtrec_form txtrec_form(const char *version, const char *text, size_t len);

/*
 * S3: which of the TXT records at a name is the one; only where there is no strict one do
 * lenient ones count. How many there are; with 1, *which is its index. What is passed
 * over is noted.
 */
size_t txtrec_choose(const char *version, const struct danests_text *texts, size_t count,
    size_t *which, struct notes *notes) ATTR_MUST_CHECK;

/* Why none of them is such a record, into why[]; with what was likely meant. */
void txtrec_none(char why[TXTREC_WHY], const char *version, const struct danests_text *texts,
    size_t count);

/* S5: names of extensions that were there. Text with more of them is hostile, and worth no
 * more: of those beyond, each counts as the first. */
#define TXTREC_SEEN 64
struct txtrec_seen {
	struct danests_text names[TXTREC_SEEN]; /* borrowed */
	size_t count;
};
/* Was it there before? From now on it was. */
bool txtrec_again(struct txtrec_seen *seen, const char *name, size_t len);

struct txtrec {
	const char *at, *end;  /* the ';' that comes next; at NULL: there is none */
	struct txtrec_seen seen;
	char why[TXTREC_WHY];  /* printable ASCII; what is wrong with it, once something is */
};

struct txtrec_field {
	const char *name, *value;
	size_t name_len, value_len;
};

/* The fields behind the version, of a text that has a form. */
void txtrec_open(struct txtrec *out, const char *text, size_t len);
enum txtrec_step { TXTREC_END, TXTREC_FIELD, TXTREC_BAD };
enum txtrec_step txtrec_next(struct txtrec *rec, struct txtrec_field *out);

bool txtrec_is(const struct txtrec_field *field, const char *name);
/* A field that is not known, and what it has to be like nevertheless (S4), unless it is
 * there again (S5). known: names that it may have been meant to be, up to NULL. False with
 * rec->why. */
bool txtrec_extension(struct txtrec *rec, const struct txtrec_field *field,
    const char *const *known, struct notes *notes) ATTR_MUST_CHECK;

/* S4: names of extensions, in policy files as well. */
bool txtrec_name_valid(const char *name, size_t len);

/* For the message about a name that is not known: " (names are case-sensitive: \"id\")" or
 * "". */
#define TXTREC_HINT 80
const char *txtrec_hint(char out[TXTREC_HINT], const char *name, size_t len,
    const char *const *known);

#endif
