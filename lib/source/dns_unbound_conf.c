/* SPDX-License-Identifier: BSD-2-Clause */
/* How libunbound is set up: unbound.conf(5). */
#include "source/dns_unbound_conf.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/text.h"
#include "danests.h"

struct option {
	const char *name, *value;
	bool must; /* without it answers would be less safe */
};

static const struct option options[] = {
	/* What makes an answer secure, or bogus. */
	{ "module-config:", "validator iterator", true },
	{ "harden-glue:", "yes", true },
	{ "harden-dnssec-stripped:", "yes", true },
	{ "harden-below-nxdomain:", "yes", true },
	{ "val-permissive-mode:", "no", true },
	{ "ignore-cd-flag:", "no", true },
	{ "val-clean-additional:", "yes", true },
	{ "serve-expired:", "no", true },
	/* RFC 6840 5.11: one good algorithm is enough. */
	{ "harden-algo-downgrade:", "no", true },
	/* Failures are forgotten soon; what is bogus may be repaired (spec.md 4). */
	{ "val-bogus-ttl:", "15", false },
	/* A resolver or server that was down is tried again within seconds. */
	{ "infra-host-ttl:", "30", false },
	{ "infra-keep-probing:", "yes", false },
	{ "infra-cache-max-rtt:", "2000", false },
	{ "unknown-server-time-limit:", "376", false },
	/* why_bogus is only made when it could be logged. */
	{ "val-log-level:", "2", false },
	{ "use-syslog:", "no", false },
	{ "verbosity:", "0", false },
	/* RFC 9715: no fragments. */
	{ "edns-buffer-size:", "1232", false },
	/* A resolver on this host is the recommended one. */
	{ "do-not-query-localhost:", "no", true },
	/* Nothing is asked that nobody asked for. */
	{ "prefetch:", "no", false },
	{ "prefetch-key:", "no", false },
	{ "target-fetch-policy:", "0 0 0 0 0", false },
	{ "trust-anchor-signaling:", "no", false },
	{ "root-key-sentinel:", "no", false },
	{ "minimal-responses:", "yes", false },
	{ "rrset-roundrobin:", "no", false },
	{ "cache-max-ttl:", "86400", false },
	{ "cache-max-negative-ttl:", "3600", false },
	/* One thread: no locks to spread. */
	{ "num-threads:", "1", false },
	{ "msg-cache-slabs:", "1", false },
	{ "rrset-cache-slabs:", "1", false },
	{ "infra-cache-slabs:", "1", false },
	{ "key-cache-slabs:", "1", false },
	/* No files of the system's own unbound. */
	{ "chroot:", "", false },
	{ "username:", "", false },
	{ "directory:", "", false },
};

/* Built-in zones that could hide real mail domains: this one is delegated for
 * use inside of sites (RFC 8375), and their resolver knows it. */
static const char *const unhidden_zones[] = { "home.arpa.", "test." };

static bool set_number(struct ub_ctx *ctx, const char *name, size_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", value);
	return ub_ctx_set_option(ctx, name, text) == 0;
}

/* Sockets: at most half of what the process may open, the rest is for others. */
static size_t outgoing_range(void)
{
	struct rlimit lim;
	size_t half = 512;

	if (getrlimit(RLIMIT_NOFILE, &lim) == 0)
		half = lim.rlim_cur == RLIM_INFINITY || lim.rlim_cur > 8192 ? 4096 :
		    (size_t)lim.rlim_cur / 2;
	return half < 32 ? 32 : half;
}

/* Least important for safety, so a version that does not know one goes on. */
static void set_sizes(struct ub_ctx *ctx, size_t cache_bytes)
{
	(void)set_number(ctx, "outgoing-range:", outgoing_range());
	(void)set_number(ctx, "num-queries-per-thread:", 4096);
	(void)set_number(ctx, "rrset-cache-size:", cache_bytes / 2);
	(void)set_number(ctx, "msg-cache-size:", cache_bytes / 4);
	(void)set_number(ctx, "key-cache-size:", cache_bytes / 8);
	(void)set_number(ctx, "neg-cache-size:", cache_bytes / 16);
	(void)set_number(ctx, "infra-cache-numhosts:", 1000 + cache_bytes / 16 / 512);
}

static int set_resolvers(struct ub_ctx *ctx, const struct dns_setup *setup,
    const struct dns_servers *servers)
{
	/* Big enough for "[v6]%scope" without brackets and "@port". */
	char text[DNS_SERVER_TEXT_MAX + 8];
	struct dns_server plain;
	int r = 0;

	if (servers == NULL) {
		(void)ub_ctx_set_option(ctx, "qname-minimisation:", "yes");
		return setup->root_hints == NULL ? 0 :
		    ub_ctx_set_option(ctx, "root-hints:", setup->root_hints);
	}
	(void)ub_ctx_set_option(ctx, "qname-minimisation:", "no");
	for (size_t i = 0; r == 0 && i < servers->count; i++) {
		plain = servers->at[i];
		plain.port = 53;
		dns_server_text(&plain, text);
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "@%u",
		    (unsigned)servers->at[i].port);
		r = ub_ctx_set_fwd(ctx, text);
	}
	return r;
}

int dns_unbound_configure(struct ub_ctx *ctx, const struct dns_setup *setup,
    const struct dns_servers *servers, char *problem, size_t size)
{
	const char *what = "resolver";
	int r = 0;

	(void)ub_ctx_debugout(ctx, NULL); /* it would log to stderr */
	for (size_t i = 0; i < COUNT_OF(options); i++) {
		r = ub_ctx_set_option(ctx, options[i].name, options[i].value);
		if (r != 0 && options[i].must) {
			what = options[i].name;
			goto bad;
		}
	}
	set_sizes(ctx, setup->cache_bytes);
	r = set_resolvers(ctx, setup, servers);
	if (r != 0)
		goto bad;
	what = "trust anchor";
	for (size_t i = 0; r == 0 && i < setup->anchors->count; i++)
		r = ub_ctx_add_ta(ctx, setup->anchors->at[i].record);
	if (r != 0)
		goto bad;
	/* The first of these calls ends the setting up; no option may come after. */
	what = "its configuration";
	for (size_t i = 0; r == 0 && i < COUNT_OF(unhidden_zones); i++)
		r = ub_ctx_zone_remove(ctx, unhidden_zones[i]);
	if (r == 0)
		return DANESTS_OK;
bad:
	text_format(problem, size, "libunbound refuses %s: %s", what, ub_strerror(r));
	return r == UB_NOMEM ? DANESTS_ENOMEM : DANESTS_ERESOLVER;
}
