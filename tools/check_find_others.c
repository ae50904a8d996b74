/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings: what other senders do, where they are known to differ from the RFCs. */
#include <string.h>

#include "base/text.h"
#include "tools/check.h"

#define POSTFIX_RECORDS 100 /* that it reads of one answer: measured with 3.7 */

/* RFC 7672 3.1.1: dates do not count for DANE-EE. Not everybody has read that. */
static void find_dates(struct check_findings *out, const struct check_domain *d,
    const danests_cert *leaf, const char *where)
{
	if (danests_cert_ends(leaf) < d->now)
		check_add(out, CHECK_WARNING, danests_fault("certificate-expired"), NULL, where,
		    "the certificate has expired: by DANE-EE it passes (RFC 7672, 3.1.1), but "
		    "Exchange Online may refuse it");
	else if (danests_cert_begins(leaf) > d->now)
		check_add(out, CHECK_WARNING, danests_fault("tlsa-invalid"),
		    "See the clock of the host that issued it, or wait.", where,
		    "the certificate is not valid yet: by DANE-EE it passes (RFC 7672, 3.1.1), but "
		    "Exchange Online may refuse it");
}

static void find_names(struct check_findings *out, const struct check_address *a,
    const danests_cert *leaf, const char *where)
{
	const struct danests_verdict *v = &a->verdict;

	if (danests_cert_names(leaf) > 0)
		return;
	if (v->dane.state == DANESTS_PASS && v->dane.depth != 0)
		check_add(out, CHECK_NOTE, NULL, "Put the host's name into subjectAltName.", where,
		    "the certificate has its name only in the subject (CN): RFC 7672 takes that, "
		    "many TLS libraries do not");
	else if (v->sts.state == DANESTS_FAIL)
		check_add(out, CHECK_NOTE, NULL, NULL, where, "the certificate has its name only "
		    "in the subject (CN): Exchange Online takes that for MTA-STS, RFC 8461 does "
		    "not");
}

static bool root_expired(const struct probe *probe, time_t now)
{
	bool expired = false;
	danests_cert *cert;

	for (size_t i = 1; i < probe->count && !expired; i++) {
		if (danests_cert_read(&cert, &probe->chain[i]) != DANESTS_OK)
			continue;
		expired = danests_cert_ends(cert) < now &&
		    strcmp(danests_cert_subject(cert), danests_cert_issuer(cert)) == 0;
		danests_cert_free(cert);
	}
	return expired;
}

/* RFC 5280 does not ask for the dates of an anchor; OpenSSL does for a root only. */
static void find_anchor(struct check_findings *out, const struct check_domain *d,
    const struct check_address *a, const danests_cert *leaf, const char *where)
{
	const struct danests_judgement *dane = &a->verdict.dane;

	if (dane->state == DANESTS_FAIL && dane->fault != NULL &&
	    strcmp(dane->fault->token, "certificate-expired") == 0 &&
	    danests_cert_ends(leaf) >= d->now && !root_expired(&a->probe, d->now))
		check_add(out, CHECK_NOTE, NULL, NULL, where, "it is not the server's certificate "
		    "that has expired: where a TLSA record names an intermediate authority, "
		    "Postfix and Exim (OpenSSL) do not look at its date and still deliver");
}

static void find_address(struct check_findings *out, const struct check_domain *d,
    const struct check_host *host, const struct check_address *a)
{
	const struct danests_verdict *v = &a->verdict;
	danests_cert *leaf = a->judged ? check_leaf(&a->probe) : NULL;
	char where[CHECK_WHERE_SIZE];

	if (leaf == NULL)
		return;
	check_where(where, danests_policy_host(d->policy, host->index), a);
	if (v->dane.state == DANESTS_PASS && v->dane.depth == 0)
		find_dates(out, d, leaf, where);
	find_names(out, a, leaf, where);
	find_anchor(out, d, a, leaf, where);
	danests_cert_free(leaf);
}

/* Which of them it takes is up to the name server: they have no order. */
static void find_many(struct check_findings *out, const char *where, const char *kind,
    size_t count)
{
	if (count > POSTFIX_RECORDS)
		check_add(out, CHECK_WARNING, NULL, "Publish fewer: Postfix reads the first that "
		    "an answer happens to have.", where, "%zu %s records: Postfix reads %d of them "
		    "and drops the rest", count, kind, POSTFIX_RECORDS);
}

static void find_host(struct check_findings *out, const struct danests_host *host)
{
	find_many(out, host->name, "TLSA", host->tlsa_count);
	if (host->state == DANESTS_HOST_UNUSABLE)
		check_add(out, CHECK_WARNING, NULL, "Publish a record that can be used, such as "
		    "3 1 1, or none at all.", host->name, "where no TLSA record is usable, "
		    "RFC 7672 demands TLS alone (so do Postfix and Exchange Online), but Exim "
		    "with OpenSSL holds mail");
}

/* RFC 7505 3: such a domain takes no mail, or it does; Postfix takes it at its word. */
static void find_null_beside(struct check_findings *out, const struct check_domain *d, size_t mx,
    size_t count)
{
	char last[300];

	if (count < 2 || danests_policy_record(d->policy, mx, count - 1, last, sizeof(last)) < 0 ||
	    strcmp(last, "0 .") != 0)
		return;
	check_add(out, CHECK_FAILS, NULL, "Take \"0 .\" out of the MX records, or the others.",
	    d->nexthop, "a null MX stands beside other MX records, which RFC 7505 forbids: "
	    "Postfix bounces all mail for it (5.1.0)");
}

void check_find_others(struct check_findings *out, const struct check_domain *d)
{
	struct danests_answer mx;
	size_t at;

	if (check_answer(d, "MX", NULL, &mx, &at)) {
		find_many(out, d->nexthop, "MX", mx.count);
		find_null_beside(out, d, at, mx.count);
	}
	for (size_t i = 0; i < d->host_count; i++) {
		find_host(out, danests_policy_host(d->policy, i));
		for (size_t k = 0; k < d->hosts[i].count; k++)
			find_address(out, d, &d->hosts[i], &d->hosts[i].addresses[k]);
	}
	if (strcmp(danests_policy_token(d->policy), "dnssec-invalid") == 0)
		check_add(out, CHECK_NOTE, NULL, NULL, d->nexthop,
		    "senders in Exchange Online are told 4.4.312 (DNS query failed) for this, and "
		    "seldom 4.7.324");
}
