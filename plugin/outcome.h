/* SPDX-License-Identifier: BSD-2-Clause */
/* From a policy to what is remembered of it, and to its line in the log. */
#ifndef PLUGIN_OUTCOME_H
#define PLUGIN_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "danests.h"
#include "plugin/memo.h"
#include "plugin/netstring.h"
#include "plugin/overrides.h"

#define OUTCOME_MAX_REPLY 100000 /* what Postfix will read */

typedef char outcome_frame[OUTCOME_MAX_REPLY + NETSTRING_OVERHEAD];
typedef outcome_frame outcome_replies[MEMO_FORMS];

/*
 * The policy as a value to remember, all but ms; its replies are written to
 * replies, its texts belong to the policy. False: no reply fits.
 */
bool outcome_of(const danests_policy *policy, const struct danests_postfix options[MEMO_FORMS],
    outcome_replies replies, struct memo_value *out);

#define OUTCOME_REASON 300

/* Likewise what was decided here, and where: "file:line". Holds from now on. */
void outcome_of_override(const struct overrides *overrides, const struct override *decided,
    outcome_frame frame, char reason[OUTCOME_REASON], time_t now, struct memo_value *out);

/* Would anybody want to hear of the difference? */
bool outcome_same(const struct memo_value *a, const struct memo_value *b);

/* The line of danestsd-log(5); source is "lookup" or "cache", and no matter where a
 * local decision has a part in it. */
void outcome_log(const char *key, size_t key_len, const struct memo_value *value, int form,
    const char *source, time_t now);

#endif
