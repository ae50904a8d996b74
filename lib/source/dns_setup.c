/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/dns_setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "base/text.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define HINTS_MAX ((size_t)1 << 20)

#ifndef STUB_PROGRAM
#define STUB_PROGRAM "/usr/libexec/danests/danests-stub"
#endif
#ifdef HAVE_GETDNS
static const bool have_getdns = true;
#else
static const bool have_getdns = false;
#endif

bool dns_trusted_way(const struct dns_servers *servers, char problem[DNS_PROBLEM])
{
	const struct dns_server *remote = dns_servers_remote(servers);
	char text[DNS_SERVER_TEXT_MAX];

	if (remote == NULL)
		return true;
	dns_server_text(remote, text);
	/* Short enough to be read whole in a TEMP reply, too. */
	text_format(problem, DNS_PROBLEM, "trust-ad: resolver %s is not on a loopback address "
	    "(N2, RFC 7672 2.1.1): run one on 127.0.0.1, or set dnssec = validate", text);
	return false;
}

static int copy_text(char **out, const char *text)
{
	*out = text != NULL ? strdup(text) : NULL;
	return text != NULL && *out == NULL ? DANESTS_ENOMEM : DANESTS_OK;
}

static int choose_servers(struct dns_known *k, const char *resolver, char problem[DNS_PROBLEM])
{
	k->system = text_equal_nocase(resolver, "system");
	k->recursive = text_equal_nocase(resolver, "recursive");
	k->file.path = k->resolv_conf;
	if (k->recursive && k->mode == DNS_TRUST_AD) {
		text_format(problem, DNS_PROBLEM,
		    "resolver = recursive needs dnssec = validate");
		return DANESTS_EINVAL;
	}
	if (k->recursive)
		return DANESTS_OK;
	if (k->system)
		(void)dns_system_read(&k->file, &k->servers);
	else if (dns_servers_parse(&k->servers, resolver, problem, DNS_PROBLEM) != DANESTS_OK)
		return DANESTS_EINVAL;
	if (k->mode == DNS_TRUST_AD && !dns_trusted_way(&k->servers, problem))
		return DANESTS_EINVAL;
	return DANESTS_OK;
}

static int check_program(const struct dns_known *k, char problem[DNS_PROBLEM])
{
	if (!have_getdns) {
		text_format(problem, DNS_PROBLEM, "dnssec = trust-ad: built without getdns; "
		    "set dnssec = validate");
		return DANESTS_ERESOLVER;
	}
	if (access(k->stub, X_OK) == 0)
		return DANESTS_OK;
	text_format(problem, DNS_PROBLEM, "dnssec = trust-ad: helper program %s: %s", k->stub,
	    strerror(errno));
	return DANESTS_ERESOLVER;
}

/* libunbound reads the file later: what is written to it in between counts as a
 * difference the next time. */
static int read_hints(struct dns_known *k, char problem[DNS_PROBLEM])
{
	static const uint64_t seed[2] = { 0x726f6f74, 0x68696e74 };
	struct buf text = {0};
	int r;

	if (!k->recursive || k->root_hints == NULL)
		return DANESTS_OK;
	r = dns_file_read(k->root_hints, HINTS_MAX, &text);
	if (r == DANESTS_ESYSTEM) {
		text_format(problem, DNS_PROBLEM, "root_hints = %s: %s", k->root_hints,
		    strerror(errno));
		r = DANESTS_ERESOLVER;
	}
	if (r == DANESTS_OK)
		k->hints = map_hash(seed, text.len > 0 ? text.data : "", text.len);
	buf_free(&text);
	return r;
}

int dns_known_init(struct dns_known *out, const struct dns_conf *conf, char problem[DNS_PROBLEM])
{
	const char *file = conf->resolv_conf != NULL ? conf->resolv_conf : RESOLV_CONF;
	const char *stub = conf->stub != NULL ? conf->stub : STUB_PROGRAM;
	int r;

	*out = (struct dns_known){
		.mode = conf->mode, .timeout_ms = conf->timeout_ms,
		.cache_bytes = conf->cache_bytes,
	};
	r = copy_text(&out->root_hints, conf->root_hints);
	if (r == DANESTS_OK)
		r = copy_text(&out->resolv_conf, file);
	if (r == DANESTS_OK)
		r = copy_text(&out->stub, stub);
	if (r == DANESTS_OK)
		r = choose_servers(out, conf->resolver, problem);
	if (r == DANESTS_OK)
		r = read_hints(out, problem);
	/* Only the validator cannot do without; for trust-ad it names more zones
	 * by which a resolver may show that it validates. */
	if (r == DANESTS_OK && (conf->mode == DNS_VALIDATE || conf->trust_anchor != NULL))
		r = dns_anchors_load(&out->anchors, conf->trust_anchor, problem, DNS_PROBLEM);
	if (r == DANESTS_OK && conf->mode == DNS_TRUST_AD)
		r = check_program(out, problem);
	if (r != DANESTS_OK)
		dns_known_free(out);
	return r;
}

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool dns_known_same_judge(const struct dns_known *a, const struct dns_known *b)
{
	return a->mode == b->mode && a->system == b->system && a->recursive == b->recursive &&
	    dns_servers_equal(&a->servers, &b->servers) && a->hints == b->hints &&
	    (!a->recursive || same_text(a->root_hints, b->root_hints)) &&
	    dns_anchors_equal(&a->anchors, &b->anchors);
}

bool dns_known_same(const struct dns_known *a, const struct dns_known *b)
{
	return dns_known_same_judge(a, b) && a->timeout_ms == b->timeout_ms &&
	    a->cache_bytes == b->cache_bytes && same_text(a->stub, b->stub) &&
	    same_text(a->resolv_conf, b->resolv_conf) &&
	    same_text(a->anchors.path, b->anchors.path);
}

void dns_known_free(struct dns_known *known)
{
	dns_anchors_free(&known->anchors);
	free(known->root_hints);
	free(known->resolv_conf);
	free(known->stub);
	*known = (struct dns_known){0};
}
