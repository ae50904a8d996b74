/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/news.h"

#include <string.h>
#include <syslog.h>

#include "base/attr.h"
#include "base/text.h"
#include "plugin/logline.h"

/* How much DANE protects, the best first; from NEWS_FAILING on nobody knows. */
static const unsigned char badness[] = {
	[DANESTS_DANE_FULL]     = 0,
	[DANESTS_DANE_PARTIAL]  = 1,
	[DANESTS_DANE_HALF]     = 2,
	[DANESTS_DANE_UNUSABLE] = 3,
	[DANESTS_DANE_NONE]     = 4,
	[DANESTS_DANE_UNKNOWN]  = 5,
	[DANESTS_DANE_ERROR]    = 5,
	[DANESTS_DANE_BOGUS]    = 6,
};
#define NEWS_FAILING 5

static unsigned badness_of(unsigned dane)
{
	return dane < COUNT_OF(badness) ? badness[dane] : NEWS_FAILING;
}

static bool failing(unsigned dane) { return badness_of(dane) >= NEWS_FAILING; }

static const char *dane_name(unsigned dane) { return danests_dane_name((enum danests_dane)dane); }

static const char *sts_name(unsigned sts)
{
	return danests_sts_state_name((enum danests_sts_state)sts);
}

static const char *id_of(const struct memo_value *value)
{
	return value->sts_id[0] != '\0' ? value->sts_id : "-";
}

/* There is a policy, whatever it says. */
static bool has_policy(const struct memo_value *value)
{
	return value->sts == DANESTS_STS_ENFORCE || value->sts == DANESTS_STS_TESTING ||
	    value->sts == DANESTS_STS_NONE;
}

bool news_mode(char text[NEWS_TEXT], const char *key, const struct memo_value *before,
    const struct memo_value *after)
{
	bool gone = !has_policy(after);

	if (!has_policy(before) || before->sts == after->sts)
		return false;
	text_format(text, NEWS_TEXT, "%s: MTA-STS policy changed: was %s (id %s), is %s (id %s)%s%s",
	    key, sts_name(before->sts), id_of(before), sts_name(after->sts), id_of(after),
	    gone && after->reason[0] != '\0' ? ": " : "", gone ? after->reason : "");
	return true;
}

bool news_dane(char text[NEWS_TEXT], const char *key, const struct memo_value *before,
    const struct memo_value *after, const char *why)
{
	/* A failure in between does not hide that what comes after it is less. */
	unsigned was = failing(after->dane) ? before->dane : before->settled;

	if (badness_of(after->dane) <= badness_of(was))
		return false;
	text_format(text, NEWS_TEXT, "%s: DANE got worse: was %s, is %s%s%s", key,
	    dane_name(was), dane_name(after->dane), why[0] != '\0' ? ": " : "", why);
	return true;
}

/* Did a refresh fail, did none, or is there no telling, since the value speaks of
 * other trouble? */
enum refresh { REFRESH_FINE, REFRESH_FAILED, REFRESH_UNKNOWN };

static enum refresh refresh_of(const struct memo_value *value)
{
	static const char *const fetch[] = {
		"sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid",
	};

	/* A policy of mode none is not worth a warning: RFC 8461 5.1, rule S25. */
	if (value->sts != DANESTS_STS_ENFORCE && value->sts != DANESTS_STS_TESTING)
		return REFRESH_FINE;
	for (size_t i = 0; i < COUNT_OF(fetch); i++)
		if (strcmp(value->token, fetch[i]) == 0)
			return REFRESH_FAILED;
	/* DANE's own trouble is named first; else it is the TXT record's. */
	if (failing(value->dane) || value->dane == DANESTS_DANE_UNUSABLE)
		return REFRESH_UNKNOWN;
	return strcmp(value->token, "dnssec-invalid") == 0 ||
	    strcmp(value->token, "dns-query-failed") == 0 ? REFRESH_FAILED : REFRESH_FINE;
}

bool news_refresh(char text[NEWS_TEXT], const char *key, const struct memo_value *before,
    struct memo_value *after, time_t now)
{
	time_t warned = before != NULL ? before->warned : 0;
	enum refresh refresh = refresh_of(after);

	after->warned = refresh == REFRESH_FINE ? 0 : warned;
	if (refresh != REFRESH_FAILED || (warned != 0 && now - warned < NEWS_AGAIN))
		return false;
	after->warned = now;
	text_format(text, NEWS_TEXT, "%s: MTA-STS policy refresh %s, the known policy (%s, id %s)"
	    " goes on: %s: %s", key, warned != 0 ? "still fails" : "fails", sts_name(after->sts),
	    id_of(after), after->token, after->reason);
	return true;
}

/* ---- Why DANE is what it is ---- */

static void why_host(char *why, size_t size, const struct danests_host *host)
{
	if (host->reason[0] != '\0')
		text_format(why, size, "MX host %s: %s", host->name, host->reason);
	else
		text_format(why, size, "MX host %s: no TLSA records secured by DNSSEC",
		    host->name);
}

/* The policy's reason may be about MTA-STS, where DANE did not fail. */
static void why_dane(char *why, size_t size, const danests_policy *policy)
{
	enum danests_dane dane = danests_policy_dane(policy);

	why[0] = '\0';
	if (failing(dane) || dane == DANESTS_DANE_UNUSABLE || danests_policy_no_mail(policy)) {
		text_format(why, size, "%s", danests_policy_reason(policy));
		return;
	}
	if (!danests_policy_mx_secure(policy)) {
		text_format(why, size, "the MX records are not secured by DNSSEC");
		return;
	}
	for (size_t i = 0; i < danests_policy_hosts(policy); i++) {
		const struct danests_host *host = danests_policy_host(policy, i);

		if (host->state == DANESTS_HOST_USABLE || host->state == DANESTS_HOST_GONE)
			continue;
		why_host(why, size, host);
		return;
	}
}

void news_log(const char *key, const danests_policy *policy, const struct memo_value *before,
    struct memo_value *after, time_t now)
{
	char text[NEWS_TEXT], why[NEWS_TEXT / 2];

	after->settled = after->dane;
	if (failing(after->dane))
		after->settled = before != NULL ? before->settled : DANESTS_DANE_NONE;
	if (before != NULL && news_mode(text, key, before, after))
		log_line(LOG_WARNING, "%s", text);
	why_dane(why, sizeof(why), policy);
	if (before != NULL && news_dane(text, key, before, after, why))
		log_line(LOG_WARNING, "%s", text);
	if (news_refresh(text, key, before, after, now))
		log_line(LOG_WARNING, "%s", text);
}
