/* SPDX-License-Identifier: BSD-2-Clause */
/* The policy file of MTA-STS: RFC 8461 3.2, rules S5, S15, S16, rules.md 5.6-5.8. */
#ifndef PARSE_STSBODY_H
#define PARSE_STSBODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "parse/note.h"

#define STSBODY_MAX 65536u
#define STSBODY_MAX_AGE 31557600u

enum stsbody_mode { STSBODY_NONE, STSBODY_TESTING, STSBODY_ENFORCE };

/* Warnings: forgiven here, though other senders may refuse the policy. */
enum {
	STSBODY_WARN_BLANK_LINE = 1,
	STSBODY_WARN_MAX_AGE_CLAMPED = 2,
	STSBODY_WARN_FINAL_DOT = 4,
	STSBODY_WARN_ADDRESS = 8, /* an mx that is an address literal */
};

struct stsbody {
	enum stsbody_mode mode;
	uint32_t max_age;  /* seconds, clamped to STSBODY_MAX_AGE */
	unsigned warnings;
	size_t mx_count;
	char **mx;         /* lower case, "*.x" kept, policy order, repeats kept; owned */
};

/*
 * The body of a policy. DANESTS_OK; DANESTS_ENOMEM; or DANESTS_EINVAL with why[]
 * saying what is wrong and on which line, in printable ASCII. *out is untouched
 * unless OK; the caller frees it with stsbody_free().
 */
#define STSBODY_WHY 160
int stsbody_parse(struct stsbody *out, const char *text, size_t len,
    char why[STSBODY_WHY]) ATTR_MUST_CHECK;
/* The same, with notes about what is forgiven or ignored; NULL: none. */
int stsbody_examine(struct stsbody *out, const char *text, size_t len, char why[STSBODY_WHY],
    struct notes *notes) ATTR_MUST_CHECK;
void stsbody_free(struct stsbody *body);

/* "192.0.2.1", "[192.0.2.1]" or "[IPv6:2001:db8::1]": matches no MX host's name. */
bool stsbody_is_address(const char *mx, size_t len);

/* "enforce", as in the policy. Static. */
const char *stsbody_mode_name(enum stsbody_mode mode);

#endif
