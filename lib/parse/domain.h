/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PARSE_DOMAIN_H
#define PARSE_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

#define DOMAIN_MAX 253

/* A domain name in A-labels: lower case, no trailing dot, 1..253 octets, labels
 * of 1..63 letters, digits, '-' and '_'; the last label is not all digits. */
struct domain {
	char name[DOMAIN_MAX + 1];
};

/* What Postfix asks about: spec.md section 3. */
struct nexthop {
	struct domain domain;
	uint16_t port;  /* 25 unless the key says otherwise */
	bool bracketed; /* [host]: no MX lookup */
};

/*
 * Bytes of any kind to a name: ASCII is lowered, UTF-8 labels become A-labels
 * (IDNA2008 with UTS 46, N13), one trailing dot is dropped. DANESTS_OK;
 * DANESTS_ENAME; or, for UTF-8 only, DANESTS_ENOMEM, which says nothing about
 * the name. *out is untouched unless OK.
 */
int domain_parse(struct domain *out, const char *text, size_t len) ATTR_MUST_CHECK;

/* A name that is one already, from a DNS answer or a record of ours. False: it is too
 * long to exist. */
bool domain_copy(struct domain *out, const char *name);

/*
 * A nexthop: domain, domain:port, [host], [host]:port; port a number 1..65535
 * or smtp, submission, submissions, smtps. DANESTS_OK; DANESTS_ENAME for
 * everything that is not ours: ".parent", address literals, bare addresses,
 * paths, garbage; DANESTS_ENOMEM as above.
 */
int nexthop_parse(struct nexthop *out, const char *text, size_t len) ATTR_MUST_CHECK;

/* The one spelling of a nexthop: "example.com", "[mx.example.com]:587"; port
 * 25 is not written. Returns the length. */
#define NEXTHOP_KEY_MAX (DOMAIN_MAX + 2 + 6)
size_t nexthop_key(const struct nexthop *nh, char out[NEXTHOP_KEY_MAX + 1]);

#endif
