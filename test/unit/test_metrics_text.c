/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plugin/metrics.h"

static struct buf text_of(const struct stats *stats, const struct danests_status *status)
{
	const struct metrics_facts facts = {
		.stats = stats, .status = status, .dnssec = "validate", .started = 1767225600,
		.cpu_us = 1500001, .memory_max = 4096, .clients = 3, .clients_limit = 4096,
		.waiting = 2, .running = 5, .queued = 6, .memo_entries = 7, .memo_bytes = 8,
		.memo_limit = 9, .overrides = 10,
	};
	struct buf text = {0};

	metrics_write(&text, &facts);
	assert_false(text.bad);
	return text;
}

/* Is this a whole line of the text? */
static bool has(const struct buf *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *p = text->data; (p = strstr(p, line)) != NULL; p++)
		if ((p == text->data || p[-1] == '\n') && p[len] == '\n')
			return true;
	return false;
}

static void each_line_is_a_comment_or_a_sample_of_ours(void **state)
{
	struct stats stats = {0};
	struct danests_status status = {0};
	struct buf text = text_of(&stats, &status);

	(void)state;
	assert_int_equal(text.data[text.len - 1], '\n');
	for (char *line = text.data, *end; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		assert_true(strncmp(line, "# HELP danestsd_", 16) == 0 ||
		    strncmp(line, "# TYPE danestsd_", 16) == 0 ||
		    strncmp(line, "danestsd_", 9) == 0);
	}
	buf_free(&text);
}

static void every_member_of_the_status_is_shown(void **state)
{
	struct stats stats = {0};
	struct danests_status status = {
		.dnssec = DANESTS_TRUST_FAILED, .lookups = 101, .parked = 102,
		.cache_entries = 103, .cache_bytes = 104, .held = 105, .snapshot_bytes = 106,
		.journal_bytes = 107, .folds = 108, .bytes_written = 109, .unsaved = 110,
		.queries = 111, .fetches = 112, .queries_done = 113, .queries_failed = 114,
		.refreshes = 115, .refreshes_failed = 116, .fetched = 117, .fetch_errors = 118,
		.fetch_invalid = 119, .fetch_webpki = 120,
	};
	static const char *const lines[] = {
		"danestsd_dnssec_state{state=\"testing\"} 0", "danestsd_dnssec_state{state=\"good\"} 0",
		"danestsd_dnssec_state{state=\"failed\"} 1", "danestsd_lookups_resolving 101",
		"danestsd_lookups_parked 102", "danestsd_cache_entries 103",
		"danestsd_cache_bytes 104", "danestsd_policies_held 105",
		"danestsd_store_bytes{file=\"snapshot\"} 106",
		"danestsd_store_bytes{file=\"journal\"} 107", "danestsd_store_folds_total 108",
		"danestsd_store_written_bytes_total 109", "danestsd_policies_unsaved 110",
		"danestsd_dns_queries_in_flight 111", "danestsd_fetches_in_flight 112",
		"danestsd_dns_queries_total 113", "danestsd_dns_query_failures_total 114",
		"danestsd_refreshes_total 115", "danestsd_refresh_failures_total 116",
		"danestsd_fetches_total{result=\"success\"} 117",
		"danestsd_fetches_total{result=\"sts-policy-fetch-error\"} 118",
		"danestsd_fetches_total{result=\"sts-policy-invalid\"} 119",
		"danestsd_fetches_total{result=\"sts-webpki-invalid\"} 120",
	};
	struct buf text = text_of(&stats, &status);

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!has(&text, lines[i]))
			fail_msg("missing: %s", lines[i]);
	buf_free(&text);
}

