/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A scenario: one situation as text, and what is expected of it. Lines:
 *
 *	# L11, RFC 7672 2.2.3: the rules it shows, then the claim
 *	nexthop  [mx.example.com]:587           example.com unless given
 *	MX       example.com   secure    10 mx1.example.com  20 mx2.example.com
 *	ADDR     mx1.example.com  secure  alias=mail.example.org 192.0.2.1
 *	TLSA     _25._tcp.mail.example.org  absent secure
 *	TLSA     _25._tcp.mx1.example.com   secure  3 1 1 *32
 *	STSTXT   example.com   insecure  id=1
 *	STSHELD  example.com   absent insecure
 *	ADDR     mta-sts.example.com  insecure 198.51.100.1
 *	STS      example.com id=1  insecure  enforce 86400 mx1.example.com
 *	unasked  TLSA _25._tcp.mx2.example.com
 *	expect   reply="OK dane-only" dane=full asked=8
 *
 * A question, the state (secure, insecure, absent secure, absent insecure, failed
 * and which way), then the data. Every question must have its line and every line
 * its question; "unasked" is one that must not be asked. Data:
 *
 *	MX            PREFERENCE HOST, any number; HOST "!": no host name. Or: null
 *	A, AAAA       the two halves of an ADDR, which has no line of its own then
 *	TLSA          USAGE SELECTOR TYPE HEX, any number; *32: so many octets
 *	STS, STSHELD  id=ID MODE MAX_AGE PATTERN..., or id=ID text=BODY with \n, \r, \t
 *	absent        nxdomain, too; reason=TEXT
 *	all           ttl=SECONDS, 3600 unless given; alias=NAME
 *	failed        the detail, to the end of the line
 */
#ifndef SCENARIO_WORLD_H
#define SCENARIO_WORLD_H

#include <stdbool.h>
#include <stddef.h>

#include "plan/answer.h"
#include "plan/question.h"

#define WORLD_NOW ((time_t)1767225600) /* 2026-01-01T00:00:00Z */

struct world_line {
	struct question q;
	struct answer *answer; /* NULL: unasked */
	struct answer *half;   /* the A or AAAA that waits for the other one */
	unsigned asked;
	unsigned number;       /* in the file */
};

#define WORLD_MAX_EXPECT 16

struct world {
	struct nexthop nexthop;
	struct world_line *lines;
	size_t count;
	char *expect[WORLD_MAX_EXPECT]; /* pairs of base/kv.h */
	size_t expect_count;
	char problem[256];
};

/* False: problem says what is wrong with the file, and where. */
bool world_read(struct world *world, const char *file);
void world_free(struct world *world);

struct world_line *world_find(struct world *world, const struct question *q);

#endif
