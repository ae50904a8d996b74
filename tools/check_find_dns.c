/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings: DNSSEC of each step, and what DANE says of each host before any connection. */
#include <string.h>

#include "base/text.h"
#include "tools/check.h"

/* Of a host's trouble: it holds all mail, or only what this host would get. */
static enum check_rank rank_of(const struct check_domain *d)
{
	return check_domain_fate(d) == CHECK_REFUSED ? CHECK_HOLDS : CHECK_FAILS;
}

/* ---- How far down is DNS signed? ---- */

struct reach {
	const char *secure;   /* the last name with a signed DS */
	const char *absent;   /* the last one that provably has none */
	const char *failed;   /* one that could not be found out */
	const char *reason;
	bool asked;
};

/* DS of "com", "example.com", "mx.example.com": downwards to the name. A name that has
 * provably no DS is the top of an unsigned zone, or no zone at all: the last one counts,
 * since below an unsigned zone nothing is proved. */
static void look_down(const struct check_domain *d, const char *name, struct reach *reach)
{
	const char *at = name + strlen(name);
	struct danests_answer ds;

	while (at > name) {
		at--;
		while (at > name && at[-1] != '.')
			at--;
		if (!check_answer(d, "DS", at, &ds, NULL)) {
			if (at > name)
				at--;
			continue;
		}
		reach->asked = true;
		if (ds.security == DANESTS_SECURE)
			reach->secure = ds.name;
		else if (ds.security == DANESTS_ABSENT_SECURE)
			reach->absent = ds.name;
		else if (ds.security == DANESTS_FAILED && reach->failed == NULL) {
			reach->failed = ds.name;
			reach->reason = ds.reason;
		}
		if (at > name)
			at--;
	}
}

void check_chain(const struct check_domain *domain, const char *name, char out[CHECK_CHAIN_SIZE])
{
	struct reach reach = {0};
	const char *down;

	look_down(domain, name, &reach);
	out[0] = '\0';
	if (!reach.asked)
		return;
	down = reach.secure != NULL ? reach.secure : "the root";
	if (reach.failed != NULL)
		text_format(out, CHECK_CHAIN_SIZE, "signed down to %s; DS %s: %s", down,
		    reach.failed, reach.reason);
	else if (reach.absent != NULL)
		text_format(out, CHECK_CHAIN_SIZE, "signed down to %s; no DS record for %s", down,
		    reach.absent);
	else
		text_format(out, CHECK_CHAIN_SIZE, "signed down to %s", down);
}

/* ---- MX records ---- */

static bool has_tlsa(const struct check_domain *d)
{
	for (size_t i = 0; i < d->host_count; i++)
		if (danests_policy_host(d->policy, i)->tlsa_count > 0)
			return true;
	return false;
}

static bool is_bracketed(const struct check_domain *d)
{
	return danests_policy_nexthop(d->policy)[0] == '[';
}

static void find_mx(struct check_findings *out, const struct check_domain *d)
{
	const char *name = danests_policy_domain(d->policy);
	char chain[CHECK_CHAIN_SIZE], where[CHECK_WHERE_SIZE];
	struct danests_answer mx;

	if (is_bracketed(d) || !check_answer(d, "MX", NULL, &mx, NULL) ||
	    mx.security == DANESTS_FAILED)
		return; /* a failure is what holds all mail, and told of there */
	text_format(where, sizeof(where), "MX %s", name);
	if (mx.count == 0)
		check_add(out, CHECK_NOTE, NULL, "Publish an MX record that names the mail server.",
		    where, "there is none: the domain itself is its mail server (RFC 5321, 5.1)");
	if (danests_policy_mx_secure(d->policy))
		return;
	check_chain(d, mx.alias[0] != '\0' ? mx.alias : name, chain);
	if (has_tlsa(d))
		check_add(out, CHECK_WARNING, NULL, "Sign the zone of the domain, too, and have "
		    "its DS record published above.", where, "not secured by DNSSEC%s%s: the TLSA "
		    "records of the hosts protect mail only against who cannot forge MX records, "
		    "and Exchange Online ignores them", chain[0] != '\0' ? ": " : "", chain);
	else
		check_add(out, CHECK_NOTE, NULL, "Sign the zone with DNSSEC and have its DS record "
		    "published above: DANE needs it.", where, "not secured by DNSSEC%s%s",
		    chain[0] != '\0' ? ": " : "", chain);
}

/* Two answers of every destination that no MX host has a part in. */
static void find_failed_texts(struct check_findings *out, const struct check_domain *d)
{
	char where[CHECK_WHERE_SIZE];
	struct danests_answer mx;

	/* The zone as a whole, which has been said. */
	if (check_answer(d, "MX", NULL, &mx, NULL) && mx.security == DANESTS_FAILED)
		return;
	for (size_t i = 0; i < d->answer_count; i++) {
		const struct danests_answer *txt = &d->answers[i];

		if (txt->security != DANESTS_FAILED || strcmp(txt->kind, "TXT") != 0)
			continue;
		text_format(where, sizeof(where), "TXT %s", txt->name);
		check_add(out, CHECK_WARNING,
		    danests_fault(txt->bogus ? "dnssec-invalid" : "dns-query-failed"), NULL, where,
		    "%s: what it says of MTA-STS or reports reaches nobody", txt->reason);
	}
}

