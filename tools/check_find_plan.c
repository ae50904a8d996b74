/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Findings: is a host ready for the next certificate and the next key? Each of its
 * records is judged as if it were the only one, by the library.
 */
#include <stdlib.h>

#include "base/text.h"
#include "tools/check.h"

#define MAX_SPARE 3     /* more records for no key in use are of the past, not of the next */
#define RENEWAL_DAYS 30 /* by then most have a new certificate */

/* As the host would be judged with this record alone. */
static danests_policy *policy_of_one(const struct check_domain *d, const struct danests_host *host,
    const struct danests_tlsa *rec)
{
	const char *nexthops[2] = { danests_policy_domain(d->policy) };
	struct danests_made made = { .host = host->name, .base = host->base,
	    .nexthops = nexthops, .tlsa = rec, .tlsa_count = 1 };
	struct danests_answer mx;
	danests_policy *policy;
	char problem[256];

	/* RFC 7672 3.2.2: with insecure MX records there are no other names. */
	if (danests_policy_mx_secure(d->policy)) {
		made.nexthop_count = 1;
		if (check_answer(d, "MX", NULL, &mx, NULL) && mx.alias[0] != '\0')
			nexthops[made.nexthop_count++] = mx.alias;
	}
	if (danests_policy_make(&policy, &made, problem, sizeof(problem)) != DANESTS_OK)
		return NULL;
	return policy;
}

static bool passes(const danests_policy *policy, const struct check_domain *d,
    const struct danests_host *host, const struct check_address *a)
{
	struct danests_verdict verdict = {0};
	int r;

	if (a->probe.stage != PROBE_DONE || a->probe.count == 0)
		return false;
	if (a->probe.got_raw_key)
		r = danests_verify_key(policy, host->name, &a->probe.chain[0], &verdict);
	else
		r = danests_verify(policy, NULL, host->name, a->probe.chain, a->probe.count, d->now,
		    &verdict);
	return r == DANESTS_OK && verdict.dane.state == DANESTS_PASS;
}

bool check_record_passes(const struct check_domain *domain, const struct check_host *host,
    size_t record)
{
	const struct danests_host *of = danests_policy_host(domain->policy, host->index);
	danests_policy *policy;
	bool any = false;

	for (size_t i = 0; i < host->count; i++)
		if (host->addresses[i].judged &&
		    host->addresses[i].verdict.dane.state == DANESTS_PASS &&
		    host->addresses[i].verdict.dane.tlsa == (int)record)
			return true;
	if (record >= CHECK_MAX_RECORDS)
		return false;
	policy = policy_of_one(domain, of, &of->tlsa[record]);
	for (size_t i = 0; policy != NULL && i < host->count && !any; i++)
		any = passes(policy, domain, of, &host->addresses[i]);
	danests_policy_unref(policy);
	return any;
}

int check_record_state(const struct check_domain *domain, const struct check_host *host,
    size_t record)
{
	bool seen = false;

	for (size_t i = 0; i < host->count; i++)
		seen |= host->addresses[i].judged && host->addresses[i].probe.stage == PROBE_DONE;
	if (!seen || check_record_weak(danests_policy_host(domain->policy, host->index), record))
		return -1;
	if (check_record_passes(domain, host, record))
		return 1;
	return record < CHECK_MAX_RECORDS ? 0 : -1;
}

/* What a host has. */
struct stock {
	size_t usable, weak;
	size_t key, cert, anchor;                /* they let the server pass */
	size_t key_idle, cert_idle, anchor_idle; /* they do not */
	const struct danests_tlsa *next; /* one of key_idle */
	const struct check_address *seen; /* an address that DANE accepts; NULL: none */
};

bool check_record_weak(const struct danests_host *host, size_t record)
{
	const struct danests_tlsa *rec = &host->tlsa[record];

	if (danests_tlsa_unusable(rec) != NULL)
		return false;
	for (size_t i = 0; i < host->tlsa_count; i++) {
		const struct danests_tlsa *other = &host->tlsa[i];

		if (danests_tlsa_unusable(other) == NULL && other->usage == rec->usage &&
		    other->selector == rec->selector && rec->mtype != 0 &&
		    other->mtype > rec->mtype)
			return true;
	}
	return false;
}

