/* SPDX-License-Identifier: BSD-2-Clause */
/* All policies that are held, a few at a time: list, export, and purge without names. */
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/held.h"
#include "plugin/control_impl.h"

/* One errand: lookups wait meanwhile, and then warm questions while it is sent. */
#define WALK_MOST 10000 /* policies, expired and unwanted ones too */
#define WALK_US 1000

/* "example.com" has itself and what is below it. */
static bool has_suffix(const char *domain, const char *suffix)
{
	size_t len = strlen(domain), end = strlen(suffix);

	if (end > len || !text_equal_nocase(domain + len - end, suffix))
		return false;
	return end == len || domain[len - end - 1] == '.';
}

static bool is_wanted(const struct request *request, const struct danests_held *held)
{
	return (request->mode < 0 || (enum danests_sts_state)request->mode == held->mode) &&
	    (request->name == NULL || has_suffix(held->domain, request->name));
}

static void show(struct control_conn *c, const struct danests_held *held)
{
	struct grow line;

	if (!is_wanted(&c->request, held)) {
		c->kept++;
		return;
	}
	line = grow_object();
	grow_put(&line, "policy", held_value(held, c->request.what == REQUEST_EXPORT));
	grow_line(&c->lines, grow_done(&line));
	c->done++;
}

/* S13: an enforce policy that is forgotten lets the next attacker in. */
static void purge(struct control_conn *c, const struct danests_held *held, danests *ctx)
{
	char domain[DANESTS_NEXTHOP_MAX + 1];

	if (held->mode == DANESTS_STS_ENFORCE && !c->request.all) {
		c->kept++;
		return;
	}
	text_format(domain, sizeof(domain), "%s", held->domain);
	c->result = danests_held_drop(ctx, domain);
	c->done += c->result == DANESTS_OK;
}

/* After the last one. */
static void purge_rest(struct control_conn *c, danests *ctx)
{
	c->result = danests_forget(ctx);
	c->unforgotten = c->result != DANESTS_OK;
	if (c->unforgotten)
		control_keep_problem(c, ctx);
	if (danests_sync(ctx) == DANESTS_OK)
		return;
	c->unforgotten = false;
	c->result = DANESTS_ECACHE;
	control_keep_problem(c, ctx);
}

static void work(struct control_conn *c, danests *ctx)
{
	int64_t end = clock_mono_us() + WALK_US;
	enum danests_walk_step r = DANESTS_WALK_PAUSE;
	bool purges = c->request.what == REQUEST_PURGE;
	struct danests_held held;

	if (c->walk == NULL && (c->walk = danests_walk_new(ctx)) == NULL) {
		c->result = DANESTS_ENOMEM;
		return;
	}
	for (int i = 0; i < WALK_MOST && r != DANESTS_WALK_END && c->result == DANESTS_OK; i++) {
		r = danests_walk_next(c->walk, &held);
		if (r == DANESTS_WALK_HELD && purges)
			purge(c, &held, ctx);
		else if (r == DANESTS_WALK_HELD)
			show(c, &held);
		if (c->lines.bad)
			c->result = DANESTS_ENOMEM;
		if (c->lines.len >= CONTROL_WRITE || clock_mono_us() >= end)
			break;
	}
	c->walked = r == DANESTS_WALK_END;
	if (!c->walked && c->result == DANESTS_OK)
		return;
	danests_walk_free(c->walk);
	c->walk = NULL;
	if (c->walked && purges)
		purge_rest(c, ctx);
}

static void home(struct control_conn *c);

static void go_on(struct control_conn *c)
{
	control_errand(c, work, home);
}

static void finish(struct control_conn *c)
{
	struct grow line = grow_object();

	if (c->request.what == REQUEST_PURGE) {
		grow_put(&line, "purged", grow_count(c->done));
		grow_put(&line, "kept", grow_count(c->kept));
	} else {
		grow_put(&line, "count", grow_count(c->done));
	}
	control_ok(c, &line);
}

static void fail(struct control_conn *c)
{
	char reason[REQUEST_PROBLEM + 100];

	if (c->unforgotten) {
		text_format(reason, sizeof(reason), "policies are purged, but answers of DNS are not"
		    " forgotten: %s; try again", c->problem);
		control_error(c, PROTO_BUSY, reason, EX_TEMPFAIL);
	} else if (c->result == DANESTS_ENOMEM) {
		control_no_memory(c);
	} else {
		control_error(c, PROTO_DISK, c->problem, EX_IOERR);
	}
}

static void home(struct control_conn *c)
{
	buf_add(&c->out, c->lines.data, c->lines.len);
	buf_reset(&c->lines);
	if (c->request.what == REQUEST_PURGE && (c->walked || c->result != DANESTS_OK))
		desk_forget(c->control->service->desk, "");
	if (c->result == DANESTS_OK && !c->walked)
		c->more = go_on;
	else if (c->result == DANESTS_OK)
		finish(c);
	else
		fail(c);
}

void control_walk(struct control_conn *c)
{
	go_on(c);
}
