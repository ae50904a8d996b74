/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/news.h"

#include <stdlib.h>
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

bool news_gone(char text[NEWS_TEXT], const char *key, const struct memo_value *before,
    const struct memo_value *after)
{
	if (!has_policy(before) || has_policy(after))
		return false;
	text_format(text, NEWS_TEXT, "%s: MTA-STS policy changed: was %s (id %s), is %s (id %s)%s%s",
	    key, sts_name(before->sts), id_of(before), sts_name(after->sts), id_of(after),
	    after->reason[0] != '\0' ? ": " : "", after->reason);
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

/* ---- Refreshes that fail ---- */

struct said {
	struct map_node node;
	struct list link;
	time_t when;
	char domain[];
};

static struct map_key said_key(const struct map_node *node)
{
	const struct said *s = CONTAINER_OF(node, struct said, node);

	return (struct map_key){ s->domain, strlen(s->domain) };
}

void news_init(struct news *news)
{
	*news = (struct news){0};
	map_init(&news->map, said_key);
	list_init(&news->said);
}

static void said_free(struct news *news, struct said *s)
{
	map_del(&news->map, &s->node);
	list_remove(&s->link);
	news->count--;
	free(s);
}

void news_free(struct news *news)
{
	while (news->count > 0)
		said_free(news, CONTAINER_OF(news->said.next, struct said, link));
	map_free(&news->map);
	*news = (struct news){0};
}

static struct said *said_new(struct news *news, const char *domain, size_t len)
{
	struct said *s = calloc(1, sizeof(*s) + len + 1);

	if (s == NULL)
		return NULL;
	memcpy(s->domain, domain, len);
	if (map_put(&news->map, &s->node) != DANESTS_OK) {
		free(s);
		return NULL;
	}
	list_init(&s->link);
	news->count++;
	return s;
}

/* May it be said of this domain now? *before: it was said before. Without memory it is
 * said too often. */
static bool may_say(struct news *news, const char *domain, time_t now, bool *before)
{
	size_t len = strlen(domain);
	struct map_node *node = map_get(&news->map, domain, len);
	struct said *s = node != NULL ? CONTAINER_OF(node, struct said, node) : NULL;

	*before = s != NULL;
	if (s != NULL && s->when > now) /* the clock was put back */
		s->when = now;
	if (s != NULL && now - s->when < NEWS_AGAIN)
		return false;
	if (s == NULL)
		s = said_new(news, domain, len);
	if (s == NULL)
		return true;
	s->when = now;
	list_remove(&s->link);
	list_append(&news->said, &s->link);
	if (news->count > NEWS_DOMAINS)
		said_free(news, CONTAINER_OF(news->said.next, struct said, link));
	return true;
}

static bool refresh_failed(const struct memo_value *value)
{
	static const char *const fetch[] = {
		"sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid",
	};

	/* A policy of mode none is not worth a warning: RFC 8461 5.1, rules S14, S25. */
	if (value->sts != DANESTS_STS_ENFORCE && value->sts != DANESTS_STS_TESTING)
		return false;
	for (size_t i = 0; i < COUNT_OF(fetch); i++)
		if (strcmp(value->token, fetch[i]) == 0)
			return true;
	/* DANE's own trouble is named first; else it is the TXT record's. */
	if (failing(value->dane) || value->dane == DANESTS_DANE_UNUSABLE)
		return false;
	return strcmp(value->token, "dnssec-invalid") == 0 ||
	    strcmp(value->token, "dns-query-failed") == 0;
}

bool news_refresh(struct news *news, char text[NEWS_TEXT], const char *domain,
    const struct memo_value *value, time_t now)
{
	bool before;

	if (!refresh_failed(value) || !may_say(news, domain, now, &before))
		return false;
	text_format(text, NEWS_TEXT, "%s: MTA-STS policy refresh %s, the known policy (%s, id %s)"
	    " goes on: %s: %s", domain, before ? "still fails" : "fails", sts_name(value->sts),
	    id_of(value), value->token, value->reason);
	return true;
}

bool news_of_event(struct news *news, char text[NEWS_TEXT], int *priority,
    const struct danests_event *event, time_t now)
{
	const char *about = event->domain[0] != '\0' ? event->domain : "cache";
	bool before;

	*priority = event->kind == DANESTS_EVENT_CACHE_NOTE ? LOG_NOTICE : LOG_WARNING;
	if (event->text[0] == '\0' || (event->kind == DANESTS_EVENT_REFRESH_FAILED &&
	    !may_say(news, event->domain, now, &before)))
		return false;
	text_format(text, NEWS_TEXT, "%s: %s", about, event->text);
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

void news_log(struct news *news, const char *key, const danests_policy *policy,
    const struct memo_value *before, struct memo_value *after, time_t now)
{
	char text[NEWS_TEXT], why[NEWS_TEXT / 2];

	after->settled = after->dane;
	if (failing(after->dane))
		after->settled = before != NULL ? before->settled : DANESTS_DANE_NONE;
	if (before != NULL && news_gone(text, key, before, after))
		log_line(LOG_WARNING, "%s", text);
	why_dane(why, sizeof(why), policy);
	if (before != NULL && news_dane(text, key, before, after, why))
		log_line(LOG_WARNING, "%s", text);
	if (news_refresh(news, text, danests_policy_domain(policy), after, now))
		log_line(LOG_WARNING, "%s", text);
}

void news_event(struct news *news, enum danests_event_kind kind, const char *domain,
    const char *event_text, time_t now)
{
	const struct danests_event event = { .kind = kind, .domain = domain, .text = event_text };
	char text[NEWS_TEXT];
	int priority;

	if (news_of_event(news, text, &priority, &event, now))
		log_line(priority, "%s", text);
}
