/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/dns.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "source/dns_back.h"
#include "source/dns_job.h"
#include "source/dns_setup.h"
#include "source/dns_stub.h"
#include "source/dns_unbound.h"

struct dns {
	struct dns_known known;
	struct dns_back *back;
	struct dns_jobs jobs;
	struct counts *counts;
	bool moved;                  /* known.servers are others than they were at first */
	char refused[DNS_PROBLEM];   /* why no resolver may be used now, or "" */
	char trust[2 * DNS_PROBLEM], resolvers[2 * DNS_PROBLEM];
};

/* ---- Questions ---- */

/* The list of /etc/resolv.conf may be another one by now. */
static void refresh(struct dns *dns)
{
	struct dns_servers servers;

	if (!dns->known.system || !dns_system_read(&dns->known.file, &servers))
		return;
	if (dns->refused[0] == '\0' && dns_servers_equal(&servers, &dns->known.servers))
		return;
	dns->known.servers = servers;
	dns->moved = true;
	dns->refused[0] = '\0';
	/* N2 holds for what comes later too. */
	if (dns->known.mode == DNS_TRUST_AD && !dns_trusted_way(&servers, dns->refused))
		return;
	if (dns->back->ops->use(dns->back, &servers) != DANESTS_OK) {
		text_format(dns->refused, sizeof(dns->refused),
		    "cannot change to the new resolvers of %s", dns->known.file.path);
		dns->known.file.again = true;
	}
}

enum source_result dns_ask(struct dns *dns, struct ask *ask)
{
	if (ask->q.kind == QUESTION_STS || ask->q.kind == QUESTION_STSHELD)
		return SOURCE_PASS;
	ask_send(ask, dns->counts);
	refresh(dns);
	if (dns->refused[0] != '\0')
		return dns_job_failed(ask, FAILURE_LOCAL, dns->refused);
	return dns_job(&dns->jobs, ask);
}

/* ---- Life ---- */

int dns_check(const struct dns_conf *conf, char problem[DNS_PROBLEM])
{
	struct dns_known known;
	int r = dns_known_init(&known, conf, problem);

	if (r == DANESTS_OK)
		dns_known_free(&known);
	return r;
}

int dns_new(struct dns **out, struct loop *loop, const struct dns_conf *conf,
    char problem[DNS_PROBLEM])
{
	struct dns *dns = calloc(1, sizeof(*dns));
	struct dns_setup setup;
	int r;

	if (dns == NULL)
		return DANESTS_ENOMEM;
	r = dns_known_init(&dns->known, conf, problem);
	if (r != DANESTS_OK) {
		free(dns);
		return r;
	}
	dns->counts = conf->counts;
	dns_jobs_init(&dns->jobs, loop, conf->timeout_ms);
	setup = (struct dns_setup){
		.loop = loop, .anchors = &dns->known.anchors,
		.servers = dns->known.recursive ? NULL : &dns->known.servers,
		.root_hints = dns->known.root_hints, .stub = dns->known.stub,
		.timeout_ms = conf->timeout_ms, .cache_bytes = conf->cache_bytes,
	};
	r = conf->mode == DNS_TRUST_AD ?
	    dns_stub_new(&dns->back, &setup, problem, DNS_PROBLEM) :
	    dns_unbound_new(&dns->back, &setup, problem, DNS_PROBLEM);
	if (r != DANESTS_OK) {
		dns_free(dns);
		return r;
	}
	dns->jobs.back = dns->back;
	*out = dns;
	return DANESTS_OK;
}

void dns_free(struct dns *dns)
{
	if (dns == NULL)
		return;
	if (dns->back != NULL)
		dns->back->ops->free(dns->back);
	dns_jobs_free(&dns->jobs);
	dns_known_free(&dns->known);
	free(dns);
}

int dns_like(const struct dns *dns, const struct dns_conf *conf, bool *same,
    char problem[DNS_PROBLEM])
{
	struct dns_known known;
	int r = dns_known_init(&known, conf, problem);

	if (r != DANESTS_OK)
		return r;
	*same = !dns->moved && dns_known_same(&dns->known, &known);
	dns_known_free(&known);
	return DANESTS_OK;
}

bool dns_same_judge(const struct dns *a, const struct dns *b)
{
	return !a->moved && !b->moved && dns_known_same_judge(&a->known, &b->known);
}

bool dns_idle(const struct dns *dns)
{
	return list_empty(&dns->jobs.running) && list_empty(&dns->jobs.queued);
}

enum danests_trust_state dns_trust(struct dns *dns, const char **text, const char **resolvers)
{
	const struct dns_known *k = &dns->known;

	if (k->recursive)
		text_format(dns->resolvers, sizeof(dns->resolvers), "recursive");
	else
		dns_servers_text(&k->servers, dns->resolvers, sizeof(dns->resolvers));
	if (dns->refused[0] != '\0')
		text_format(dns->trust, sizeof(dns->trust), "%s", dns->refused);
	else if (k->mode == DNS_TRUST_AD)
		text_format(dns->trust, sizeof(dns->trust), "AD bit of the resolver: %s",
		    dns->back->text);
	else
		text_format(dns->trust, sizeof(dns->trust), "trust anchor %s: %s",
		    k->anchors.path, dns->back->text);
	*text = dns->trust;
	*resolvers = dns->resolvers;
	return dns->refused[0] != '\0' ? DANESTS_TRUST_FAILED : dns->back->trust;
}
