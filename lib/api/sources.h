/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sources that ask the world, and those that a change of settings has put out of
 * service: they finish what they have under way, for lookups that wait for it.
 */
#ifndef API_SOURCES_H
#define API_SOURCES_H

#include "api/ctx.h"

#define SOURCES_RETIRED_MAX 32 /* that still have something under way */

struct sources {
	struct dns *dns;
	struct https *https;
};

/* With these settings. As danests_open(), and nothing is left on failure. */
int sources_open(danests *ctx, const struct settings *s, struct sources *out) ATTR_MUST_CHECK;

/* Only *out's dns. */
int sources_open_dns(danests *ctx, const struct settings *s,
    struct sources *out) ATTR_MUST_CHECK;

/* The same, but without dns when the one in service may as well go on: what it knows,
 * and what it is being asked, is not lost. */
int sources_open_changed(danests *ctx, const struct settings *s,
    struct sources *out) ATTR_MUST_CHECK;

/* Pending asks never arrive. */
void sources_close(struct sources *sources);

/*
 * Put what there is of *fresh in the place of those in service. DANESTS_OK;
 * DANESTS_EBUSY with problem, DANESTS_ENOMEM: then nothing has changed, and fresh
 * stays the caller's.
 */
int sources_replace(danests *ctx, const struct sources *fresh) ATTR_MUST_CHECK;

/* Free those out of service that are done. Not from inside a callback. */
void sources_tidy(danests *ctx);

/* All that is out of service, whatever it has under way. */
void sources_drop(danests *ctx);

#endif
