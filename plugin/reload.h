/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SIGHUP: the configuration and the overrides are read again. A bad one is told, and
 * nothing changes; clients, the cache and what is under way stay in any case. Nobody
 * waits for it: what takes time is done by the worker, in errands.
 */
#ifndef PLUGIN_RELOAD_H
#define PLUGIN_RELOAD_H

#include "base/attr.h"
#include "plugin/service.h"

struct reload;

/* For this service, all parts of which are there. DANESTS_OK, DANESTS_ENOMEM. */
int reload_new(struct reload **out, struct service *service) ATTR_MUST_CHECK;

/* Now; or, when one is under way, once more after it. */
void reload_begin(struct reload *reload);

/* After the worker has been stopped. NULL is fine. */
void reload_free(struct reload *reload);

#endif
