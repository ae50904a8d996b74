/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain, from its name to the addresses that are to be tried. */
#include "tools/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define PORT_SMTP 25
#define PORT_WRAPPED 465 /* RFC 8314: TLS from the first octet on */
#define PORT_HTTPS 443
#define MAX_REPLY 100000

/* What stands behind the name, "example.com:587", "[mx.example.com]:587"; 0: nothing. */
static unsigned int port_of(const char *key)
{
	const char *colon = strrchr(key, ':');
	uint64_t port;

	if (colon == NULL || !text_number(colon + 1, strlen(colon + 1), 1, 65535, &port))
		return 0;
	return (unsigned int)port;
}

int check_domain_name(struct check_domain *domain, const char *name, unsigned int port)
{
	char key[DANESTS_NEXTHOP_MAX + 1];
	int len = danests_nexthop_key(name, strlen(name), key, sizeof(key));

	if (len < 0)
		return len;
	domain->name = name;
	domain->port = port_of(key);
	if (domain->port == 0)
		domain->port = port != 0 ? port : PORT_SMTP;
	if (domain->port != PORT_SMTP && port_of(key) == 0 && (size_t)len + 6 < sizeof(key))
		(void)snprintf(key + len, sizeof(key) - (size_t)len, ":%u", domain->port);
	memcpy(domain->nexthop, key, sizeof(key));
	return DANESTS_OK;
}

bool check_answer(const struct check_domain *domain, const char *kind, const char *name,
    struct danests_answer *out, size_t *at)
{
	for (size_t i = 0; i < domain->answer_count; i++) {
		*out = domain->answers[i];
		if (strcmp(out->kind, kind) != 0 ||
		    (name != NULL && !text_equal_nocase(out->name, name)))
			continue;
		if (at != NULL)
			*at = i;
		return true;
	}
	return false;
}

int check_mx_match(const char *pattern, const char *host)
{
	danests_lint *lint;
	int r;

	if (danests_lint_mx_match(&lint, pattern, host) != DANESTS_OK)
		return -1;
	r = danests_lint_good(lint);
	danests_lint_free(lint);
	return r;
}

void check_reply(const struct check_domain *domain, struct buf *text)
{
	char *room = buf_room(text, MAX_REPLY);

	if (room != NULL)
		text->len += danests_postfix_reply(domain->policy, &domain->postfix, room,
		    MAX_REPLY);
	buf_str(text, "");
}

/* ---- Addresses ---- */

