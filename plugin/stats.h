/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the thread that serves counts, since the start. Plain numbers of that thread:
 * a warm answer pays for two of them, so no locks, no atomics.
 *
 * Law: questions = the sum of decisions + those who wait + abandoned.
 */
#ifndef PLUGIN_STATS_H
#define PLUGIN_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "danests.h"
#include "plugin/level.h"

/* Where an answer came from. */
enum stats_source {
	STATS_LOOKUP,
	STATS_CACHE,
	STATS_OVERRIDE,
	STATS_OWN, /* no look-up said so: no domain name, unknown map, out of time */
	STATS_SOURCES
};

#define STATS_DANE (DANESTS_DANE_ERROR + 1)
#define STATS_STS (DANESTS_STS_ERROR + 1)
#define STATS_TOKENS 8

struct stats {
	uint64_t questions;
	uint64_t decisions[STATS_SOURCES][LEVEL_COUNT];
	uint64_t abandoned;      /* the client left before its answer came */
	uint64_t late;           /* answer_timeout was over first */
	uint64_t misses;         /* the memo did not know: a lookup, or one that was refused */
	uint64_t refused;        /* too many lookups waited already */
	uint64_t unknown_maps, bad_frames;
	uint64_t clients, clients_refused; /* taken; sent away */
	/* Of lookups. */
	uint64_t dane[STATS_DANE], sts[STATS_STS], tokens[STATS_TOKENS];
	uint64_t lookup_errors;  /* no outcome: memory, sockets */
	struct danests_times lookup_times;
	/* Of the configuration, read again. */
	uint64_t reloads, reloads_refused;
	bool reload_refused;     /* the last one was */
};

/* Static; "" is none of them. */
const char *stats_source_word(unsigned source);

/* The token with this number: danests(7); the last one is "other". Static. */
const char *stats_token_word(unsigned token);

/* One answer to one question. */
static inline void stats_decide(struct stats *stats, enum stats_source source, unsigned level)
{
	stats->decisions[source][level < LEVEL_COUNT ? level : LEVEL_PERM]++;
}

/* One lookup has ended after so long; token is "" when nothing failed. */
void stats_lookup(struct stats *stats, unsigned dane, unsigned sts, const char *token,
    int64_t us);

/* One lookup has ended without an outcome. */
void stats_lookup_error(struct stats *stats, int64_t us);

#endif
