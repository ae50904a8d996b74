/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a context remembers: its cache, and the store beneath when there is a cache_dir. */
#ifndef API_HELD_H
#define API_HELD_H

#include "api/ctx.h"

/* As danests_open(). */
int held_open(danests *ctx) ATTR_MUST_CHECK;
void held_close(danests *ctx); /* also what is half open, or closed */

/* The members of a status that concern policies. */
void held_status(danests *ctx, struct danests_status *out);

#endif
