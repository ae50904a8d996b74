/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration put to the test, and put into a context: what a start and a reload
 * have in common. All return an exit status, and say in problem[] why it is not EX_OK.
 */
#ifndef PLUGIN_MODEL_H
#define PLUGIN_MODEL_H

#include <stddef.h>

#include "base/attr.h"
#include "danests.h"
#include "plugin/conf.h"
#include "plugin/overrides.h"

#define MODEL_PROBLEM 1024

/* What is syntactically fine, but not possible. *overrides is what their file says,
 * the caller's to free; NULL when there is none. */
int model_check(const struct conf *conf, struct overrides **overrides,
    char problem[MODEL_PROBLEM]) ATTR_MUST_CHECK;

/* The same, but for the overrides, which take time to read. */
int model_possible(const struct conf *conf, char problem[MODEL_PROBLEM]) ATTR_MUST_CHECK;

/* A context with these settings, not opened yet. */
int model_make(danests **out, const struct conf *conf,
    char problem[MODEL_PROBLEM]) ATTR_MUST_CHECK;

/* danests_open() or danests_change() of ctx has failed with these settings, with this
 * error: the words for it, and what to end with. */
int model_blame(const danests *ctx, const struct conf *conf, int error,
    char problem[MODEL_PROBLEM]);

/* The cache is shared in halves: what the library learnt, and what the desk made of
 * it. This is the desk's. */
size_t model_desk_share(const struct conf *conf);

#endif
