/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A policy that no lookup made. It rests on no answers: everything that it borrows is in
 * one block of memory, which begins with its reference names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "danests.h"
#include "parse/stsbody.h"
#include "parse/tlsa.h"
#include "plan/policy.h"

struct making {
	const struct danests_made *made;
	char *problem;
	size_t size;
	struct stsbody body;    /* owned */
	char **block;           /* owned until the policy has it */
	char *at;               /* the next free octet of it */
	const char *host, *base;
	struct danests_tlsa *tlsa;
	const char **mx;
	danests_policy *policy; /* owned */
};

static int fail(const struct making *m, int error, const char *what, const char *which,
    const char *why)
{
	char shown[100], text[DANESTS_REASON_SIZE];

	text_printable(shown, sizeof(shown), which, strlen(which));
	text_format(text, sizeof(text), "%s%s%s%s: %s", what, which[0] != '\0' ? " '" : "", shown,
	    which[0] != '\0' ? "'" : "", why);
	text_format(m->problem, m->size, "%s", text);
	return error;
}

static int read_policy(struct making *m)
{
	char why[STSBODY_WHY];
	int r;

	if (m->made->sts_text == NULL)
		return DANESTS_OK;
	r = stsbody_parse(&m->body, m->made->sts_text, m->made->sts_len, why);
	return r == DANESTS_EINVAL ? fail(m, r, "MTA-STS policy", "", why) : r;
}

static void *take(struct making *m, size_t size)
{
	void *p = m->at;

	m->at += size;
	return p;
}

/* A copy, with a NUL after it. */
static const char *keep(struct making *m, const char *text, size_t len)
{
	char *p = take(m, len + 1);

	if (len > 0)
		memcpy(p, text, len);
	p[len] = '\0';
	return p;
}

static size_t name_count(const struct making *m)
{
	return m->made->nexthop_count > 0 ? m->made->nexthop_count : 1;
}

/* Pointers and records come first, then names, then octets. */
static int make_block(struct making *m)
{
	const struct danests_made *made = m->made;
	size_t names = name_count(m), size;

	size = names * sizeof(char *) + made->tlsa_count * sizeof(*m->tlsa) +
	    m->body.mx_count * sizeof(char *) + (names + 2) * sizeof(struct domain) +
	    made->sts_len + 1;
	for (size_t i = 0; i < made->tlsa_count; i++)
		size += made->tlsa[i].len;
	for (size_t i = 0; i < m->body.mx_count; i++)
		size += strlen(m->body.mx[i]) + 1;
	m->block = calloc(1, size);
	if (m->block == NULL)
		return DANESTS_ENOMEM;
	m->at = (char *)m->block;
	(void)take(m, names * sizeof(char *));
	m->tlsa = take(m, made->tlsa_count * sizeof(*m->tlsa));
	m->mx = take(m, m->body.mx_count * sizeof(char *));
	return DANESTS_OK;
}

static int read_name(struct making *m, const char **out, const char *what, const char *name)
{
	struct domain *domain = take(m, sizeof(*domain));
	int r = domain_parse(domain, name, strlen(name));

	*out = domain->name;
	return r == DANESTS_ENAME ? fail(m, r, what, name, "not a domain name") : r;
}

static int read_names(struct making *m)
{
	const struct danests_made *made = m->made;
	const char *name;
	int r = read_name(m, &m->host, "MX host", made->host);

	m->base = m->host;
	if (r == DANESTS_OK && made->base != NULL)
		r = read_name(m, &m->base, "TLSA base domain", made->base);
	m->block[0] = (char *)m->host;
	for (size_t i = 0; r == DANESTS_OK && i < made->nexthop_count; i++) {
		r = read_name(m, &name, "nexthop", made->nexthops[i]);
		m->block[i] = (char *)name;
	}
	return r;
}

static enum danests_host_state state_of(const struct danests_made *made)
{
	for (size_t i = 0; i < made->tlsa_count; i++) {
		if (tlsa_unusable(&made->tlsa[i]) == NULL)
			return DANESTS_HOST_USABLE;
	}
	return made->tlsa_count > 0 ? DANESTS_HOST_UNUSABLE : DANESTS_HOST_NONE;
}

