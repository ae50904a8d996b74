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

const char *check_span(char out[CHECK_SPAN_SIZE], uint64_t seconds)
{
	uint64_t days = seconds / DAY + (seconds % DAY >= DAY / 2);

	if (seconds < DAY)
		text_format(out, CHECK_SPAN_SIZE, "less than a day");
	else
		text_format(out, CHECK_SPAN_SIZE, "%s%llu day%s", seconds % DAY != 0 ? "about " :
		    "", (unsigned long long)days, days == 1 ? "" : "s");
	return out;
}

static long long day_of(time_t when)
{
	long long seconds = (long long)when;

	return seconds >= 0 ? seconds / DAY : -((DAY - 1 - seconds) / DAY);
}

long check_days(time_t when, time_t now)
{
	return (long)(day_of(when) - day_of(now));
}

const char *check_ending(char out[CHECK_ENDING_SIZE], time_t when, time_t now)
{
	bool over = when < now;
	long days = over ? check_days(now, when) : check_days(when, now);

	if (days == 0)
		text_format(out, CHECK_ENDING_SIZE, over ? "expired today" : "expires today");
	else
		text_format(out, CHECK_ENDING_SIZE, "%s %ld day%s%s",
		    over ? "expired" : "expires in", days, days == 1 ? "" : "s",
		    over ? " ago" : "");
	return out;
}

const char *check_beginning(char out[CHECK_BEGINNING_SIZE], time_t when, time_t now)
{
	struct tm day;
	size_t len = 0;

	if (when > now && gmtime_r(&when, &day) != NULL)
		len = strftime(out, CHECK_BEGINNING_SIZE, ", not valid until %Y-%m-%d", &day);
	out[len] = '\0';
	return out;
}

/* Dates count where a chain is followed: for MTA-STS, and for DANE-TA records (U8), not
 * for DANE-EE (U7). */
static bool dates_count(const struct check_address *a)
{
	return a->verdict.by == DANESTS_NEED_STS ||
	    (a->verdict.by == DANESTS_NEED_DANE && a->verdict.dane.depth != 0);
}

static void find_ending(struct check_findings *out, const struct check_address *a,
    const char *where, const char *what, time_t ends, time_t now)
{
	long days = check_days(ends, now);
	bool counts = dates_count(a);
	char ending[CHECK_ENDING_SIZE];

	if (ends < now || days >= NOTE_DAYS)
		return; /* one that is over has failed where that counts */
	check_ending(ending, ends, now);
	if (counts && days < SOON_DAYS)
		check_add(out, CHECK_SOON, danests_fault(a->verdict.by == DANESTS_NEED_STS ?
		    "sts-cert-expired" : "certificate-expired"), "Renew it, reload the server, and "
		    "see why that has not happened by itself.", where, "%s %s, and then mail is "
		    "held", what, ending);
	else if (counts || days < SOON_DAYS)
		check_add(out, CHECK_NOTE, NULL, NULL, where, "%s %s%s", what, ending,
		    counts ? "" : ", which DANE-EE does not look at");
}

static void find_leaf(struct check_findings *out, const struct check_domain *d,
    const struct check_address *a, const char *where)
{
	danests_cert *leaf = check_leaf(&a->probe);
	bool decided = a->verdict.by == DANESTS_NEED_STS || a->verdict.by == DANESTS_NEED_DANE;

	if (leaf != NULL && decided)
		find_ending(out, a, where, "the certificate", danests_cert_ends(leaf), d->now);
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
		    : "an intermediate certificate", danests_cert_ends(cert), d->now);
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
	time_t ends = leaf != NULL ? danests_cert_ends(leaf) : 0;
	long days = check_days(ends, d->now);
	char ending[CHECK_ENDING_SIZE];

	danests_cert_free(leaf);
	if (ends < d->now || days >= NOTE_DAYS)
		return;
	check_add(out, days < SOON_DAYS ? CHECK_SOON : CHECK_NOTE,
	    days < SOON_DAYS ? danests_fault("sts-webpki-invalid") : NULL,
	    "Renew it, and see why that has not happened by itself.", where,
	    "the certificate of the policy host %s%s", check_ending(ending, ends, d->now),
	    days < SOON_DAYS ? ": then nobody can fetch the policy any more" : "");
}

void check_find_web(struct check_findings *out, const struct check_domain *d)
{
	char where[CHECK_WHERE_SIZE];

	if (!d->web.tried)
		return;
	text_format(where, sizeof(where), "%s [%s]", d->web_name, d->web.text);
	if (d->web_verdict.state == DANESTS_FAIL)
		check_add_result(out, CHECK_WARNING, d->web_verdict.fault, d->web_verdict.result,
		    d->web_verdict.hint, where, "its certificate is not accepted: %s",
		    d->web_verdict.reason);
	else if (d->web_verdict.state == DANESTS_PASS)
		find_web_cert(out, d, where);
	else if (d->web.probe.stage != PROBE_DONE && d->web.probe.end != PROBE_LOCAL)
		check_add(out, CHECK_NOTE, NULL, NULL, where,
		    "its certificate could not be looked at: %s", d->web.probe.said);
}
