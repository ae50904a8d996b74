/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Warnings for the administrator (spec.md 6): what is worse, or otherwise noteworthy,
 * in comparison with what is remembered of a destination. What the memo has
 * forgotten is no news.
 */
#ifndef PLUGIN_NEWS_H
#define PLUGIN_NEWS_H

#include <stddef.h>
#include <stdbool.h>
#include <time.h>

#include "danests.h"
#include "plugin/memo.h"

#define NEWS_TEXT 1024      /* room for a line */
#define NEWS_AGAIN 86400    /* s: how often to say that a refresh still fails */

/* All three: true, and the line in text, when there is something to say. */

/* The MTA-STS policy changed its mode, or is gone. */
bool news_mode(char text[NEWS_TEXT], const char *key, const struct memo_value *before,
    const struct memo_value *after);

/* DANE protects less than it did, or cannot be known; why says why, or is "". */
bool news_dane(char text[NEWS_TEXT], const char *key, const struct memo_value *before,
    const struct memo_value *after, const char *why);

/*
 * A policy is applied that could not be refreshed. after->warned is when that was
 * said, be it now; 0 when there is no such trouble. before may be NULL.
 */
bool news_refresh(char text[NEWS_TEXT], const char *key, const struct memo_value *before,
    struct memo_value *after, time_t now);

/* Log what there is to say of the new value, and note in it what was said: settled
 * and warned. before is what was known, or NULL. */
void news_log(const char *key, const danests_policy *policy, const struct memo_value *before,
    struct memo_value *after, time_t now);

#endif
