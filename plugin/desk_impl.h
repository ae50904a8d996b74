/* SPDX-License-Identifier: BSD-2-Clause */
/* Between desk.c, where questions come in, and desk_done.c, where answers come back. */
#ifndef PLUGIN_DESK_IMPL_H
#define PLUGIN_DESK_IMPL_H

#include "plugin/desk.h"

/* It waits no longer. */
void desk_release(struct asker *asker);

/* "TEMP key: reason" for one who waits; ours, whatever the lookup will come to. */
void desk_answer_temp(struct desk *desk, struct asker *asker, const char *key,
    const char *reason);

/* As many lookups as there is room for. */
void desk_start_next(struct desk *desk);

/* Log what is news of a nexthop, and remember it unless value->mark says that things have
 * changed. policy is NULL where nothing was looked up. */
void desk_remember(struct desk *desk, const char *key, size_t len, const danests_policy *policy,
    struct memo_value *value, int form, time_t now);

/* A loop_watch_fn: the worker has finished something. */
void desk_collect(void *arg, int events);

#endif