static void count_record(struct stock *stock, const struct danests_host *host, size_t record,
    bool pass)
{
	const struct danests_tlsa *rec = &host->tlsa[record];

	if (danests_tlsa_unusable(rec) != NULL)
		return;
	stock->usable++;
	if (check_record_weak(host, record)) {
		stock->weak++;
		return;
	}
	if (rec->usage == 2)
		*(pass ? &stock->anchor : &stock->anchor_idle) += 1;
	else if (rec->selector == 1) {
		*(pass ? &stock->key : &stock->key_idle) += 1;
		if (!pass)
			stock->next = rec;
	}
	else
		*(pass ? &stock->cert : &stock->cert_idle) += 1;
}

static void take_stock(struct stock *out, const struct check_domain *d,
    const struct check_host *host)
{
	const struct danests_host *of = danests_policy_host(d->policy, host->index);

	for (size_t i = 0; i < host->count && out->seen == NULL; i++)
		if (host->addresses[i].judged &&
		    host->addresses[i].verdict.dane.state == DANESTS_PASS)
			out->seen = &host->addresses[i];
	for (size_t i = 0; i < of->tlsa_count; i++)
		count_record(out, of, i, out->seen != NULL &&
		    check_record_passes(d, host, i));
}

/* Nothing but 3 0 x: the next certificate, even with the same key, matches nothing. */
static void find_certificate_only(struct check_findings *out, const struct check_domain *d,
    const struct stock *stock, const char *where)
{
	danests_cert *leaf = check_leaf(&stock->seen->probe);
	time_t ends = leaf != NULL ? danests_cert_ends(leaf) : d->now;
	char ending[CHECK_ENDING_SIZE];

	danests_cert_free(leaf);
	if (stock->cert_idle + stock->key_idle + stock->anchor_idle > 0)
		check_add(out, CHECK_NOTE, NULL,
		    "Publish 3 1 1 and keep the key when the certificate is renewed.", where,
		    "its TLSA record 3 0 x is for this one certificate; another record is there, "
		    "perhaps for the next one");
	else
		check_add(out, check_days(ends, d->now) < RENEWAL_DAYS ? CHECK_SOON :
		    CHECK_WARNING, danests_fault("tlsa-invalid"), "Publish 3 1 1 beside it and "
		    "keep the key when the certificate is renewed.", where, "its only TLSA "
		    "record 3 0 x is for this one certificate, which %s: mail is held from the "
		    "next renewal on",
		    check_ending(ending, ends, d->now));
}

/* New keys and certificates need no new record; another anchor does. */
static void find_anchor_life(struct check_findings *out, const struct check_domain *d,
    const struct stock *stock, const char *where)
{
	int depth = stock->seen->verdict.dane.depth;
	const struct probe *probe = &stock->seen->probe;
	char ending[CHECK_ENDING_SIZE];
	danests_cert *anchor = NULL;
	bool read = depth > 0 && (size_t)depth < probe->count &&
	    danests_cert_read(&anchor, &probe->chain[depth]) == DANESTS_OK;

	check_add(out, CHECK_NOTE, NULL, "Before certificates come from a new anchor, publish its "
	    "record beside the present one and wait for two TTLs; drop the old one when none is "
	    "in use any more.", where, "its TLSA records name trust anchors only (DANE-TA): a new "
	    "certificate or key below them needs no new record, and the lifetime of the anchor "
	    "decides%s%s", read ? ", which " : "",
	    read ? check_ending(ending, danests_cert_ends(anchor), d->now) : "");
	danests_cert_free(anchor);
}

static void find_anchor_only(struct check_findings *out, const struct check_domain *d,
    const struct stock *stock, const char *where)
{
	find_anchor_life(out, d, stock, where);
	if (stock->seen->web.state != DANESTS_PASS)
		return; /* an authority of one's own changes when one wants it to */
	check_add(out, stock->anchor_idle > 0 ? CHECK_NOTE : CHECK_WARNING, NULL,
	    "Add 3 1 1 for the server's key, or records for all certificates that the authority "
	    "may issue from.", where,
	    "its TLSA records name a certificate of a public authority (DANE-TA), which may "
	    "issue the next one from another: mail would be held then");
}