void check_find_dns(struct check_findings *out, const struct check_domain *d)
{
	find_mx(out, d);
	find_failed_texts(out, d);
}

/* ---- Hosts ---- */

static void find_none(struct check_findings *out, const struct check_domain *d,
    const struct danests_host *host, const char *where)
{
	bool partial = danests_policy_dane(d->policy) == DANESTS_DANE_PARTIAL;
	enum check_rank rank = partial ? CHECK_WARNING : CHECK_NOTE;
	const char *words = partial ? ", while other servers of the domain have some: whoever "
	    "attacks diverts mail to this one" : "";
	char chain[CHECK_CHAIN_SIZE], hint[CHECK_WHERE_SIZE];

	if (host->address_secure) {
		text_format(hint, sizeof(hint), "Publish a TLSA record at _%u._tcp.%s: 3 1 1 with "
		    "the SHA2-256 digest of its public key.", d->port, host->name);
		check_add(out, rank, NULL, hint, where, "no TLSA records%s", words);
		return;
	}
	check_chain(d, host->name, chain);
	/* Unsigned as all else: said once, of the MX records. */
	if (!danests_policy_mx_secure(d->policy) && !has_tlsa(d))
		return;
	check_add(out, rank, NULL,
	    "Sign the zone of the host with DNSSEC, or use a host whose zone is signed: without, "
	    "its TLSA records mean nothing.", where, "its address is not secured by DNSSEC%s%s%s",
	    chain[0] != '\0' ? ": " : "", chain, words);
}

/* Records that no sender can use, beside others or by themselves. */
static void find_unusable(struct check_findings *out, const struct check_domain *d,
    const struct danests_host *host, const char *where)
{
	static const char hint[] = "Publish 3 1 1 with the SHA2-256 digest of the server's public "
	    "key, or 2 x 1 of its authority: SMTP uses no other usages (RFC 7672, 3.1).";
	bool sts = danests_policy_sts_state(d->policy) == DANESTS_STS_ENFORCE;

	for (size_t i = 0; i < host->tlsa_count && host->state == DANESTS_HOST_USABLE; i++) {
		const struct danests_tlsa *rec = &host->tlsa[i];
		const char *why = danests_tlsa_unusable(rec);

		if (why != NULL)
			check_add(out, CHECK_WARNING, NULL, "Drop it: senders pass over it.", where,
			    "TLSA record %u %u %u is of no use: %s", rec->usage, rec->selector,
			    rec->mtype, why);
	}
	/* RFC 8460 4.3.2.1: none of the records is valid. */
	if (host->state == DANESTS_HOST_UNUSABLE)
		check_add_result(out, CHECK_WARNING, danests_fault("tlsa-invalid"),
		    DANESTS_TLSA_INVALID, hint, where, "no TLSA record can be used: %s; senders "
		    "demand TLS and %s", host->reason, sts ? "judge by MTA-STS, those who know it" :
		    "cannot tell who is there");
}

static bool is_news(const char *reason)
{
	return reason[0] != '\0' && strcmp(reason, "no address") != 0;
}

static void find_host(struct check_findings *out, const struct check_domain *d,
    const struct danests_host *host)
{
	const struct danests_fault *required = check_dane_required(d, host);
	char where[CHECK_WHERE_SIZE];

	check_where(where, host, NULL);
	if (host->name[0] == '\0') {
		check_add(out, CHECK_WARNING, NULL, "Name a host there: an MX record may not hold "
		    "an address (RFC 5321, 5.1).", where, "the MX record with preference %u holds "
		    "what is no host name", host->preference);
		return;
	}
	if (host->state == DANESTS_HOST_GONE)
		check_add(out, CHECK_WARNING, NULL, "Give it an address, or take it out of the MX "
		    "records.", where, "no address: nobody can send mail there%s%s",
		    is_news(host->reason) ? ": " : "", is_news(host->reason) ? host->reason : "");
	else if (host->state == DANESTS_HOST_FAILED)
		check_add(out, rank_of(d), danests_fault(host->token), NULL, where,
		    "senders do not connect: %s", host->reason);
	else if (host->state == DANESTS_HOST_NONE)
		find_none(out, d, host, where);
	else
		find_unusable(out, d, host, where);
	if (required != NULL)
		check_add(out, rank_of(d), required, NULL, where,
		    "Postfix with danestsd gets the reply dane-only for this domain, and does not "
		    "use this server, which has no usable TLSA records");
}

/* The second half: after the MX records, before anything is connected to. */
void check_find_hosts(struct check_findings *out, const struct check_domain *d)
{
	bool plain = danests_policy_dane(d->policy) == DANESTS_DANE_NONE;
	enum danests_sts_state sts = danests_policy_sts_state(d->policy);

	for (size_t i = 0; i < d->host_count; i++)
		find_host(out, d, danests_policy_host(d->policy, i));
	if (plain && sts != DANESTS_STS_ENFORCE)
		check_add(out, CHECK_WARNING, NULL, "Publish TLSA records in signed zones, or an "
		    "MTA-STS policy in mode enforce.", d->nexthop, "nothing protects mail on its "
		    "way: no DANE, and %s", sts == DANESTS_STS_TESTING ? "an MTA-STS policy that "
		    "is only tested" : sts == DANESTS_STS_NONE ? "an MTA-STS policy in mode none" :
		    "no MTA-STS policy");
}
