/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/join.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/map.h"
#include "danests.h"
#include "tools/report/join_impl.h"
#include "tools/report/seconds.h"

#define NO_PROXY 1 /* the other side of a line that has none */

/* Some 50 MB if all of them are reached, which takes a log of a very busy place. */
static const struct join_bounds usual = {
	.messages = 200000, .octets = (size_t)24 << 20,
	.processes = 16384, .peers = 32768, .domains = 65536,
	.wheres = 4096, .places = 65536,
};

/* Strangers choose queue ids, names and texts: nobody may know where these go. */
static void make_seed(uint64_t seed[2])
{
	struct map map;

	map_init(&map, NULL);
	memcpy(seed, map.seed, sizeof(map.seed));
}

struct join *join_new_within(const struct internal *internal, const struct join_next *next,
    const struct join_bounds *bounds)
{
	struct join *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->internal = internal;
	j->next = *next;
	j->us = j->counts.first_us = j->counts.last_us = LINE_NO_TIME;
	make_seed(j->seed);
	places_init(&j->places, j->seed, bounds->wheres, bounds->places,
	    &j->counts.forgotten_places);
	messages_init(&j->messages, j->seed, bounds->messages, bounds->octets,
	    &j->counts.forgotten_messages);
	processes_init(&j->processes, j->seed, bounds->processes, bounds->peers,
	    &j->counts.forgotten_processes);
	decisions_init(&j->decisions, j->seed, bounds->domains, &j->counts.forgotten_domains);
	join_cut_init(j, bounds);
	failures_init(&j->failures, j->seed, bounds->peers, &j->counts.forgotten_processes);
	return j;
}

struct join *join_new(const struct internal *internal, const struct join_next *next)
{
	return join_new_within(internal, next, &usual);
}

void join_free(struct join *j)
{
	if (j == NULL)
		return;
	failures_free(&j->failures);
	join_cut_free(j);
	decisions_free(&j->decisions);
	processes_free(&j->processes);
	messages_free(&j->messages);
	places_free(&j->places);
	seen_free(&j->seen);
	free(j);
}

const struct join_counts *join_counts(const struct join *j)
{
	return &j->counts;
}

/* ---- What lines do ---- */

static struct speaker speaker_of(const struct join *j, const struct heard *h)
{
	return (struct speaker){ h->where, h->line->pid,
	    slice_equal(h->line->program, SLICE("tlsproxy")), j->us };
}

/* A client's session line, whatever it says, shows that TLS is logged. */
static void take_note(struct join *j, const struct heard *h)
{
	const struct speaker who = speaker_of(j, h);

	/* What is older than the last start is a copy, and its process is gone. */
	if ((!h->client && !who.proxy) || h->second < h->where->started)
		return;
	if (h->client && h->event->kind == EVENT_SESSION &&
	    !places_prove(&j->places, h->where))
		j->counts.out_of_memory = true;
	if (!processes_note(&j->processes, &who, h->event, 0))
		j->counts.out_of_memory = true;
}

static void take_policy(struct join *j, const struct heard *h)
{
	const struct speaker who = speaker_of(j, h);
	struct slice to = h->event->policy.destination;
	char key[DANESTS_NEXTHOP_MAX + 1];
	int len = danests_nexthop_key(to.p, to.len, key, sizeof(key));

	if (!h->client || len <= 0 || h->second < h->where->started)
		return;
	if (!processes_note(&j->processes, &who, h->event,
	    decisions_number(&j->decisions, (struct slice){ key, (size_t)len })))
		j->counts.out_of_memory = true;
}

static void take_passed(struct join *j, const struct heard *h)
{
	const struct speaker who = speaker_of(j, h);

	if (!h->client)
		return;
	processes_passed(&j->processes, &who);
	if (h->event->passed.statement != STATEMENT_OTHER && !join_twice(j, h, 0))
		j->next.passed(j->next.arg, j->us, h->event->passed.statement, SLICE(""));
}

