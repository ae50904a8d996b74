/* SPDX-License-Identifier: BSD-2-Clause */
/* struct dns_conf, checked, and what was in the files that it names. */
#ifndef SOURCE_DNS_SETUP_H
#define SOURCE_DNS_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "source/dns.h"
#include "source/dns_anchor.h"
#include "source/dns_conf.h"

struct dns_known {
	enum dns_mode mode;
	bool system, recursive;
	struct dns_system file;     /* when system */
	struct dns_servers servers; /* unless recursive */
	struct dns_anchors anchors;
	char *root_hints, *resolv_conf, *stub; /* owned */
	uint64_t hints;             /* when recursive: what was in that file, hashed */
	int timeout_ms;
	size_t cache_bytes;
};

/* Errors as dns_new(); frees what it began. */
int dns_known_init(struct dns_known *out, const struct dns_conf *conf,
    char problem[DNS_PROBLEM]) ATTR_MUST_CHECK;
void dns_known_free(struct dns_known *known);

/* Do answers rest on the same things: mode, resolvers, root hints, trust anchors? Files
 * may have other words in them, and say the same. */
bool dns_known_same_judge(const struct dns_known *a, const struct dns_known *b);
/* And is all else the same, too? */
bool dns_known_same(const struct dns_known *a, const struct dns_known *b);

/* N2: the AD bit of these may be believed. Else false, and why in problem[]. */
bool dns_trusted_way(const struct dns_servers *servers, char problem[DNS_PROBLEM]);

#endif
