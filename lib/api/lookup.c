/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/lookup.h"

#include <stdlib.h>

#include "base/clock.h"
#include "plan/decide.h"
#include "plan/plan.h"
#include "api/refresh.h"

/* Questions of one lookup under way: a domain with hundreds of dead MX hosts must
 * not keep others waiting, and a real one has no more than that. */
#define LOOKUP_WIDTH 16

/* Of cache_size, what danests_cached() may hold: an eighth. */
#define LOOKUP_CACHED_SHARE 8

/*
 * A lookup lives until the last flight that names it has landed, also when it
 * was cancelled or ran out of memory: flights never have to forget a waiter.
 */
struct lookup {
	struct list link;   /* in the context's active or done list */
	void *tag;
	struct facts *facts;
	size_t waiting;     /* flights that name this lookup */
	size_t fetches;     /* those of them that fetch a policy: one at most */
	bool parked;        /* nothing but that is missing */
	bool cancelled;
	bool refresh;       /* nobody waits for it, and it counts for none of them */
	int error;          /* sticky */
	danests_policy *policy;
	struct cached_mark mark;
};

static void lookup_free(struct lookup *l)
{
	list_remove(&l->link);
	facts_free(l->facts);
	danests_policy_unref(l->policy);
	free(l);
}

/*
 * Who only waits for a policy host does no work, and may wait for a minute: that
 * must not keep others from being looked up.
 */
static void lookup_wait(danests *ctx, struct lookup *l, const struct question *q, int more)
{
	bool parked;

	l->waiting += (size_t)more;
	if (l->refresh)
		return;
	if (q->kind == QUESTION_STS)
		l->fetches += (size_t)more;
	parked = l->waiting > 0 && l->waiting == l->fetches;
	ctx->parked_count += (size_t)(parked - l->parked);
	l->parked = parked;
}

/* Cache, then DNS, then HTTPS: none knows of the others. */
static void lookup_ask_sources(danests *ctx, struct ask *ask, bool anew)
{
	if ((anew ? cache_ask_anew : cache_ask)(ctx->cache, ask) == SOURCE_ANSWERED)
		ask->from_cache = true;
	else if (dns_ask(ctx->dns, ask) == SOURCE_PASS)
		(void)https_ask(ctx->https, ask);
}

/* A second asker of an open question joins the first. */
static void lookup_ask(danests *ctx, struct lookup *l, const struct question *q)
{
	bool fresh;
	struct flight *flight = flight_join(&ctx->flights, q, l, &fresh);

	if (flight == NULL) {
		l->error = DANESTS_ENOMEM;
		return;
	}
	lookup_wait(ctx, l, q, 1);
	if (fresh)
		lookup_ask_sources(ctx, &flight->ask, l->refresh);
}

static void lookup_finish(danests *ctx, struct lookup *l)
{
	if (l->refresh) {
		refresh_done(ctx, l->facts, l->error);
		lookup_free(l);
		return;
	}
	ctx->active_count--;
	if (l->cancelled) {
		lookup_free(l);
		return;
	}
	if (l->error == DANESTS_OK)
		l->error = decide(&l->policy, l->facts, clock_now());
	if (l->error == DANESTS_OK)
		cached_put(&ctx->cached, l->mark, &l->facts->nexthop, l->policy,
		    ctx->settings.cache_size / LOOKUP_CACHED_SHARE);
	list_remove(&l->link);
	list_append(&ctx->done, &l->link);
}

/* One step: ask what the facts raise; when that is nothing, it is done. */
static void lookup_step(danests *ctx, struct lookup *l)
{
	struct question q[LOOKUP_WIDTH];
	size_t n = 1;

	while (n > 0 && l->waiting < LOOKUP_WIDTH && !l->cancelled && l->error == DANESTS_OK) {
		n = plan_next(l->facts, q, LOOKUP_WIDTH - l->waiting);
		for (size_t i = 0; i < n; i++)
			lookup_ask(ctx, l, &q[i]);
	}
	if (l->waiting == 0)
		lookup_finish(ctx, l);
}

static struct lookup *lookup_new(danests *ctx, const struct nexthop *nexthop)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->facts = facts_new(nexthop);
	if (l->facts == NULL) {
		free(l);
		return NULL;
	}
	list_append(&ctx->active, &l->link);
	return l;
}

