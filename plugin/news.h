/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Warnings for the administrator (spec.md 6). What the library finds out by itself
 * comes as events: a policy that changed, a refresh that failed. What is worse for a
 * destination in comparison with what is remembered of it, only we can tell; what the
 * memo has forgotten is no news.
 */
#ifndef PLUGIN_NEWS_H
#define PLUGIN_NEWS_H

#include <stddef.h>
#include <stdbool.h>
#include <time.h>

#include "base/list.h"
#include "base/map.h"
#include "danests.h"
#include "plugin/memo.h"

#define NEWS_TEXT 1024      /* room for a line */
/* How often to say that a refresh still fails, in seconds: daily, since it is tried
 * about hourly. */
#define NEWS_AGAIN (86400 - 3600)
#define NEWS_DOMAINS 4096   /* of which it is known when that was said */

/* When it was last said, by domain. */
struct news {
	struct map map;
	struct list said;       /* the longest ago first */
	size_t count;
};

void news_init(struct news *news);
void news_free(struct news *news); /* zeroed is fine */

/* All four: true, and the line in text, when there is something to say. */

/* The MTA-STS policy is over, and there is none any more. */
bool news_gone(char text[NEWS_TEXT], const char *key, const struct memo_value *before,
    const struct memo_value *after);

/* DANE protects less than it did, or cannot be known; why says why, or is "". */
bool news_dane(char text[NEWS_TEXT], const char *key, const struct memo_value *before,
    const struct memo_value *after, const char *why);

/* A policy is applied that could not be refreshed, and that was not said lately. */
bool news_refresh(struct news *news, char text[NEWS_TEXT], const char *domain,
    const struct memo_value *value, time_t now);

/* What the library tells: also sets the priority, as for syslog(3). */
bool news_of_event(struct news *news, char text[NEWS_TEXT], int *priority,
    const struct danests_event *event, time_t now);

/* Log what there is to say of the new value, and note in it what the next one is to be
 * compared with: settled. before is what was known, or NULL. */
void news_log(struct news *news, const char *key, const danests_policy *policy,
    const struct memo_value *before, struct memo_value *after, time_t now);

/* Log what there is to say of an event. */
void news_event(struct news *news, enum danests_event_kind kind, const char *domain,
    const char *text, time_t now);

#endif
