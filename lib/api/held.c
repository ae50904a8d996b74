/* SPDX-License-Identifier: BSD-2-Clause */
/* The policies that are held, for whoever manages them: RFC 8461 3.3, rule S13. */
#include "api/held.h"

#include <stdlib.h>
#include <string.h>

#include "api/sources.h"
#include "base/clock.h"
#include "base/text.h"
#include "parse/domain.h"

/* On disk a policy takes less than in memory, and may take more room. */
#define HELD_DISK_TIMES 8
#define HELD_DISK_LEAST (UINT64_C(64) << 20)
#define HELD_DISK_MOST (UINT64_C(3584) << 20) /* offsets in the snapshot have 32 bits */

/* Two machines' clocks, or one that was put right. */
#define HELD_CLOCK 86400

struct danests_walk {
	struct cache_walk *walk;
};

static uint64_t disk_bytes(const struct settings *s)
{
	uint64_t bytes = (uint64_t)s->cache_size * HELD_DISK_TIMES;

	return bytes < HELD_DISK_LEAST ? HELD_DISK_LEAST :
	    bytes > HELD_DISK_MOST ? HELD_DISK_MOST : bytes;
}

int held_open(danests *ctx)
{
	const char *dir = ctx->settings.cache_dir;
	int r = cache_new(&ctx->cache, ctx->settings.cache_size / 2);

	if (r == DANESTS_OK && dir != NULL)
		r = store_open(&ctx->store, ctx->loop, &ctx->events, dir,
		    disk_bytes(&ctx->settings), ctx->problem);
	if (r == DANESTS_OK)
		cache_connect(ctx->cache, ctx->store, &ctx->events);
	return r;
}

void held_close(danests *ctx)
{
	refresh_stop(ctx);
	cache_free(ctx->cache);
	store_close(ctx->store);
	ctx->cache = NULL;
	ctx->store = NULL;
}

/* ---- Status ---- */

static void store_text(danests *ctx, const struct store_status *from, struct danests_status *out)
{
	text_format(ctx->cache_text, sizeof(ctx->cache_text), "policies are kept in %s%s%s",
	    ctx->settings.cache_dir, from->trouble[0] != '\0' ? ": " : "", from->trouble);
	out->cache_text = ctx->cache_text;
}

void held_status(danests *ctx, struct danests_status *out)
{
	const struct refresh *r = &ctx->refresh;
	struct store_status from;

	out->held = cache_held_count(ctx->cache) - refresh_over(ctx);
	out->refreshes = r->done;
	out->refreshes_failed = r->done_failed;
	out->cache_text = "policies are kept in memory only: there is no cache_dir";
	if (ctx->store == NULL)
		return;
	store_status(ctx->store, &from);
	out->snapshot_bytes = from.snapshot_bytes;
	out->journal_bytes = from.journal_bytes;
	out->folds = from.folds;
	out->bytes_written = from.written;
	out->unsaved = from.unsaved;
	store_text(ctx, &from, out);
}

/* ---- One ---- */

static int bad(danests *ctx, const char *domain, const char *what)
{
	char name[DOMAIN_MAX + 1];

	text_printable(name, sizeof(name), domain, strlen(domain));
	text_format(ctx->problem, sizeof(ctx->problem), "%s: %s", name, what);
	return DANESTS_EINVAL;
}

static bool to_domain(struct domain *out, const char *text)
{
	return domain_parse(out, text, strlen(text)) == DANESTS_OK;
}

static void give_out(struct danests_held *out, const struct record *from)
{
	static const enum danests_sts_state states[] = {
		[STSBODY_NONE]    = DANESTS_STS_NONE,
		[STSBODY_TESTING] = DANESTS_STS_TESTING,
		[STSBODY_ENFORCE] = DANESTS_STS_ENFORCE,
	};

	*out = (struct danests_held){
		.domain = from->domain, .mode = states[from->mode], .id = from->id,
		.text = from->text, .text_len = from->text_len, .max_age = from->max_age,
		.fetched = from->fetched, .expires = from->expires, .used = from->used,
	};
}

ATTR_PUBLIC int danests_held_get(danests *ctx, const char *domain, struct danests_held *out)
{
	struct domain name;
	struct record record;

	if (danests_open(ctx) != DANESTS_OK || !to_domain(&name, domain) ||
	    !cache_held_get(ctx->cache, name.name, &record))
		return 0;
	give_out(out, &record);
	return 1;
}

/* S4. */
static bool is_id(const char *id)
{
	size_t len = strlen(id);

	for (size_t i = 0; i < len && i <= STSTXT_ID_MAX; i++) {
		if (!text_is_alnum(id[i]))
			return false;
	}
	return len > 0 && len <= STSTXT_ID_MAX;
}