/* One that matches nothing beside one that does: the next key, or one of the past. */
static void find_idle(struct check_findings *out, const struct stock *stock, const char *where)
{
	size_t idle = stock->cert_idle + stock->anchor_idle;
	bool stale = stock->key_idle + stock->cert_idle > MAX_SPARE;

	if (stock->key > 0 && stock->anchor > 0)
		check_add(out, CHECK_GOOD, NULL, NULL, where,
		    "ready for a new key: a DANE-TA record matches as well");
	else if (stock->key > 0 && stock->key_idle > 0 && !stale)
		check_add(out, CHECK_GOOD, NULL, NULL, where, "ready for a new key: a second "
		    "record, %u %u %u, is published, and for no key in use", stock->next->usage,
		    stock->next->selector, stock->next->mtype);
	if (stock->key == 0 || stock->anchor > 0 || stale)
		idle += stock->key_idle;
	if (idle > 0)
		check_add(out, CHECK_NOTE, NULL, "Drop those that are not for a certificate to "
		    "come.", where, "%zu of %zu TLSA records would not let the server pass", idle,
		    stock->usable);
}

static void find_weak(struct check_findings *out, const struct stock *stock, const char *where)
{
	if (stock->weak > 0)
		check_add(out, CHECK_NOTE, NULL, "Use one matching type for all of them, best 1 "
		    "(SHA2-256): all senders know it.", where, "%zu of %zu TLSA records are not "
		    "looked at, because others of the same usage and selector have a stronger "
		    "digest (RFC 7671, 9)", stock->weak, stock->usable);
}

static void find_seen(struct check_findings *out, const struct check_domain *d,
    const struct stock *stock, const char *where)
{
	bool stale = stock->key_idle + stock->cert_idle > MAX_SPARE;

	if (stock->key > 0 && (stock->key_idle == 0 || stale) && stock->anchor == 0)
		check_add(out, CHECK_NOTE, NULL, "Before the key changes, publish 3 1 1 of the "
		    "next one beside it and wait for two TTLs.", where, "not ready for a new key: "
		    "%s", stale ? "so many TLSA records match nothing that they are of old keys" :
		    "no TLSA record but for those in use");
	else if (stock->key == 0 && stock->anchor == 0 && stock->cert > 0)
		find_certificate_only(out, d, stock, where);
	else if (stock->key == 0 && stock->cert == 0 && stock->anchor > 0)
		find_anchor_only(out, d, stock, where);
	find_idle(out, stock, where);
}

/* Without a look at the server only the numbers are known. */
static void find_unseen(struct check_findings *out, const struct danests_host *host,
    const struct stock *stock, const char *where)
{
	if (stock->anchor_idle > 0 && stock->anchor_idle == stock->usable - stock->weak)
		check_add(out, CHECK_NOTE, NULL, "Before certificates come from a new anchor, "
		    "publish its record beside the present one and wait for two TTLs.", where,
		    "its TLSA records name trust anchors only (DANE-TA): a new certificate or key "
		    "below them needs no new record, and the lifetime of the anchor decides");
	if (stock->usable - stock->weak != 1)
		return;
	if (stock->cert_idle == 1)
		check_add(out, CHECK_WARNING, NULL, "Publish 3 1 1 beside it and keep the key when "
		    "the certificate is renewed.", where, "its only TLSA record 3 0 x is for one "
		    "certificate: mail is held from the next renewal on");
	else if (stock->key_idle == 1)
		check_add(out, CHECK_NOTE, NULL, "Before the key changes, publish 3 1 1 of the "
		    "next one beside it and wait for two TTLs.", where, "not ready for a new key: "
		    "%zu TLSA record%s, one for use", host->tlsa_count, host->tlsa_count == 1 ? "" :
		    "s");
}

void check_find_plan(struct check_findings *out, const struct check_domain *d)
{
	for (size_t i = 0; i < d->host_count; i++) {
		const struct danests_host *host = danests_policy_host(d->policy, i);
		struct stock stock = {0};
		char where[CHECK_WHERE_SIZE];

		if (host->state != DANESTS_HOST_USABLE)
			continue;
		check_where(where, host, NULL);
		if (host->tlsa_count > CHECK_MAX_RECORDS) {
			check_add(out, CHECK_NOTE, NULL, "Drop those that are not needed: two will "
			    "do.", where, "%zu TLSA records, of which no more than %d are compared",
			    host->tlsa_count, CHECK_MAX_RECORDS);
			continue;
		}
		take_stock(&stock, d, &d->hosts[i]);
		find_weak(out, &stock, where);
		if (stock.seen != NULL)
			find_seen(out, d, &stock, where);
		else if (!d->smtp)
			find_unseen(out, host, &stock, where);
	}
}
