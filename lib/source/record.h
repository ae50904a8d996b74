/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One MTA-STS policy as it lies on disk: the value in the snapshot and in the
 * journal. Writer and reader side by side in record.c, with an example of the bytes.
 */
#ifndef SOURCE_RECORD_H
#define SOURCE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attr.h"
#include "base/buf.h"
#include "parse/domain.h"
#include "parse/stsbody.h"

#define RECORD_ID_MAX 32u    /* RFC 8461 3.1 */
#define RECORD_HEAD 36u      /* octets before the strings */
#define RECORD_MAX (RECORD_HEAD + DOMAIN_MAX + 1 + RECORD_ID_MAX + 1 + STSBODY_MAX + 1 + 4)

/* A value. Its strings are borrowed: from the caller who puts it, or from the store
 * that found it. All end with NUL and hold none; times are 0 .. 2^48 - 1. */
struct record {
	const char *domain;      /* policy domain, A-labels, lower case */
	const char *id;          /* of the TXT record it was fetched for */
	const char *text;        /* as fetched */
	size_t text_len;
	enum stsbody_mode mode;  /* of that text, so that nobody has to parse it */
	uint32_t max_age;        /* likewise: seconds, clamped */
	time_t fetched;          /* when that was, or when it was last confirmed */
	time_t expires;          /* fetched + max_age (RFC 8461 3.2) */
	time_t used;             /* the day somebody asked last: exact to about a day */
};

/* Adds the bytes, checksum included. A record that breaks a bound (a domain, an id
 * or a text that is too long, or holds what it cannot) is DANESTS_EINVAL, and nothing
 * is added. DANESTS_ENOMEM. */
int record_write(struct buf *out, const struct record *r) ATTR_MUST_CHECK;

/* From exactly these bytes, which the strings then point into. DANESTS_OK, or
 * DANESTS_EINVAL for anything that record_write() would not have written. */
int record_read(struct record *out, const void *bytes, size_t len) ATTR_MUST_CHECK;

/* The same for bytes that another checksum has vouched for just now: theirs is not
 * looked at. */
int record_view(struct record *out, const void *bytes, size_t len) ATTR_MUST_CHECK;

/* Can this be the domain of a record? Its length, or 0. */
size_t record_domain(const char *domain);

#endif