static void facts_of_the_service_are_shown(void **state)
{
	struct stats stats = {
		.questions = 21, .abandoned = 22, .late = 23, .refused = 24, .unknown_maps = 25,
		.bad_frames = 26, .clients = 27, .clients_refused = 28, .lookup_errors = 29,
		.misses = 30, .reloads = 31, .reloads_refused = 32, .reload_refused = true,
	};
	struct danests_status status = {0};
	static const char *const lines[] = {
		"danestsd_start_time_seconds 1767225600", "danestsd_cpu_seconds_total 1.500001",
		"danestsd_memory_max_bytes 4096", "danestsd_clients 3", "danestsd_clients_limit 4096",
		"danestsd_questions_waiting 2", "danestsd_lookups_in_flight 5",
		"danestsd_lookups_waiting 6", "danestsd_memo_entries 7", "danestsd_memo_bytes 8",
		"danestsd_memo_limit_bytes 9", "danestsd_overrides 10",
		"danestsd_questions_total 21", "danestsd_questions_abandoned_total 22",
		"danestsd_questions_late_total 23", "danestsd_questions_refused_total 24",
		"danestsd_unknown_maps_total 25", "danestsd_bad_frames_total 26",
		"danestsd_clients_accepted_total 27", "danestsd_clients_refused_total 28",
		"danestsd_lookup_errors_total 29", "danestsd_memo_misses_total 30",
		"danestsd_config_reloads_total{result=\"success\"} 31",
		"danestsd_config_reloads_total{result=\"refused\"} 32",
		"danestsd_config_last_reload_successful 0",
	};
	struct buf text = text_of(&stats, &status);

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!has(&text, lines[i]))
			fail_msg("missing: %s", lines[i]);
	buf_free(&text);
}

static void decisions_carry_level_and_source(void **state)
{
	struct stats stats = {0};
	struct danests_status status = {0};
	struct buf text;

	(void)state;
	stats_decide(&stats, STATS_CACHE, LEVEL_DANE_ONLY);
	stats_decide(&stats, STATS_CACHE, LEVEL_SECURE);
	stats_decide(&stats, STATS_OVERRIDE, LEVEL_FINGERPRINT);
	stats_decide(&stats, STATS_LOOKUP, LEVEL_PERM); /* not expected, but not hidden */
	text = text_of(&stats, &status);
	assert_true(has(&text, "danestsd_decisions_total{level=\"dane-only\",source=\"cache\"} 1"));
	assert_true(has(&text, "danestsd_decisions_total{level=\"dane-only\",source=\"lookup\"} 0"));
	assert_true(has(&text,
	    "danestsd_decisions_total{level=\"fingerprint\",source=\"override\"} 1"));
	assert_true(has(&text, "danestsd_decisions_total{level=\"PERM\",source=\"lookup\"} 1"));
	assert_null(strstr(text.data, "level=\"fingerprint\",source=\"cache\""));
	assert_true(has(&text, "danestsd_memo_hits_total 2"));
	buf_free(&text);
}

static void buckets_hold_all_that_was_faster(void **state)
{
	struct stats stats = {0};
	struct danests_status status = {0};
	struct buf text;

	(void)state;
	stats_lookup(&stats, 0, 0, "", 500);
	stats_lookup(&stats, 0, 0, "", 1500);
	stats_lookup(&stats, 0, 0, "", 70 * 1000000);
	text = text_of(&stats, &status);
	assert_true(has(&text, "danestsd_lookup_duration_seconds_bucket{le=\"0.001\"} 1"));
	assert_true(has(&text, "danestsd_lookup_duration_seconds_bucket{le=\"0.002\"} 2"));
	assert_true(has(&text, "danestsd_lookup_duration_seconds_bucket{le=\"50.000\"} 2"));
	assert_true(has(&text, "danestsd_lookup_duration_seconds_bucket{le=\"+Inf\"} 3"));
	assert_true(has(&text, "danestsd_lookup_duration_seconds_sum 70.002000"));
	assert_true(has(&text, "danestsd_lookup_duration_seconds_count 3"));
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_is_a_comment_or_a_sample_of_ours),
		cmocka_unit_test(every_member_of_the_status_is_shown),
		cmocka_unit_test(facts_of_the_service_are_shown),
		cmocka_unit_test(decisions_carry_level_and_source),
		cmocka_unit_test(buckets_hold_all_that_was_faster),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
