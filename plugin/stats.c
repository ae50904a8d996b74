/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/stats.h"

#include <string.h>

#include "base/attr.h"

static const char *const sources[STATS_SOURCES] = {
	[STATS_LOOKUP]   = "lookup",
	[STATS_CACHE]    = "cache",
	[STATS_OVERRIDE] = "override",
	[STATS_OWN]      = "own",
};

/* Those that a lookup can come to; the others of danests(7) need a mail server. A
 * word that is missing here is counted all the same. */
static const char *const tokens[STATS_TOKENS] = {
	"dns-query-failed",
	"dnssec-invalid",
	"sts-mx-not-in-policy",
	"sts-policy-fetch-error",
	"sts-policy-invalid",
	"sts-webpki-invalid",
	"tlsa-invalid",
	"other",
};

const char *stats_source_word(unsigned source)
{
	return source < STATS_SOURCES ? sources[source] : "";
}

const char *stats_token_word(unsigned token)
{
	return tokens[token < STATS_TOKENS ? token : STATS_TOKENS - 1];
}

static size_t token_of(const char *word)
{
	size_t i;

	for (i = 0; i < STATS_TOKENS - 1; i++)
		if (strcmp(tokens[i], word) == 0)
			break;
	return i;
}

static void add_time(struct danests_times *times, int64_t us)
{
	size_t i = 0;

	us = us < 0 ? 0 : us;
	while (i < DANESTS_TIMES - 1 && us > (int64_t)danests_times_limit(i) * 1000)
		i++;
	times->count[i]++;
	times->sum_us += (uint64_t)us;
}

void stats_lookup(struct stats *stats, unsigned dane, unsigned sts, const char *token,
    int64_t us)
{
	if (dane < STATS_DANE)
		stats->dane[dane]++;
	if (sts < STATS_STS)
		stats->sts[sts]++;
	if (token[0] != '\0')
		stats->tokens[token_of(token)]++;
	add_time(&stats->lookup_times, us);
}

void stats_lookup_error(struct stats *stats, int64_t us)
{
	stats->lookup_errors++;
	add_time(&stats->lookup_times, us);
}
