/* SPDX-License-Identifier: BSD-2-Clause */
/* struct dns_conf, checked: what dns_check() and dns_new() have in common. */
#ifndef SOURCE_DNS_SETUP_H
#define SOURCE_DNS_SETUP_H

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
};

/* Errors as dns_new(); frees what it began. */
int dns_known_init(struct dns_known *out, const struct dns_conf *conf,
    char problem[DNS_PROBLEM]) ATTR_MUST_CHECK;
void dns_known_free(struct dns_known *known);

/* N2: the AD bit of these may be believed. Else false, and why in problem[]. */
bool dns_trusted_way(const struct dns_servers *servers, char problem[DNS_PROBLEM]);

#endif
