/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/ctx.h"

#include <stdlib.h>
#include <string.h>

#include "api/held.h"
#include "api/lookup.h"
#include "api/sources.h"
#include "base/text.h"

/* What was made of a policy that is held no longer holds no longer. */
static void on_event(void *arg, enum danests_event_kind kind, const char *domain)
{
	danests *ctx = arg;

	if (kind == DANESTS_EVENT_CHANGED ||
	    (kind == DANESTS_EVENT_CACHE_TROUBLE && domain[0] != '\0'))
		cached_drop(&ctx->cached, domain);
}

ATTR_PUBLIC int danests_new(danests **out)
{
	danests *ctx = calloc(1, sizeof(*ctx));
	int r;

	if (ctx == NULL)
		return DANESTS_ENOMEM;
	r = loop_new(&ctx->loop);
	if (r != DANESTS_OK) {
		free(ctx);
		return r;
	}
	settings_init(&ctx->settings);
	flights_init(&ctx->flights, &ctx->arrivals);
	list_init(&ctx->arrivals);
	events_init(&ctx->events);
	ctx->events.heard = on_event;
	ctx->events.arg = ctx;
	list_init(&ctx->active);
	list_init(&ctx->done);
	list_init(&ctx->retired);
	*out = ctx;
	return DANESTS_OK;
}

/* Sources go first: they still hold asks that the flights own. */
static void ctx_close(danests *ctx)
{
	struct sources sources = { .dns = ctx->dns, .https = ctx->https };

	sources_drop(ctx);
	sources_close(&sources);
	held_close(ctx);
	ctx->https = NULL;
	ctx->dns = NULL;
}

ATTR_PUBLIC void danests_free(danests *ctx)
{
	if (ctx == NULL)
		return;
	ctx_close(ctx);
	lookup_drop_all(ctx);
	cached_free(&ctx->cached);
	flights_free(&ctx->flights);
	events_clear(&ctx->events);
	loop_free(ctx->loop);
	settings_free(&ctx->settings);
	free(ctx);
}

ATTR_PUBLIC int danests_set(danests *ctx, const char *name, const char *value)
{
	ctx->problem[0] = '\0';
	if (ctx->opened) {
		text_format(ctx->problem, sizeof(ctx->problem),
		    "%s: settings cannot change after the first lookup", name);
		return DANESTS_EBUSY;
	}
	return settings_set(&ctx->settings, name, value, ctx->problem);
}

ATTR_PUBLIC int danests_set_stub(danests *ctx, const char *path)
{
	char *copy;

	ctx->problem[0] = '\0';
	if (ctx->opened)
		return DANESTS_EBUSY;
	copy = strdup(path);
	if (copy == NULL)
		return DANESTS_ENOMEM;
	free(ctx->settings.stub);
	ctx->settings.stub = copy;
	return DANESTS_OK;
}

ATTR_PUBLIC int danests_open(danests *ctx)
{
	struct sources sources;
	int r;

	if (ctx->opened)
		return DANESTS_OK;
	ctx->problem[0] = '\0';
	r = held_open(ctx);
	if (r == DANESTS_OK)
		r = sources_open(ctx, &ctx->settings, &sources);
	if (r != DANESTS_OK) {
		ctx_close(ctx);
		return r;
	}
	ctx->dns = sources.dns;
	ctx->https = sources.https;
	ctx->opened = true;
	refresh_start(ctx);
	return DANESTS_OK;
}

ATTR_PUBLIC const char *danests_problem(const danests *ctx) { return ctx->problem; }

ATTR_PUBLIC void danests_get_status(danests *ctx, struct danests_status *out)
{
	*out = (struct danests_status){
		.dnssec_text = "not opened yet",
		.resolver_text = "",
		.lookups = ctx->active_count,
		.parked = ctx->parked_count,
	};
	if (!ctx->opened)
		return;
	out->dnssec = dns_trust(ctx->dns, &out->dnssec_text, &out->resolver_text);
	out->cache_entries = cache_entries(ctx->cache);
	out->cache_bytes = cache_bytes(ctx->cache);
	counts_status(&ctx->counts, out);
	held_status(ctx, out);
}

ATTR_PUBLIC unsigned int danests_times_limit(size_t i) { return times_limit(i); }

ATTR_PUBLIC int danests_start_extra(danests *ctx, const char *nexthop, unsigned int extra,
    void *tag)
{
	const unsigned int known = DANESTS_EXTRA_TEXTS | DANESTS_EXTRA_CHAIN;
	struct nexthop nh;
	int r;

	if ((extra & ~known) != 0)
		return DANESTS_EINVAL;
	r = nexthop_parse(&nh, nexthop, strlen(nexthop));
	if (r == DANESTS_OK)
		r = danests_open(ctx);
	if (r == DANESTS_OK &&
	    ctx->active_count - ctx->parked_count >= ctx->settings.max_lookups)
		r = DANESTS_EBUSY;
	if (r != DANESTS_OK)
		return r;
	return lookup_start(ctx, &nh, extra, tag);
}

ATTR_PUBLIC int danests_start(danests *ctx, const char *nexthop, void *tag)
{
	return danests_start_extra(ctx, nexthop, 0, tag);
}

ATTR_PUBLIC bool danests_cached(danests *ctx, const char *nexthop, danests_policy **out)
{
	danests_policy *policy;
	struct nexthop nh;

	if (cached_begin(&ctx->cached) != DANESTS_OK ||
	    nexthop_parse(&nh, nexthop, strlen(nexthop)) != DANESTS_OK)
		return false;
	policy = cached_get(&ctx->cached, &nh);
	if (policy == NULL)
		return false;
	*out = policy;
	return true;
}

ATTR_PUBLIC void danests_cancel(danests *ctx, const void *tag) { lookup_cancel(ctx, tag); }

ATTR_PUBLIC int danests_fd(const danests *ctx) { return loop_fd(ctx->loop); }

/* What has arrived but was not handed on yet is due now, whatever the loop says. */
ATTR_PUBLIC int danests_timeout(const danests *ctx)
{
	if (!list_empty(&ctx->arrivals) || !list_empty(&ctx->done))
		return 0;
	return loop_timeout(ctx->loop);
}

ATTR_PUBLIC int danests_process(danests *ctx)
{
	int r = loop_turn(ctx->loop, 0);

	lookup_turn(ctx);
	sources_tidy(ctx);
	return r;
}

ATTR_PUBLIC bool danests_next_event(danests *ctx, struct danests_event *out)
{
	return events_next(&ctx->events, out);
}

ATTR_PUBLIC bool danests_reap(danests *ctx, struct danests_done *out)
{
	return lookup_reap(ctx, out);
}
