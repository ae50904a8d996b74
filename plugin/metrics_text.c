/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The figures as text. All words in it are ours: names, labels and help are literals,
 * the rest is numbers. No locale has a say in them.
 */
#include <inttypes.h>

#include "base/attr.h"
#include "plugin/metrics.h"

static const char counter[] = "counter", gauge[] = "gauge";

/* One metric: its head, and what follows. */
static void head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP danestsd_%s %s\n# TYPE danestsd_%s %s\n", name, help, name, type);
}

static void number(struct buf *out, const char *name, uint64_t value)
{
	buf_printf(out, "danestsd_%s %" PRIu64 "\n", name, value);
}

static void seconds(struct buf *out, const char *name, const char *suffix, uint64_t us)
{
	buf_printf(out, "danestsd_%s%s %" PRIu64 ".%06" PRIu64 "\n", name, suffix, us / 1000000,
	    us % 1000000);
}

static void labelled(struct buf *out, const char *name, const char *label, const char *word,
    uint64_t value)
{
	buf_printf(out, "danestsd_%s{%s=\"%s\"} %" PRIu64 "\n", name, label, word, value);
}

/* Metrics without labels. */
struct plain {
	const char *name, *type, *help;
	uint64_t value;
};

static void plains(struct buf *out, const struct plain *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		head(out, rows[i].name, rows[i].type, rows[i].help);
		number(out, rows[i].name, rows[i].value);
	}
}

