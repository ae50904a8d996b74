/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The background refresh (S14, RFC 8461 3.3 and 10.2): policies in use are fetched
 * again, daily or well before they are over, whatever the TXT record's id says; so a
 * policy that changed, or a host that no longer serves it, is noticed in time.
 *
 * Now and then all policies are walked, a few at a time; each has its own hour, so
 * that they do not come all at once. One that seems to come from the future is fetched
 * at once: its times are wrong, or the clock is. What nobody has asked for in a month
 * runs out by itself: strangers' domains must not live for ever (S27).
 */
#ifndef API_REFRESH_H
#define API_REFRESH_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "api/tries.h"
#include "base/loop.h"
#include "danests.h"

struct facts;
struct cache_walk;

struct refresh {
	struct loop_timer timer;
	struct cache_walk *walk; /* the pass under way, or NULL */
	struct tries tries;
	size_t over;             /* policies found to be over, by this pass ... */
	size_t over_before;      /* ... and by the last one, of so many: */
	size_t counted;
	unsigned failures;       /* in a row, of domains that had not failed before */
	time_t soonest;          /* when the next one is due, as far as this pass knows */
	uint64_t done, done_failed;
};

/* Once the context is open; and before its cache closes. */
void refresh_start(danests *ctx);
void refresh_stop(danests *ctx);

/* Policies that are over but not gone yet. As of the last pass: what ended since is not
 * counted. */
size_t refresh_over(const danests *ctx);

/* What a lookup_refresh() came to. */
void refresh_done(danests *ctx, const struct facts *facts, int error);

/* A policy that lasts so many seconds is held from now on: mind its end. */
void refresh_note(danests *ctx, uint32_t max_age);

#endif
