/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/sources.h"

#include <stdlib.h>

#include "base/text.h"

struct retired {
	struct list link; /* in the context's list */
	struct sources sources;
};

void sources_close(struct sources *sources)
{
	https_free(sources->https);
	dns_free(sources->dns);
	*sources = (struct sources){0};
}

static int open_https(danests *ctx, const struct settings *s, struct sources *out)
{
	struct https_conf conf = settings_https(s);

	conf.counts = &ctx->counts;
	return https_new(&out->https, ctx->loop, &conf, ctx->problem);
}

int sources_open_dns(danests *ctx, const struct settings *s, struct sources *out)
{
	struct dns_conf conf = settings_dns(s);

	*out = (struct sources){0};
	conf.counts = &ctx->counts;
	return dns_new(&out->dns, ctx->loop, &conf, ctx->problem);
}

int sources_open(danests *ctx, const struct settings *s, struct sources *out)
{
	int r = sources_open_dns(ctx, s, out);

	if (r == DANESTS_OK)
		r = open_https(ctx, s, out);
	if (r != DANESTS_OK)
		sources_close(out);
	return r;
}

/* Certificates of authorities may be others by now, and are soon read. */
int sources_open_changed(danests *ctx, const struct settings *s, struct sources *out)
{
	struct dns_conf conf = settings_dns(s);
	bool same = false;
	int r = dns_like(ctx->dns, &conf, &same, ctx->problem);

	if (r == DANESTS_OK && !same)
		return sources_open(ctx, s, out);
	*out = (struct sources){0};
	return r == DANESTS_OK ? open_https(ctx, s, out) : r;
}

static void retired_free(danests *ctx, struct retired *old)
{
	list_remove(&old->link);
	ctx->retired_count--;
	sources_close(&old->sources);
	free(old);
}

static bool is_idle(const struct sources *sources)
{
	return (sources->dns == NULL || dns_idle(sources->dns)) &&
	    (sources->https == NULL || https_idle(sources->https));
}

int sources_replace(danests *ctx, const struct sources *fresh)
{
	struct sources out = {
		.dns = fresh->dns != NULL ? ctx->dns : NULL,
		.https = fresh->https != NULL ? ctx->https : NULL,
	};
	struct retired *old;

	sources_tidy(ctx);
	/* Each is gone when the time of its last question is over. */
	if (ctx->retired_count >= SOURCES_RETIRED_MAX && !is_idle(&out)) {
		text_format(ctx->problem, sizeof(ctx->problem), "%d changes of settings are not"
		    " over yet: questions under way still use them; try again in a minute",
		    SOURCES_RETIRED_MAX);
		return DANESTS_EBUSY;
	}
	old = calloc(1, sizeof(*old));
	if (old == NULL)
		return DANESTS_ENOMEM;
	list_append(&ctx->retired, &old->link);
	ctx->retired_count++;
	old->sources = out;
	if (fresh->dns != NULL)
		ctx->dns = fresh->dns;
	if (fresh->https != NULL)
		ctx->https = fresh->https;
	sources_tidy(ctx);
	return DANESTS_OK;
}

void sources_tidy(danests *ctx)
{
	struct list *next;

	for (struct list *at = ctx->retired.next; at != &ctx->retired; at = next) {
		struct retired *old = CONTAINER_OF(at, struct retired, link);

		next = at->next;
		/* A DNS helper and its sockets need not outlive DNS for a slow fetch. */
		if (old->sources.dns != NULL && dns_idle(old->sources.dns)) {
			dns_free(old->sources.dns);
			old->sources.dns = NULL;
		}
		if (old->sources.dns == NULL &&
		    (old->sources.https == NULL || https_idle(old->sources.https)))
			retired_free(ctx, old);
	}
}

void sources_drop(danests *ctx)
{
	while (!list_empty(&ctx->retired))
		retired_free(ctx, CONTAINER_OF(ctx->retired.next, struct retired, link));
}