static bool set_address(struct check_address *address, unsigned int port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address->probe.addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->probe.addr;

	if (inet_pton(AF_INET, address->text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		address->probe.addr_len = sizeof(*v4);
		return true;
	}
	if (inet_pton(AF_INET6, address->text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		address->probe.addr_len = sizeof(*v6);
		return true;
	}
	return false;
}

/* A sender does not connect where TLSA records could not be looked up (N8), and nobody
 * does for a domain that takes no mail. */
static bool is_wanted(const struct check_domain *domain, size_t host)
{
	return domain->smtp && !danests_policy_no_mail(domain->policy) &&
	    danests_policy_need(domain->policy, host) != DANESTS_NEED_WAIT;
}

static int fill_host(struct check_domain *domain, struct check_host *host, size_t *tried)
{
	const struct danests_host *of = danests_policy_host(domain->policy, host->index);
	bool wanted = is_wanted(domain, host->index);
	struct danests_answer answer;
	size_t at;

	if (of->name[0] == '\0' || !check_answer(domain, "ADDR", of->name, &answer, &at) ||
	    answer.count == 0)
		return DANESTS_OK;
	host->addresses = calloc(answer.count, sizeof(*host->addresses));
	if (host->addresses == NULL)
		return DANESTS_ENOMEM;
	for (size_t i = 0; i < answer.count; i++) {
		struct check_address *a = &host->addresses[host->count];

		if (danests_policy_record(domain->policy, at, i, a->text, sizeof(a->text)) < 0 ||
		    !set_address(a, domain->port))
			continue;
		host->count++;
		a->tried = wanted && *tried < CHECK_MAX_TRIED;
		*tried += a->tried;
		domain->left_out += wanted && !a->tried;
		a->probe.sni = danests_policy_sni(domain->policy, host->index);
		a->probe.plain_tls = domain->port == PORT_WRAPPED;
	}
	return DANESTS_OK;
}

/* Which pattern is the first that allows this host? */
static int fill_pattern(struct check_domain *domain, struct check_host *host)
{
	const char *name = danests_policy_host(domain->policy, host->index)->name;
	const struct danests_sts *sts = danests_policy_sts(domain->policy);
	int match = 0;

	host->pattern = -1;
	for (size_t i = 0; sts != NULL && i < sts->mx_count && i < CHECK_MAX_PATTERNS; i++) {
		match = check_mx_match(sts->mx[i], name);
		if (match < 0)
			return DANESTS_ENOMEM;
		if (match > 0) {
			host->pattern = (long)i;
			break;
		}
	}
	return DANESTS_OK;
}

static int fill_answers(struct check_domain *domain)
{
	size_t count = danests_policy_answers(domain->policy);

	domain->answers = calloc(count + 1, sizeof(*domain->answers));
	if (domain->answers == NULL)
		return DANESTS_ENOMEM;
	while (domain->answer_count < count && danests_policy_answer(domain->policy,
	    domain->answer_count, &domain->answers[domain->answer_count]))
		domain->answer_count++;
	return DANESTS_OK;
}

/*
 * The policy host, for its certificate's names and days, wherever a TXT record names a
 * policy. What the library does not contact, a host on private addresses only, is not for
 * us either.
 */
static void fill_web(struct check_domain *domain)
{
	struct danests_answer record, sts, addr;
	size_t at;

	text_format(domain->web_name, sizeof(domain->web_name), "mta-sts.%s",
	    danests_policy_domain(domain->policy));
	if (!check_answer(domain, "STSTXT", NULL, &record, NULL) || record.count == 0)
		return;
	if ((check_answer(domain, "STS", NULL, &sts, NULL) &&
	    strstr(sts.reason, "non-global") != NULL) ||
	    !check_answer(domain, "ADDR", domain->web_name, &addr, &at) || addr.count == 0)
		return;
	if (danests_policy_record(domain->policy, at, 0, domain->web.text,
	    sizeof(domain->web.text)) < 0 || !set_address(&domain->web, PORT_HTTPS))
		return;
	domain->web.probe.sni = domain->web_name;
	domain->web.probe.plain_tls = true;
	domain->web.tried = true;
}

int check_domain_fill(struct check_domain *domain)
{
	size_t tried = 0, count = danests_policy_hosts(domain->policy);
	int r = fill_answers(domain);

	if (r != DANESTS_OK)
		return r;
	domain->hosts = calloc(count + 1, sizeof(*domain->hosts));
	if (domain->hosts == NULL)
		return DANESTS_ENOMEM;
	domain->host_count = count;
	for (size_t i = 0; i < count && r == DANESTS_OK; i++) {
		domain->hosts[i].index = i;
		r = fill_host(domain, &domain->hosts[i], &tried);
		if (r == DANESTS_OK)
			r = fill_pattern(domain, &domain->hosts[i]);
	}
	if (r == DANESTS_OK)
		fill_web(domain);
	return r;
}

void check_domain_free(struct check_domain *domain)
{
	if (domain == NULL)
		return;
	for (size_t i = 0; i < domain->host_count; i++) {
		for (size_t k = 0; k < domain->hosts[i].count; k++)
			probe_free(&domain->hosts[i].addresses[k].probe);
		free(domain->hosts[i].addresses);
	}
	free(domain->hosts);
	free(domain->answers);
	free(domain->no_dnssec);
	probe_free(&domain->web.probe);
	danests_policy_unref(domain->policy);
	domain->hosts = NULL;
	domain->answers = NULL;
	domain->no_dnssec = NULL;
	domain->host_count = domain->answer_count = 0;
	domain->policy = NULL;
}
