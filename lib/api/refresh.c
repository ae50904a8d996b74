/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/refresh.h"

#include <stdbool.h>
#include <string.h>

#include "api/lookup.h"
#include "base/clock.h"
#include "base/text.h"
#include "plan/sts.h"

enum {
	REFRESH_MOST = 8,         /* at once; fetches are for lookups in the first place */
	REFRESH_RETRYING = 4,     /* of those, where it failed before: they take long */
	/* So many failures in a row are an outage of ours: one at a time, and that one a
	 * minute, until one succeeds. It need not be told of each domain. */
	REFRESH_OUTAGE = 32,
	REFRESH_AGAIN = 300,      /* s: least between two of one domain, the first failed (S11) */
	REFRESH_LEAST = 60,       /* s: least between two of one domain */
	REFRESH_HOUR = 3600,      /* s: most between two passes, or two tries that fail */
	REFRESH_MINUTE = 60,      /* s: between two passes, when something is due */
	REFRESH_UNUSED = 31 * 86400, /* s without a question */
	/* A slice of a pass: records, and half a millisecond of each five. */
	REFRESH_SLICE = 512, REFRESH_SLICE_US = 500, REFRESH_PAUSE_MS = 5,
};

/* ---- When ---- */

static int64_t refresh_seconds(const danests *ctx)
{
	int64_t s = ctx->settings.refresh_ms / 1000;

	return s > 0 ? s : 1;
}

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

/* Between two passes, and between two tries that fail. */
static int64_t pass_seconds(const danests *ctx)
{
	return most(least(refresh_seconds(ctx) / 24, REFRESH_HOUR), 1);
}

/* When something is due before that. */
static int64_t early_seconds(const danests *ctx)
{
	return least(pass_seconds(ctx), REFRESH_MINUTE);
}

/* How long after its fetch a policy is refreshed, at the latest: well before its end. */
static int64_t interval(const danests *ctx, uint32_t max_age)
{
	return least(refresh_seconds(ctx), max_age / 2);
}

/* Up to an eighth of the time earlier, each domain its own part of it: what was
 * fetched in one hour is not refreshed in one minute. */
static time_t due(const danests *ctx, const struct record *record)
{
	static const uint64_t seed[2] = { 0x72656672, 0x65736831 };
	int64_t after = interval(ctx, record->max_age);

	/* Until its times are right it would go on for as long as the clock was off. */
	if (cache_held_is_ahead(record))
		return 0;
	after -= (int64_t)(map_hash(seed, record->domain, strlen(record->domain)) %
	    (uint64_t)(after / 8 + 1));
	return record->fetched + (time_t)most(after, REFRESH_LEAST);
}

static bool in_use(const struct record *record, time_t now)
{
	return now - record->used <= (time_t)most(REFRESH_UNUSED, record->max_age);
}

/* ---- A pass ---- */

static void tick(void *arg);

/* Without memory for a timer refreshing ends until the next policy comes in. */
static void set_timer(danests *ctx, int64_t ms)
{
	if (loop_timer(ctx->loop, &ctx->refresh.timer, ms, tick, ctx) != DANESTS_OK)
		loop_untimer(ctx->loop, &ctx->refresh.timer);
}

static void start(danests *ctx, struct try *t, const struct record *record)
{
	struct domain domain = {{0}};

	if (!domain_copy(&domain, record->domain))
		return;
	t = tries_begin(&ctx->refresh.tries, t, record->domain);
	if (t == NULL)
		return;
	if (lookup_refresh(ctx, &domain) != DANESTS_OK)
		tries_end(&ctx->refresh.tries, t, 0);
}

/* One policy: is it its time? */
static void look(danests *ctx, const struct record *record)
{
	struct refresh *r = &ctx->refresh;
	time_t now = clock_now(), when;
	struct try *t;

	if (record->expires <= now) {
		r->over++;
		return;
	}
	if (!in_use(record, now))
		return;
	t = tries_find(&r->tries, record->domain);
	if (t != NULL && t->running)
		return;
	when = due(ctx, record);
	/* When the clock was ahead at that time, it says nothing. */
	if (t != NULL && t->again > when && t->again - now <= REFRESH_HOUR)
		when = t->again;
	if (when <= now && (t == NULL || r->tries.retrying < REFRESH_RETRYING))
		start(ctx, t, record);
	else if (when < r->soonest)
		r->soonest = when;
}

static void pass_end(danests *ctx)
{
	struct refresh *r = &ctx->refresh;
	int64_t wait = (int64_t)r->soonest - (int64_t)clock_now();

	cache_walk_free(r->walk);
	r->walk = NULL;
	tries_pass(&r->tries);
	r->over_before = r->over;
	r->counted = cache_held_count(ctx->cache);
	wait = most(least(wait, pass_seconds(ctx)), early_seconds(ctx));
	set_timer(ctx, wait * 1000);
}

/* When there are fewer than there were, those that were over have gone. */
size_t refresh_over(const danests *ctx)
{
	const struct refresh *r = &ctx->refresh;
	size_t held = cache_held_count(ctx->cache);
	size_t gone = held < r->counted ? r->counted - held : 0;
	size_t over = gone < r->over_before ? r->over_before - gone : 0;

	return over < held ? over : held;
}

