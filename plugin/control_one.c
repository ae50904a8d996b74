/* SPDX-License-Identifier: BSD-2-Clause */
/* One policy, or some by their names: get, sync, and purge with names. */
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/held.h"
#include "plugin/control_impl.h"

#define DROP_US 1000 /* as control_walk.c */

void control_keep_problem(struct control_conn *c, danests *ctx)
{
	const char *problem = danests_problem(ctx);

	if (problem[0] == '\0')
		problem = danests_strerror(c->result);
	text_printable(c->problem, sizeof(c->problem), problem, strlen(problem));
}

bool control_domain(const char *name, char domain[DANESTS_NEXTHOP_MAX + 1])
{
	int len = danests_nexthop_key(name, strlen(name), domain, DANESTS_NEXTHOP_MAX + 1);

	return len > 0 && domain[0] != '[' && strchr(domain, ':') == NULL;
}

/* ---- get ---- */

static void get_work(struct control_conn *c, danests *ctx)
{
	char domain[DANESTS_NEXTHOP_MAX + 1];
	struct danests_held held;

	if (!control_domain(c->request.name, domain) || danests_held_get(ctx, domain, &held) != 1)
		return;
	c->done = 1;
	c->found = held_value(&held, true);
}

static void get_home(struct control_conn *c)
{
	struct grow line;

	if (c->done == 0) {
		control_error(c, PROTO_NOT_HELD, "no policy is held for it", EX_NOINPUT);
		return;
	}
	line = grow_object();
	grow_put(&line, "policy", c->found);
	c->found = NULL;
	control_ok(c, &line);
}

void control_get(struct control_conn *c)
{
	control_errand(c, get_work, get_home);
}

/* ---- sync ---- */

static void sync_work(struct control_conn *c, danests *ctx)
{
	c->result = danests_sync(ctx);
	if (c->result != DANESTS_OK)
		control_keep_problem(c, ctx);
}

static void sync_home(struct control_conn *c)
{
	struct grow line;

	if (c->result == DANESTS_ENOMEM) {
		control_no_memory(c);
	} else if (c->result != DANESTS_OK) {
		control_error(c, PROTO_DISK, c->problem, EX_IOERR);
	} else {
		line = grow_object();
		control_ok(c, &line);
	}
}

void control_sync(struct control_conn *c)
{
	control_errand(c, sync_work, sync_home);
}

/* ---- purge with names ---- */

static void drop_one(struct control_conn *c, danests *ctx, const char *name)
{
	char domain[DANESTS_NEXTHOP_MAX + 1];
	struct danests_held held;
	struct grow line;

	if (!control_domain(name, domain))
		return;
	if (danests_held_get(ctx, domain, &held) != 1) {
		/* It may be over by a clock that is ahead; of which mode it was, nobody says. */
		if (c->request.all)
			c->result = danests_held_drop(ctx, domain);
		return;
	}
	if (held.mode == DANESTS_STS_ENFORCE && !c->request.all) {
		c->kept++;
		line = grow_object();
		grow_put(&line, "kept", grow_text(domain));
		grow_line(&c->lines, grow_done(&line));
		return;
	}
	c->result = danests_held_drop(ctx, domain);
	c->done += c->result == DANESTS_OK;
}

static void drop_work(struct control_conn *c, danests *ctx)
{
	int64_t end = clock_mono_us() + DROP_US;
	size_t count = json_array_size(c->request.names);

	while (c->at < count && c->result == DANESTS_OK) {
		drop_one(c, ctx, json_string_value(json_array_get(c->request.names, c->at)));
		c->at++;
		if (clock_mono_us() >= end)
			break;
	}
	if (c->at == count && c->result == DANESTS_OK)
		sync_work(c, ctx);
}

static void drop_home(struct control_conn *c)
{
	struct grow line;

	buf_add(&c->out, c->lines.data, c->lines.len);
	buf_reset(&c->lines);
	if (c->result == DANESTS_OK && c->at < json_array_size(c->request.names)) {
		c->more = control_drop;
		return;
	}
	if (c->result == DANESTS_ENOMEM || c->lines.bad) {
		control_no_memory(c);
	} else if (c->result != DANESTS_OK) {
		control_error(c, PROTO_DISK, c->problem, EX_IOERR);
	} else {
		line = grow_object();
		grow_put(&line, "purged", grow_count(c->done));
		grow_put(&line, "kept", grow_count(c->kept));
		control_ok(c, &line);
	}
}

void control_drop(struct control_conn *c)
{
	control_errand(c, drop_work, drop_home);
}