static void take_trouble(struct join *j, const struct heard *h)
{
	const bool local = h->event->kind == EVENT_LOCAL;
	struct slice text = local ? h->event->local.text : h->line->text;
	const struct speaker who = speaker_of(j, h);

	if (local && h->event->local.no_proxy && h->client && h->second >= h->where->started &&
	    !processes_note(&j->processes, &who, h->event, NO_PROXY))
		j->counts.out_of_memory = true;
	if (!join_twice(j, h, h->line->pid))
		j->next.trouble(j->next.arg, j->us, h->event->kind, text);
}

static void take_started(struct join *j, const struct heard *h)
{
	places_started(&j->places, h->where, h->second);
}

static void (*const takers[])(struct join *j, const struct heard *h) = {
	[EVENT_DELIVERY] = join_delivery, [EVENT_PASSED] = take_passed,
	[EVENT_SESSION] = take_note, [EVENT_PROOF] = take_note, [EVENT_CAUSE] = take_note,
	[EVENT_POLICY] = take_policy, [EVENT_STS_MX] = take_note, [EVENT_UNUSABLE] = take_note,
	[EVENT_TLSRPT] = take_note, [EVENT_LOCAL] = take_trouble,
	[EVENT_NO_DNSSEC] = take_trouble, [EVENT_BORN] = join_born,
	[EVENT_SENDER] = join_sender, [EVENT_EXPIRED] = join_expired,
	[EVENT_REMOVED] = join_removed, [EVENT_STARTED] = take_started,
};

/* ---- Lines ---- */

static void take_decision(struct join *j, const struct line *line, const struct event *event)
{
	int rc = decisions_take(&j->decisions, event->decision.pairs, line->us);

	if (rc == DANESTS_OK)
		j->counts.decisions++;
	else if (rc == DANESTS_ENOMEM)
		j->counts.out_of_memory = true;
	else
		j->counts.strange++;
}

static void take_time(struct join *j, int64_t us)
{
	if (us == LINE_NO_TIME)
		return;
	j->us = us;
	if (us > j->counts.last_us || j->counts.last_us == LINE_NO_TIME)
		j->counts.last_us = us;
	if (us < j->counts.first_us || j->counts.first_us == LINE_NO_TIME)
		j->counts.first_us = us;
}

/* Programs may be copied or linked: "relay-smtp" is a client as well, "smtpd" is not. */
static bool ends_with(struct slice name, struct slice with)
{
	return name.len >= with.len && slice_equal(slice_after(name, name.len - with.len), with);
}

void join_push(struct join *j, const struct line *line, const struct event *event)
{
	struct heard h = { .line = line, .event = event };

	/* The service's lines may come from a log of another length: they tell about deliveries,
	 * not from when to when there are some. */
	if (!slice_equal(line->program, SLICE("danestsd")))
		take_time(j, line->us);
	if (event->kind == EVENT_NONE)
		return;
	if (event->kind == EVENT_DECISION) {
		take_decision(j, line, event);
		return;
	}
	/* A line that has no day cannot be counted on one. */
	if (event->kind == EVENT_STRANGE || j->us == LINE_NO_TIME ||
	    (size_t)event->kind >= COUNT_OF(takers)) {
		j->counts.strange++;
		return;
	}
	h.where = places_find(&j->places, line->host, line->instance);
	if (h.where == NULL) {
		j->counts.out_of_memory = true;
		return;
	}
	h.second = seconds(j->us);
	if (h.second < h.where->first)
		h.where->first = h.second;
	h.lmtp = ends_with(line->program, SLICE("lmtp"));
	h.client = h.lmtp || ends_with(line->program, SLICE("smtp"));
	takers[event->kind](j, &h);
}

void join_end(struct join *j)
{
	if (j->seen.out_of_memory)
		j->counts.out_of_memory = true;
	for (size_t i = 0; i < j->places.count; i++)
		j->next.place(j->next.arg, (unsigned)i, places_logged(&j->places, (unsigned)i) ?
		    LOGGED_YES : LOGGED_UNKNOWN);
	join_cut_end(j);
}
