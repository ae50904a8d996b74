/* SPDX-License-Identifier: BSD-2-Clause */
/* What systemd hears from time to time, as long as both threads do their work. */
#ifndef PLUGIN_ALIVE_H
#define PLUGIN_ALIVE_H

#include "base/attr.h"
#include "base/loop.h"
#include "plugin/worker.h"

struct alive;

/* From now on, when systemd waits for it; else *out is NULL. DANESTS_OK, DANESTS_ENOMEM. */
int alive_start(struct alive **out, struct loop *loop, struct worker *worker) ATTR_MUST_CHECK;

/* No more of it, so that the loop may go; then, after the worker has been stopped, the
 * rest. NULL is fine for both. */
void alive_stop(struct alive *alive);
void alive_free(struct alive *alive);

#endif