static bool pass_begin(danests *ctx)
{
	struct refresh *r = &ctx->refresh;

	r->walk = cache_walk_new(ctx->cache);
	r->over = 0;
	r->soonest = clock_now() + (time_t)pass_seconds(ctx);
	return r->walk != NULL;
}

static bool outage(const struct refresh *r) { return r->failures >= REFRESH_OUTAGE; }

/* As many as a moment allows. While all places are taken nothing happens; who gives
 * one back sets the timer. */
static void tick(void *arg)
{
	danests *ctx = arg;
	struct refresh *r = &ctx->refresh;
	int64_t end = clock_mono_us() + REFRESH_SLICE_US;
	struct record record;

	if (r->walk == NULL && !pass_begin(ctx)) {
		set_timer(ctx, early_seconds(ctx) * 1000);
		return;
	}
	for (int i = 0; i < REFRESH_SLICE; i++) {
		enum store_step step;

		if (r->tries.running >= (outage(r) ? 1 : REFRESH_MOST))
			return;
		step = cache_walk_next(r->walk, &record);
		if (step == STORE_END) {
			pass_end(ctx);
			return;
		}
		if (step == STORE_RECORD)
			look(ctx, &record);
		if (step == STORE_PAUSE || clock_mono_us() >= end)
			break;
	}
	set_timer(ctx, REFRESH_PAUSE_MS);
}

void refresh_note(danests *ctx, uint32_t max_age)
{
	struct refresh *r = &ctx->refresh;
	int64_t in = most(interval(ctx, max_age) * 7 / 8, REFRESH_LEAST);
	time_t when = clock_now() + (time_t)in;

	if (when < r->soonest)
		r->soonest = when;
	if (r->walk == NULL && (r->timer.place == 0 ||
	    r->timer.due > clock_mono_ms() + in * 1000))
		set_timer(ctx, in * 1000);
}

/* ---- What came of it ---- */

static void why_failed(char *out, size_t size, const struct sts_view *view)
{
	char question[QUESTION_TEXT_MAX + 1];

	if (view->failed == NULL) {
		text_format(out, size, "there is no MTA-STS TXT record any more");
		return;
	}
	question_text(&view->failed->q, question);
	text_format(out, size, "%s%s%s: %s", view->token, view->token[0] != '\0' ? ": " : "",
	    question, view->words);
}

/* The policy goes on to its end (S13); the administrator shall know, unless it asks for
 * nothing anyway (S14, S25), or the trouble is our own: that is told elsewhere. */
static void tell_failed(danests *ctx, const char *domain, const struct facts *facts)
{
	char why[SETTINGS_PROBLEM], end[32] = "its end";
	struct record held;
	struct sts_view view;
	struct tm tm;

	if (!cache_held_get(ctx->cache, domain, &held) || held.mode == STSBODY_NONE)
		return;
	sts_view(&view, facts);
	if (view.failed != NULL && view.failed->answer != NULL &&
	    view.failed->answer->failure == FAILURE_LOCAL)
		return;
	why_failed(why, sizeof(why), &view);
	if (gmtime_r(&held.expires, &tm) != NULL)
		(void)strftime(end, sizeof(end), "%Y-%m-%dT%H:%M:%SZ", &tm);
	events_add(&ctx->events, DANESTS_EVENT_REFRESH_FAILED, domain, "MTA-STS policy refresh"
	    " fails, the known policy (%s, id %s) goes on: %s (until %s)", stsbody_mode_name(held.mode),
	    held.id, why, end);
}

void refresh_done(danests *ctx, const struct facts *facts, int error)
{
	struct refresh *r = &ctx->refresh;
	const char *domain = facts->nexthop.domain.name;
	struct try *t = tries_find(&r->tries, domain);
	const struct answer *fetched = facts_answer(facts, facts->sts);
	time_t again = clock_now() + (time_t)most(pass_seconds(ctx), REFRESH_AGAIN);

	r->done++;
	if (error == DANESTS_OK && fetched != NULL && fetched->state != ANSWER_FAILED) {
		r->failures = 0;
		tries_end(&r->tries, t, 0); /* it is kept already, like any other */
	} else {
		r->done_failed++;
		/* With so many domains that fail by themselves it is no sign of an outage. */
		r->failures += !t->retry && !tries_full(&r->tries);
		tries_end(&r->tries, t, again);
		if (error == DANESTS_OK) /* else there was no memory */
			tell_failed(ctx, domain, facts);
	}
	if (r->walk != NULL)
		set_timer(ctx, outage(r) ? early_seconds(ctx) * 1000 : REFRESH_PAUSE_MS);
}

/* ---- Life ---- */

void refresh_start(danests *ctx)
{
	struct refresh *r = &ctx->refresh;

	tries_init(&r->tries);
	set_timer(ctx, early_seconds(ctx) * 1000);
}

void refresh_stop(danests *ctx)
{
	struct refresh *r = &ctx->refresh;

	loop_untimer(ctx->loop, &r->timer);
	cache_walk_free(r->walk);
	tries_free(&r->tries);
	*r = (struct refresh){0};
}