int lookup_start(danests *ctx, const struct nexthop *nexthop, unsigned int extra, void *tag)
{
	struct lookup *l = lookup_new(ctx, nexthop);

	if (l == NULL)
		return DANESTS_ENOMEM;
	l->tag = tag;
	facts_extra(l->facts, extra);
	/* One with more to tell would not be what another lookup comes to. */
	if (extra == 0)
		l->mark = cached_mark(&ctx->cached, &nexthop->domain);
	ctx->active_count++;
	lookup_step(ctx, l);
	return DANESTS_OK;
}

int lookup_refresh(danests *ctx, const struct domain *domain)
{
	const struct nexthop nexthop = { .domain = *domain };
	struct lookup *l = lookup_new(ctx, &nexthop);

	if (l == NULL)
		return DANESTS_ENOMEM;
	l->refresh = true;
	facts_only_sts(l->facts);
	lookup_step(ctx, l);
	return DANESTS_OK;
}

static bool is_policy(const struct flight *flight)
{
	return flight->ask.q.kind == QUESTION_STS && flight->ask.answer->state != ANSWER_FAILED;
}

/* What a resolver out of favour says is for those who asked it. A policy does not
 * rest on DNSSEC, but on its host's certificate; one that is older than what has been
 * fetched meanwhile does not replace it. */
static bool may_keep(const danests *ctx, const struct flight *flight)
{
	return is_policy(flight) ? !flight->outdated : !flight_is_past(&ctx->flights, flight);
}

static int lookup_learn(struct lookup *l, const struct question *q, const struct answer *a)
{
	/* Is a policy held? Without memory nobody knows: then it is not as if none were. */
	if (q->kind == QUESTION_STSHELD && a->state == ANSWER_FAILED)
		return DANESTS_ENOMEM;
	return facts_learn(l->facts, q, a);
}

static void lookup_keep(danests *ctx, const struct flight *flight)
{
	const struct answer *a = flight->ask.answer;

	cache_keep(ctx->cache, &flight->ask.q, a);
	if (!is_policy(flight))
		return;
	flights_outdate(&ctx->flights, flight);
	cached_drop(&ctx->cached, flight->ask.q.name.name);
	refresh_note(ctx, a->body.max_age);
}

/* Every lookup that waited takes the answer in; then each goes one step on. */
static void lookup_land(danests *ctx, struct flight *flight)
{
	const struct question *q = &flight->ask.q;
	const struct answer *a = flight->ask.answer;
	struct lookup *l;

	if (!flight->ask.from_cache && may_keep(ctx, flight))
		lookup_keep(ctx, flight);
	flight_land(&ctx->flights, flight);
	while ((l = flight_waiter(flight)) != NULL) {
		lookup_wait(ctx, l, q, -1);
		if (l->error == DANESTS_OK && !l->cancelled)
			l->error = lookup_learn(l, q, a);
		lookup_step(ctx, l);
	}
	flight_free(flight);
}

void lookup_turn(danests *ctx)
{
	while (!list_empty(&ctx->arrivals)) {
		struct ask *ask = CONTAINER_OF(ctx->arrivals.next, struct ask, arrived);

		list_remove(&ask->arrived);
		lookup_land(ctx, CONTAINER_OF(ask, struct flight, ask));
	}
	/* Before anybody can reap what rests on it (S13). A disk that refuses is told of by
	 * the store, which goes on in memory. */
	if (ctx->opened)
		cache_sync(ctx->cache);
}

static void cancel_in(struct list *head, const void *tag, bool reaped)
{
	struct list *next;

	for (struct list *at = head->next; at != head; at = next) {
		struct lookup *l = CONTAINER_OF(at, struct lookup, link);

		next = at->next;
		if (l->refresh || l->tag != tag)
			continue;
		if (reaped)
			lookup_free(l);
		else
			l->cancelled = true;
	}
}

void lookup_cancel(danests *ctx, const void *tag)
{
	cancel_in(&ctx->active, tag, false);
	cancel_in(&ctx->done, tag, true);
}

bool lookup_reap(danests *ctx, struct danests_done *out)
{
	struct lookup *l;

	if (list_empty(&ctx->done))
		return false;
	l = CONTAINER_OF(ctx->done.next, struct lookup, link);
	*out = (struct danests_done){ .tag = l->tag, .error = l->error, .policy = l->policy };
	l->policy = NULL;
	lookup_free(l);
	return true;
}

void lookup_drop_all(danests *ctx)
{
	while (!list_empty(&ctx->active))
		lookup_free(CONTAINER_OF(ctx->active.next, struct lookup, link));
	while (!list_empty(&ctx->done))
		lookup_free(CONTAINER_OF(ctx->done.next, struct lookup, link));
}
