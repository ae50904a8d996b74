/* SPDX-License-Identifier: BSD-2-Clause */
/* What runs, and how it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "plugin/control_impl.h"
#include "plugin/stats.h"

/* What the context says, put into words by the thread that owns it. */
static void work(struct control_conn *c, danests *ctx)
{
	static const char *const trust[] = {
		[DANESTS_TRUST_TESTING] = "testing", [DANESTS_TRUST_GOOD] = "good",
		[DANESTS_TRUST_FAILED] = "failed",
	};
	struct grow out = grow_object(), dnssec = grow_object(), cache = grow_object();
	struct grow held = grow_object(), fetches = grow_object(), lookups = grow_object();
	struct danests_status s;

	danests_get_status(ctx, &s);
	grow_put(&dnssec, "state", grow_text(trust[s.dnssec]));
	grow_put(&dnssec, "text", grow_text(s.dnssec_text));
	grow_put(&lookups, "running", grow_count(s.lookups));
	grow_put(&lookups, "waiting_for_policy_host", grow_count(s.parked));
	grow_put(&lookups, "dns_questions", grow_count(s.queries));
	grow_put(&lookups, "dns_questions_done", grow_count(s.queries_done));
	grow_put(&lookups, "dns_questions_failed", grow_count(s.queries_failed));
	grow_put(&cache, "entries", grow_count(s.cache_entries));
	grow_put(&cache, "bytes", grow_count(s.cache_bytes));
	grow_put(&held, "count", grow_count(s.held));
	grow_put(&held, "where", grow_text(s.cache_text != NULL ? s.cache_text : ""));
	grow_put(&held, "snapshot_bytes", grow_count(s.snapshot_bytes));
	grow_put(&held, "journal_bytes", grow_count(s.journal_bytes));
	grow_put(&held, "unsaved", grow_count(s.unsaved));
	grow_put(&held, "refreshes", grow_count(s.refreshes));
	grow_put(&held, "refreshes_failed", grow_count(s.refreshes_failed));
	grow_put(&fetches, "running", grow_count(s.fetches));
	grow_put(&fetches, "good", grow_count(s.fetched));
	grow_put(&fetches, "failed", grow_count(s.fetch_errors));
	grow_put(&fetches, "invalid", grow_count(s.fetch_invalid));
	grow_put(&fetches, "untrusted", grow_count(s.fetch_webpki));
	grow_put(&out, "resolver", grow_text(s.resolver_text));
	grow_put(&out, "dnssec", grow_done(&dnssec));
	grow_put(&out, "lookups", grow_done(&lookups));
	grow_put(&out, "cache", grow_done(&cache));
	grow_put(&out, "policies", grow_done(&held));
	grow_put(&out, "fetches", grow_done(&fetches));
	c->found = grow_done(&out);
}

static json_t *names_of(const struct listeners *ls)
{
	struct grow out = grow_array();

	for (size_t i = 0; i < ls->count; i++)
		grow_add(&out, grow_text(ls->each[i].name));
	return grow_done(&out);
}

/* "name = value" lines as they would stand in the file. */
static json_t *changes_of(const struct conf *conf)
{
	struct grow out = grow_array();
	char *text = NULL, *line, *rest;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	if (to == NULL)
		out.bad = true;
	else
		conf_print_changes(conf, to);
	if (to != NULL && fclose(to) != 0)
		out.bad = true;
	for (line = text; !out.bad && (rest = strchr(line, '\n')) != NULL; line = rest + 1)
		grow_add(&out, grow_text_n(line, (size_t)(rest - line)));
	free(text);
	return grow_done(&out);
}

static json_t *memo_of(const struct desk *desk)
{
	struct grow out = grow_object();

	grow_put(&out, "entries", grow_count(desk->memo.map.count));
	grow_put(&out, "bytes", grow_count(memo_bytes(&desk->memo)));
	grow_put(&out, "limit", grow_count(desk->memo.limit));
	return grow_done(&out);
}

static json_t *questions_of(const struct desk *desk)
{
	struct grow out = grow_object();
	uint64_t sums[STATS_SOURCES] = {0};

	for (int source = 0; source < STATS_SOURCES; source++)
		for (int level = 0; level < LEVEL_COUNT; level++)
			sums[source] += desk->stats.decisions[source][level];
	grow_put(&out, "asked", grow_count(desk->stats.questions));
	for (unsigned source = 0; source < STATS_SOURCES; source++)
		grow_put(&out, stats_source_word(source), grow_count(sums[source]));
	grow_put(&out, "late", grow_count(desk->stats.late));
	grow_put(&out, "waiting", grow_count(desk->pendings.queued + desk->pendings.running));
	return grow_done(&out);
}

static json_t *clients_of(const struct service *service)
{
	struct grow out = grow_object();

	grow_put(&out, "connected", grow_count(service->conns->count));
	grow_put(&out, "limit", grow_count(conf_number(service->conf, CONF_MAX_CLIENTS)));
	grow_put(&out, "taken", grow_count(service->desk->stats.clients));
	grow_put(&out, "refused", grow_count(service->desk->stats.clients_refused));
	return grow_done(&out);
}

static json_t *overrides_of(const struct overrides *overrides)
{
	struct grow out = grow_object();

	grow_put(&out, "count", grow_count(overrides_count(overrides)));
	grow_put(&out, "file", overrides != NULL ? grow_text(overrides_path(overrides)) : json_null());
	return grow_done(&out);
}

static json_t *reloads_of(const struct desk *desk)
{
	struct grow out = grow_object();

	grow_put(&out, "count", grow_count(desk->stats.reloads));
	grow_put(&out, "refused", json_boolean(desk->stats.reload_refused));
	return grow_done(&out);
}

static void home(struct control_conn *c)
{
	const struct service *s = c->control->service;
	struct grow line = grow_object();

	grow_put(&line, "version", grow_text(danests_version()));
	grow_put(&line, "started", grow_moment(s->started));
	grow_put(&line, "uptime", json_integer(clock_now() - s->started));
	grow_put(&line, "file", grow_text(s->sources->file));
	grow_put(&line, "reloads", reloads_of(s->desk));
	grow_put(&line, "changes", changes_of(s->conf));
	grow_put(&line, "listen", names_of(s->listeners));
	grow_put(&line, "metrics", names_of(s->metrics));
	grow_put(&line, "clients", clients_of(s));
	grow_put(&line, "questions", questions_of(s->desk));
	grow_put(&line, "memo", memo_of(s->desk));
	grow_put(&line, "overrides", overrides_of(s->desk->options.overrides));
	if (c->found == NULL || json_object_update(line.at, c->found) != 0)
		line.bad = true;
	json_decref(c->found);
	c->found = NULL;
	if (line.bad) {
		json_decref(grow_done(&line));
		control_no_memory(c);
	} else {
		control_ok(c, &line);
	}
}

void control_status(struct control_conn *c)
{
	control_errand(c, work, home);
}
