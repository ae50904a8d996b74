/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings: how long certificates last, where that matters. */
#include "base/text.h"
#include "tools/check.h"

#define SOON_DAYS 14
#define NOTE_DAYS 30
#define DAY 86400

danests_cert *check_leaf(const struct probe *probe)
{
	danests_cert *cert = NULL;

	if (probe->count == 0 || probe->got_raw_key ||
	    danests_cert_read(&cert, &probe->chain[0]) != DANESTS_OK)
		return NULL;
	return cert;
}

long check_days(time_t when, time_t now)
{
	long long left = (long long)when - (long long)now;

	return (long)(left >= 0 ? left / DAY : -((-left + DAY - 1) / DAY));
}

/* Dates count where a chain is followed: for MTA-STS, and for DANE-TA records (U8), not
 * for DANE-EE (U7). */
static bool dates_count(const struct check_address *a)
{
	return a->verdict.by == DANESTS_NEED_STS ||
	    (a->verdict.by == DANESTS_NEED_DANE && a->verdict.dane.depth != 0);
}

static void find_ending(struct check_findings *out, const struct check_address *a,
    const char *where, const char *what, long days)
{
	bool counts = dates_count(a);

	if (days < 0 || days >= NOTE_DAYS)
		return; /* one that is over has failed where that counts */
	if (counts && days < SOON_DAYS)
		check_add(out, CHECK_SOON, danests_fault(a->verdict.by == DANESTS_NEED_STS ?
		    "sts-cert-expired" : "certificate-expired"), "Renew it, reload the server, and "
		    "see why that has not happened by itself.", where, "%s expires in %ld day%s, "
		    "and then mail is held", what, days, days == 1 ? "" : "s");
	else if (counts || days < SOON_DAYS)
		check_add(out, CHECK_NOTE, NULL, NULL, where, "%s expires in %ld day%s%s", what,
		    days, days == 1 ? "" : "s", counts ? "" : ", which DANE-EE does not look at");
}

static void find_leaf(struct check_findings *out, const struct check_domain *d,
    const struct check_address *a, const char *where)
{
	danests_cert *leaf = check_leaf(&a->probe);
	bool decided = a->verdict.by == DANESTS_NEED_STS || a->verdict.by == DANESTS_NEED_DANE;

	if (leaf != NULL && decided)
		find_ending(out, a, where, "the certificate",
		    check_days(danests_cert_ends(leaf), d->now));
	danests_cert_free(leaf);
}

/* The one that a DANE-TA record names, or an intermediate one on the way to it. */
static void find_issuers(struct check_findings *out, const struct check_domain *d,
    const struct check_address *a, const char *where)
{
	int last = a->verdict.dane.depth;
	danests_cert *cert;

	if (a->verdict.by != DANESTS_NEED_DANE || last <= 0)
		return;
	for (size_t i = 1; i < a->probe.count && i <= (size_t)last; i++) {
		if (danests_cert_read(&cert, &a->probe.chain[i]) != DANESTS_OK)
			continue;
		find_ending(out, a, where, i == (size_t)last ? "the trust anchor of its TLSA record"
		    : "an intermediate certificate", check_days(danests_cert_ends(cert), d->now));
		danests_cert_free(cert);
	}
}

void check_find_cert(struct check_findings *out, const struct check_domain *d)
{
	char where[CHECK_WHERE_SIZE];

	for (size_t i = 0; i < d->host_count; i++)
		for (size_t k = 0; k < d->hosts[i].count; k++) {
			const struct check_address *a = &d->hosts[i].addresses[k];

			if (!a->judged || !a->verdict.deliver || a->probe.stage != PROBE_DONE)
				continue;
			check_where(where, danests_policy_host(d->policy, i), a);
			find_leaf(out, d, a, where);
			find_issuers(out, d, a, where);
		}
}

/* ---- The policy host ---- */

static void find_web_cert(struct check_findings *out, const struct check_domain *d,
    const char *where)
{
	danests_cert *leaf = check_leaf(&d->web.probe);
	long days = leaf != NULL ? check_days(danests_cert_ends(leaf), d->now) : NOTE_DAYS;

	danests_cert_free(leaf);
	if (days < 0 || days >= NOTE_DAYS)
		return;
	check_add(out, days < SOON_DAYS ? CHECK_SOON : CHECK_NOTE,
	    days < SOON_DAYS ? danests_fault("sts-webpki-invalid") : NULL,
	    "Renew it, and see why that has not happened by itself.", where,
	    "the certificate of the policy host expires in %ld day%s%s", days,
	    days == 1 ? "" : "s", days < SOON_DAYS ? ": then nobody can fetch the policy any more" :
	    "");
}

void check_find_web(struct check_findings *out, const struct check_domain *d)
{
	char where[CHECK_WHERE_SIZE];

	if (!d->web.tried)
		return;
	text_format(where, sizeof(where), "%s [%s]", d->web_name, d->web.text);
	if (d->web_verdict.state == DANESTS_FAIL)
		check_add_result(out, CHECK_WARNING, d->web_verdict.fault, d->web_verdict.result,
		    where, "its certificate is not accepted: %s", d->web_verdict.reason);
	else if (d->web_verdict.state == DANESTS_PASS)
		find_web_cert(out, d, where);
	else if (d->web.probe.stage != PROBE_DONE && d->web.probe.end != PROBE_LOCAL)
		check_add(out, CHECK_NOTE, NULL, NULL, where,
		    "its certificate could not be looked at: %s", d->web.probe.said);
}
