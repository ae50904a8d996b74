/* SPDX-License-Identifier: BSD-2-Clause */
/* From a configuration to what runs. All return an exit status, and have logged why
 * it is not EX_OK. */
#ifndef PLUGIN_START_H
#define PLUGIN_START_H

#include <stdbool.h>

#include "base/attr.h"
#include "danests.h"
#include "plugin/conf.h"
#include "plugin/desk.h"
#include "plugin/listen.h"
#include "plugin/overrides.h"
#include "plugin/service.h"

/* What is syntactically fine, but not possible. *overrides is what their file says, the
 * caller's to free; NULL when there is none. */
int start_check(const struct conf *conf, struct overrides **overrides) ATTR_MUST_CHECK;

/* The directory of the persistent cache: made when it is missing, for the user that
 * the service will be. When it cannot be had, holds nothing, and is only a default,
 * cache_dir becomes empty: policies are then held in memory. */
int start_cache_dir(struct conf *conf) ATTR_MUST_CHECK;

/* Could it be had? For -t: a running service holds it. Then cache_dir becomes empty. */
int start_cache_check(struct conf *conf) ATTR_MUST_CHECK;

/* The library could not open it: DANESTS_OK, and the context may be opened once more,
 * without one; or the error that stays: it is no default, or there are policies in it,
 * and a service without them would deliver where it must not. */
int start_cache_refused(struct conf *conf, danests *ctx) ATTR_MUST_CHECK;

/* A context with these settings, opened. */
int start_context(struct conf *conf, danests **out) ATTR_MUST_CHECK;

/* Every endpoint. */
int start_listening(const struct conf *conf, struct listeners *out) ATTR_MUST_CHECK;

/* Those of control and metrics, when there are any. */
int start_admin(const struct conf *conf, struct listeners *control,
    struct listeners *metrics) ATTR_MUST_CHECK;

/* Folders that were made for these sockets are to belong to the user of the service, who
 * removes the sockets at the end. */
void start_give_folders(const struct service *service);

/* The open files this may need. */
size_t start_descriptors(const struct conf *conf);

struct desk_options start_options(const struct conf *conf, const struct overrides *overrides);

/* One line for each thing an administrator wants to know about the start, but for
 * DNSSEC, of which the worker tells. */
void start_report(const struct service *service, danests *ctx);

#endif