static void fill_host(struct making *m)
{
	const struct danests_made *made = m->made;
	struct danests_tlsa *records = m->tlsa;
	struct danests_host *host = &m->policy->hosts[m->policy->host_count++];

	for (size_t i = 0; i < made->tlsa_count; i++) {
		records[i] = made->tlsa[i];
		records[i].data = take(m, made->tlsa[i].len);
		if (made->tlsa[i].len > 0)
			memcpy((uint8_t *)records[i].data, made->tlsa[i].data, made->tlsa[i].len);
	}
	*host = (struct danests_host){
		.name = m->host,
		.base = m->base,
		.state = state_of(made),
		.address_secure = made->tlsa_count > 0, /* L9: or there would be no records */
		.tlsa_count = made->tlsa_count,
		.tlsa = records,
		.reason = "",
		.token = "",
	};
	if (host->state == DANESTS_HOST_UNUSABLE)
		host->reason = tlsa_unusable(&records[0]);
}

static void fill_sts(struct making *m)
{
	static const enum danests_sts_state of_mode[] = {
		[STSBODY_NONE] = DANESTS_STS_NONE, [STSBODY_TESTING] = DANESTS_STS_TESTING,
		[STSBODY_ENFORCE] = DANESTS_STS_ENFORCE,
	};
	danests_policy *policy = m->policy;

	if (m->made->sts_text == NULL)
		return;
	for (size_t i = 0; i < m->body.mx_count; i++)
		m->mx[i] = keep(m, m->body.mx[i], strlen(m->body.mx[i]));
	policy->sts_state = of_mode[m->body.mode];
	policy->sts_view = (struct danests_sts){
		.id = "", .max_age = m->body.max_age, .mx_count = m->body.mx_count, .mx = m->mx,
		.text = keep(m, m->made->sts_text, m->made->sts_len),
		.text_len = m->made->sts_len,
	};
	policy->sts = &policy->sts_view;
}

/* spec.md section 4 for one host behind secure MX records. */
static void fill_level(danests_policy *policy)
{
	static const struct {
		unsigned char dane, level, level_enforce;
	} rows[] = {
		[DANESTS_HOST_NONE] = {
			DANESTS_DANE_NONE, DANESTS_LEVEL_NONE, DANESTS_LEVEL_STS },
		[DANESTS_HOST_USABLE] = {
			DANESTS_DANE_FULL, DANESTS_LEVEL_DANE, DANESTS_LEVEL_DANE },
		[DANESTS_HOST_UNUSABLE] = {
			DANESTS_DANE_UNUSABLE, DANESTS_LEVEL_ENCRYPT, DANESTS_LEVEL_STS },
	};
	enum danests_host_state state = policy->hosts[0].state;
	bool enforce = policy->sts_state == DANESTS_STS_ENFORCE;

	policy->mx_secure = true;
	policy->dane = (enum danests_dane)rows[state].dane;
	policy->level = (enum danests_level)(enforce ? rows[state].level_enforce :
	    rows[state].level);
	if (policy->level == DANESTS_LEVEL_NONE && policy->sts_state == DANESTS_STS_TESTING)
		policy->level = DANESTS_LEVEL_TESTING;
	if (state == DANESTS_HOST_UNUSABLE) {
		policy->token = "tlsa-invalid";
		policy->result = DANESTS_TLSA_INVALID;
	}
}

static int fill(struct making *m)
{
	struct nexthop nexthop = { .port = 25, .bracketed = m->made->nexthop_count == 0 };

	memcpy(nexthop.domain.name, m->block[0], strlen(m->block[0]) + 1);
	m->policy = policy_new(&nexthop, 1, 0, 0);
	if (m->policy == NULL)
		return DANESTS_ENOMEM;
	m->policy->made = true;
	m->policy->names = m->block;
	m->policy->name_count = name_count(m);
	m->block = NULL;
	fill_host(m);
	fill_sts(m);
	fill_level(m->policy);
	return DANESTS_OK;
}

ATTR_PUBLIC int danests_policy_make(danests_policy **out, const struct danests_made *made,
    char *problem, size_t size)
{
	struct making m = { .made = made, .problem = problem, .size = size };
	int r;

	if (size > 0)
		problem[0] = '\0';
	r = read_policy(&m);
	if (r == DANESTS_OK)
		r = make_block(&m);
	if (r == DANESTS_OK)
		r = read_names(&m);
	if (r == DANESTS_OK)
		r = fill(&m);
	stsbody_free(&m.body);
	free(m.block);
	if (r == DANESTS_OK)
		*out = m.policy;
	return r;
}
