/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trust anchors: DS and DNSKEY records in zone-file form, read and checked
 * once, so that nothing depends on the file later. Also reads the files that
 * unbound-anchor keeps (RFC 5011 states in comments): keys that are not in
 * force there are passed over here.
 */
#ifndef SOURCE_DNS_ANCHOR_H
#define SOURCE_DNS_ANCHOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

#define DNS_ANCHOR_RECORDS 64

struct dns_anchor {
	char *owner;  /* "." or "example.com", lower case, no final dot */
	char *record; /* the record on one line */
};

struct dns_anchors {
	char *path;
	struct dns_anchor at[DNS_ANCHOR_RECORDS];
	size_t count;
};

/*
 * path NULL: the first of the usual places that is there. DANESTS_OK (then at
 * least one record is there, and each owner has one whose algorithm we can
 * check); DANESTS_ENOMEM; DANESTS_ERESOLVER: problem[] says which file and line,
 * and what to do.
 */
int dns_anchors_load(struct dns_anchors *out, const char *path, char *problem,
    size_t size) ATTR_MUST_CHECK;

/* The same from memory; path is for messages. */
int dns_anchors_parse(struct dns_anchors *out, const char *path, const char *text, size_t len,
    char *problem, size_t size) ATTR_MUST_CHECK;

/* The same records in the same order, from whatever file. */
bool dns_anchors_equal(const struct dns_anchors *a, const struct dns_anchors *b);

void dns_anchors_free(struct dns_anchors *anchors);

#endif