/* Places of times are of their own; those of Prometheus hold all before, too. */
static void histogram(struct buf *out, const char *name, const char *help,
    const struct danests_times *times)
{
	uint64_t sum = 0;

	head(out, name, "histogram", help);
	for (size_t i = 0; i < DANESTS_TIMES; i++) {
		unsigned ms = danests_times_limit(i);

		sum += times->count[i];
		if (ms == 0)
			buf_printf(out, "danestsd_%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, sum);
		else
			buf_printf(out, "danestsd_%s_bucket{le=\"%u.%03u\"} %" PRIu64 "\n", name,
			    ms / 1000, ms % 1000, sum);
	}
	seconds(out, name, "_sum", times->sum_us);
	buf_printf(out, "danestsd_%s_count %" PRIu64 "\n", name, sum);
}

/* ---- Questions and answers ---- */

/* Levels that this source can come to: these are shown from the start. */
static bool is_expected(unsigned source, unsigned level)
{
	static const unsigned policy = 1U << LEVEL_NOTFOUND | 1U << LEVEL_MAY | 1U << LEVEL_DANE |
	    1U << LEVEL_DANE_ONLY | 1U << LEVEL_SECURE | 1U << LEVEL_TEMP;
	static const unsigned expected[STATS_SOURCES] = {
		[STATS_LOOKUP]   = policy,
		[STATS_CACHE]    = policy,
		[STATS_OVERRIDE] = ~(1U << LEVEL_TEMP | 1U << LEVEL_PERM),
		[STATS_OWN]      = 1U << LEVEL_NOTFOUND | 1U << LEVEL_TEMP | 1U << LEVEL_PERM,
	};

	return (expected[source] >> level & 1) != 0;
}

static void write_decisions(struct buf *out, const struct stats *stats)
{
	head(out, "decisions_total", counter, "Answers, by what Postfix is told and who said so.");
	for (unsigned s = 0; s < STATS_SOURCES; s++)
		for (unsigned l = 0; l < LEVEL_COUNT; l++)
			if (stats->decisions[s][l] != 0 || is_expected(s, l))
				buf_printf(out, "danestsd_decisions_total{level=\"%s\",source=\"%s\"} %"
				    PRIu64 "\n", level_word(l), stats_source_word(s),
				    stats->decisions[s][l]);
}

static uint64_t hits(const struct stats *stats)
{
	uint64_t sum = 0;

	for (unsigned l = 0; l < LEVEL_COUNT; l++)
		sum += stats->decisions[STATS_CACHE][l];
	return sum;
}

static void write_questions(struct buf *out, const struct metrics_facts *f)
{
	const struct stats *s = f->stats;
	const struct plain rows[] = {
		{ "questions_total", counter, "Questions of clients.", s->questions },
		{ "questions_waiting", gauge, "Questions that wait for a lookup.", f->waiting },
		{ "questions_abandoned_total", counter,
		    "Questions whose client left before it was answered.", s->abandoned },
		{ "questions_late_total", counter,
		    "Questions answered TEMP because answer_timeout was over.", s->late },
		{ "questions_refused_total", counter,
		    "Questions answered TEMP because too many lookups waited.", s->refused },
		{ "unknown_maps_total", counter,
		    "Questions answered PERM: no such map, or no key.", s->unknown_maps },
		{ "bad_frames_total", counter,
		    "Connections closed for what was no request.", s->bad_frames },
		{ "clients", gauge, "Connections of clients.", f->clients },
		{ "clients_limit", gauge, "Connections there may be: max_clients.",
		    f->clients_limit },
		{ "clients_accepted_total", counter, "Connections taken.", s->clients },
		{ "clients_refused_total", counter, "Connections sent away.",
		    s->clients_refused },
	};

	write_decisions(out, s);
	plains(out, rows, COUNT_OF(rows));
}

/* ---- Lookups ---- */

static void write_lookups(struct buf *out, const struct metrics_facts *f)
{
	const struct stats *s = f->stats;
	const struct plain rows[] = {
		{ "lookup_errors_total", counter,
		    "Lookups without an outcome for a reason of ours: memory, sockets.",
		    s->lookup_errors },
		{ "lookups_in_flight", gauge, "Lookups that have begun.", f->running },
		{ "lookups_resolving", gauge, "Of those, the ones the library works on.",
		    f->status->lookups },
		{ "lookups_parked", gauge, "Of those, the ones that only wait for a policy host.",
		    f->status->parked },
		{ "lookups_waiting", gauge, "Lookups that wait for their turn (max_lookups).",
		    f->queued },
	};

	head(out, "dane_states_total", counter, "Lookups by what DANE says.");
	for (unsigned i = 0; i < STATS_DANE; i++)
		labelled(out, "dane_states_total", "state",
		    danests_dane_name((enum danests_dane)i), s->dane[i]);
	head(out, "sts_states_total", counter, "Lookups by what MTA-STS says.");
	for (unsigned i = 0; i < STATS_STS; i++)
		labelled(out, "sts_states_total", "state",
		    danests_sts_state_name((enum danests_sts_state)i), s->sts[i]);
	head(out, "failures_total", counter, "Lookups in which something failed, by its token.");
	for (unsigned i = 0; i < STATS_TOKENS; i++)
		labelled(out, "failures_total", "token", stats_token_word(i), s->tokens[i]);
	plains(out, rows, COUNT_OF(rows));
	histogram(out, "lookup_duration_seconds",
	    "From the first question for a name to the outcome of its lookup.",
	    &s->lookup_times);
}

/* ---- The network ---- */

static void write_network(struct buf *out, const struct danests_status *st)
{
	const struct plain rows[] = {
		{ "dns_queries_in_flight", gauge, "DNS questions without a reply yet.",
		    st->queries },
		{ "dns_queries_total", counter, "DNS questions that have ended.",
		    st->queries_done },
		{ "dns_query_failures_total", counter, "Of those, the ones that failed.",
		    st->queries_failed },
		{ "fetches_in_flight", gauge,
		    "Fetches of MTA-STS policies that have not ended, those that wait included.",
		    st->fetches },
		{ "refreshes_total", counter, "Background refreshes of MTA-STS policies.",
		    st->refreshes },
		{ "refresh_failures_total", counter, "Of those, the ones that failed.",
		    st->refreshes_failed },
	};
	const struct {
		enum danests_result result;
		uint64_t value;
	} fetches[] = {
		{ DANESTS_SUCCESS, st->fetched },
		{ DANESTS_STS_POLICY_FETCH_ERROR, st->fetch_errors },
		{ DANESTS_STS_POLICY_INVALID, st->fetch_invalid },
		{ DANESTS_STS_WEBPKI_INVALID, st->fetch_webpki },
	};

	plains(out, rows, COUNT_OF(rows));
	histogram(out, "dns_query_duration_seconds", "How long DNS questions took.",
	    &st->query_times);
	head(out, "fetches_total", counter, "Fetches of MTA-STS policies, by how they ended.");
	for (size_t i = 0; i < COUNT_OF(fetches); i++)
		labelled(out, "fetches_total", "result", danests_result_name(fetches[i].result),
		    fetches[i].value);
	histogram(out, "fetch_duration_seconds", "How long fetches of MTA-STS policies took.",
	    &st->fetch_times);
}

/* ---- Memory and disk ---- */

static void write_memory(struct buf *out, const struct metrics_facts *f)
{
	const struct danests_status *st = f->status;
	const struct plain rows[] = {
		{ "memo_entries", gauge, "Names whose answer is remembered.", f->memo_entries },
		{ "memo_bytes", gauge, "Memory these take.", f->memo_bytes },
		{ "memo_limit_bytes", gauge, "Memory these may take: half of cache_size.",
		    f->memo_limit },
		{ "memo_hits_total", counter, "Questions answered from there.", hits(f->stats) },
		{ "memo_misses_total", counter, "Questions that took a lookup.",
		    f->stats->misses },
		{ "cache_entries", gauge, "What the library has in memory: answers and policies.",
		    st->cache_entries },
		{ "cache_bytes", gauge, "Memory that takes.", st->cache_bytes },
		{ "policies_held", gauge, "MTA-STS policies that are not over.", st->held },
		{ "policies_unsaved", gauge, "Of those, the ones the disk has refused so far.",
		    st->unsaved },
		{ "store_written_bytes_total", counter,
		    "Octets written to the files of the persistent cache.", st->bytes_written },
		{ "store_folds_total", counter,
		    "Journals of the persistent cache folded into a snapshot.", st->folds },
	};

	plains(out, rows, COUNT_OF(rows));
	head(out, "store_bytes", gauge, "Size of the files of the persistent cache.");
	labelled(out, "store_bytes", "file", "snapshot", st->snapshot_bytes);
	labelled(out, "store_bytes", "file", "journal", st->journal_bytes);
}

/* ---- The service ---- */

static void write_service(struct buf *out, const struct metrics_facts *f)
{
	static const char *const states[] = {
		[DANESTS_TRUST_TESTING] = "testing",
		[DANESTS_TRUST_GOOD]    = "good",
		[DANESTS_TRUST_FAILED]  = "failed",
	};

	head(out, "build_info", gauge, "Always 1; the labels tell version and mode.");
	buf_printf(out, "danestsd_build_info{version=\"%s\",dnssec=\"%s\"} 1\n",
	    danests_version(), f->dnssec);
	head(out, "start_time_seconds", gauge, "When the service started, in Unix time.");
	number(out, "start_time_seconds", f->started > 0 ? (uint64_t)f->started : 0);
	head(out, "cpu_seconds_total", counter, "Processor time of this process.");
	seconds(out, "cpu_seconds_total", "", f->cpu_us);
	head(out, "memory_max_bytes", gauge, "The most memory this process has been in.");
	number(out, "memory_max_bytes", f->memory_max);
	head(out, "dnssec_state", gauge, "1 at how the last DNSSEC self-test went, else 0.");
	for (unsigned i = 0; i < COUNT_OF(states); i++)
		labelled(out, "dnssec_state", "state", states[i], f->status->dnssec == i);
	head(out, "overrides", gauge, "Entries of the file of overrides that is in force.");
	number(out, "overrides", f->overrides);
	head(out, "config_reloads_total", counter, "SIGHUPs, by what came of them.");
	labelled(out, "config_reloads_total", "result", "success", f->stats->reloads);
	labelled(out, "config_reloads_total", "result", "refused", f->stats->reloads_refused);
	head(out, "config_last_reload_successful", gauge,
	    "0: what was read last was refused, and what was before is in force.");
	number(out, "config_last_reload_successful", !f->stats->reload_refused);
}

void metrics_write(struct buf *out, const struct metrics_facts *facts)
{
	write_service(out, facts);
	write_questions(out, facts);
	write_lookups(out, facts);
	write_network(out, facts->status);
	write_memory(out, facts);
}