/* All that follows from the text, and times that can be. */
static int complete(danests *ctx, const struct danests_held *held, struct record *r)
{
	char why[STSBODY_WHY];
	time_t now = clock_now();
	struct stsbody body;
	int e = stsbody_parse(&body, held->text, held->text_len, why);

	if (e != DANESTS_OK)
		return e == DANESTS_EINVAL ? bad(ctx, held->domain, why) : e;
	r->mode = body.mode;
	r->max_age = body.max_age;
	stsbody_free(&body);
	if (!is_id(held->id))
		return bad(ctx, held->domain, "the id is not 1 to 32 letters and digits");
	if (held->fetched > now + HELD_CLOCK)
		return bad(ctx, held->domain, "the policy was fetched in the future");
	r->fetched = held->fetched < now ? held->fetched : now;
	r->expires = r->fetched + (time_t)r->max_age;
	r->used = held->used > 0 && held->used < now ? held->used : now;
	if (held->fetched < 0 || r->expires <= now)
		return bad(ctx, held->domain, "the policy is over");
	return DANESTS_OK;
}

ATTR_PUBLIC int danests_held_put(danests *ctx, const struct danests_held *held)
{
	struct domain domain;
	struct record r = { .id = held->id, .text = held->text, .text_len = held->text_len };
	int e = danests_open(ctx);

	if (e != DANESTS_OK)
		return e;
	ctx->problem[0] = '\0';
	if (!to_domain(&domain, held->domain))
		return bad(ctx, held->domain, "not a domain");
	e = complete(ctx, held, &r);
	if (e != DANESTS_OK)
		return e;
	r.domain = domain.name;
	e = cache_held_put(ctx->cache, &r);
	if (e == DANESTS_EINVAL)
		return bad(ctx, held->domain, "cannot be kept");
	if (e == DANESTS_OK)
		refresh_note(ctx, r.max_age);
	return e;
}

ATTR_PUBLIC int danests_held_drop(danests *ctx, const char *domain)
{
	struct domain name;
	int e = danests_open(ctx);

	if (e != DANESTS_OK || !to_domain(&name, domain))
		return e;
	return cache_held_drop(ctx->cache, name.name);
}

/* ---- All ---- */

/* libunbound cannot be told to forget: a fresh one knows nothing. */
ATTR_PUBLIC int danests_forget(danests *ctx)
{
	struct sources fresh;
	int r;

	if (!ctx->opened)
		return DANESTS_OK;
	ctx->problem[0] = '\0';
	cached_drop(&ctx->cached, "");
	cache_forget(ctx->cache);
	flights_part(&ctx->flights);
	r = sources_open_dns(ctx, &ctx->settings, &fresh);
	if (r != DANESTS_OK)
		return r;
	r = sources_replace(ctx, &fresh);
	if (r != DANESTS_OK)
		sources_close(&fresh);
	return r;
}

ATTR_PUBLIC int danests_sync(danests *ctx)
{
	struct store_status status;
	int e;

	if (ctx->store == NULL)
		return DANESTS_OK;
	ctx->problem[0] = '\0';
	e = store_sync(ctx->store);
	if (e == DANESTS_OK)
		return e;
	store_status(ctx->store, &status);
	text_format(ctx->problem, sizeof(ctx->problem), "%s: %s", ctx->settings.cache_dir,
	    status.trouble);
	return e;
}

ATTR_PUBLIC danests_walk *danests_walk_new(danests *ctx)
{
	danests_walk *walk;

	if (danests_open(ctx) != DANESTS_OK)
		return NULL;
	walk = calloc(1, sizeof(*walk));
	if (walk == NULL)
		return NULL;
	walk->walk = cache_walk_new(ctx->cache);
	if (walk->walk != NULL)
		return walk;
	free(walk);
	return NULL;
}

ATTR_PUBLIC enum danests_walk_step danests_walk_next(danests_walk *walk, struct danests_held *out)
{
	struct record record;

	switch (cache_walk_next(walk->walk, &record)) {
	case STORE_END:
		return DANESTS_WALK_END;
	case STORE_RECORD:
		if (!cache_held_in_force(&record))
			return DANESTS_WALK_PAUSE;
		give_out(out, &record);
		return DANESTS_WALK_HELD;
	default:
		return DANESTS_WALK_PAUSE;
	}
}

ATTR_PUBLIC void danests_walk_free(danests_walk *walk)
{
	if (walk == NULL)
		return;
	cache_walk_free(walk->walk);
	free(walk);
}
