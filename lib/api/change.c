/* SPDX-License-Identifier: BSD-2-Clause */
/* Other settings for a context at work. */
#include <stdbool.h>
#include <string.h>

#include "api/sources.h"
#include "base/text.h"

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* *s becomes what was in force before. */
static void swap_settings(danests *ctx, struct settings *s)
{
	struct settings before = ctx->settings;

	ctx->settings = *s;
	*s = before;
}

static int change_closed(danests *ctx, struct settings *s)
{
	int r;

	swap_settings(ctx, s);
	r = danests_open(ctx);
	if (r != DANESTS_OK)
		swap_settings(ctx, s);
	return r;
}

/* What the others vouch for is not believed from here on (N2, N3), not even what they
 * are still being asked; nor what the caller has made of it. */
static void forget(danests *ctx)
{
	flights_part(&ctx->flights);
	cache_forget(ctx->cache);
	events_add(&ctx->events, DANESTS_EVENT_CHANGED, "", "%s", "");
	events_add(&ctx->events, DANESTS_EVENT_CACHE_NOTE, "", "answers of DNS are forgotten: they"
	    " rested on another resolver or trust anchor");
}

static int change_open(danests *ctx, struct settings *s)
{
	struct sources fresh;
	bool same_judge;
	int r;

	if (!same_text(ctx->settings.cache_dir, s->cache_dir)) {
		text_format(ctx->problem, sizeof(ctx->problem), "cache_dir cannot change while"
		    " the service runs: restart it");
		return DANESTS_EINVAL;
	}
	r = sources_open_changed(ctx, s, &fresh);
	if (r != DANESTS_OK)
		return r;
	same_judge = fresh.dns == NULL || dns_same_judge(ctx->dns, fresh.dns);
	r = sources_replace(ctx, &fresh);
	if (r != DANESTS_OK) {
		sources_close(&fresh);
		return r;
	}
	if (!same_judge)
		forget(ctx);
	swap_settings(ctx, s);
	cache_set_limit(ctx->cache, ctx->settings.cache_size / 2);
	return DANESTS_OK;
}

ATTR_PUBLIC int danests_change(danests *ctx, const danests *model)
{
	struct settings s;
	int r;

	ctx->problem[0] = '\0';
	if (model->opened) {
		text_format(ctx->problem, sizeof(ctx->problem),
		    "the context with the new settings has been opened");
		return DANESTS_EINVAL;
	}
	r = settings_copy(&s, &model->settings);
	if (r != DANESTS_OK)
		return r;
	r = ctx->opened ? change_open(ctx, &s) : change_closed(ctx, &s);
	if (r == DANESTS_OK)
		cached_drop(&ctx->cached, "");
	settings_free(&s);
	return r;
}
