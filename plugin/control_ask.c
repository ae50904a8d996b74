/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions as Postfix asks them: explain and answer. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/value.h"
#include "plugin/control_impl.h"
#include "plugin/netstring.h"

#define ASK_SLICE 16 /* questions of one step: warm ones are answered at once */

struct control_ask {
	struct asker asker;
	struct control_conn *conn;
	size_t at;              /* in the names */
	bool told;              /* the answer has come, and is not shown yet: */
	struct buf frame;
	danests_policy *policy; /* or NULL */
};

struct control_asks {
	size_t active;
	int64_t begun; /* explain: clock_mono_us() */
	struct control_ask each[CONTROL_ASKS];
};

void control_asks_free(struct control_conn *c)
{
	if (c->asks == NULL)
		return;
	for (size_t i = 0; i < CONTROL_ASKS; i++) {
		desk_leave(c->control->service->desk, &c->asks->each[i].asker);
		buf_free(&c->asks->each[i].frame);
		danests_policy_unref(c->asks->each[i].policy);
	}
	free(c->asks);
	c->asks = NULL;
}

static bool begin(struct control_conn *c, asker_fn *answered)
{
	c->asks = calloc(1, sizeof(*c->asks));
	for (size_t i = 0; c->asks != NULL && i < CONTROL_ASKS; i++) {
		c->asks->each[i].conn = c;
		c->asks->each[i].asker.answered = answered;
	}
	return c->asks != NULL;
}

/* One question; true when frame holds its answer. A name too long for any is asked
 * all the same: the desk knows what to say. */
static bool ask(struct control_ask *a, const char *map, const char *name, struct buf *frame)
{
	struct buf payload = {0};
	bool told = true;

	buf_printf(&payload, "%s %s", map, name);
	if (!payload.bad)
		told = desk_ask(a->conn->control->service->desk, &a->asker, payload.data,
		    payload.len, frame);
	buf_free(&payload);
	return told;
}

/* Many may come at once, when one lookup ends: their turn is later. */
static void keep(struct asker *asker, const char *frame, size_t len,
    void (*more)(struct control_conn *))
{
	struct control_ask *a = CONTAINER_OF(asker, struct control_ask, asker);

	a->told = true;
	buf_reset(&a->frame);
	buf_add(&a->frame, frame, len);
	a->conn->more = more;
	control_wake(a->conn);
}

static json_t *payload_of(const char *frame, size_t len)
{
	struct netstring found;

	if (len == 0 || netstring_parse(frame, len, OUTCOME_MAX_REPLY, &found) != NETSTRING_OK)
		return NULL;
	return grow_text_n(found.payload, found.len);
}

/* ---- answer ---- */

static const char *name_at(const struct control_conn *c, size_t at)
{
	return json_string_value(json_array_get(c->request.names, at));
}

static void show(struct control_ask *a, const char *frame, size_t len)
{
	struct grow line = grow_object();

	grow_put(&line, "name", grow_text(name_at(a->conn, a->at)));
	grow_put(&line, "reply", payload_of(frame, len));
	grow_line(&a->conn->out, grow_done(&line));
	a->conn->done++;
}

static struct control_ask *idle_one(struct control_asks *asks)
{
	for (size_t i = 0; i < CONTROL_ASKS; i++)
		if (asks->each[i].asker.pending == NULL && !asks->each[i].told)
			return &asks->each[i];
	return NULL;
}

/* True: all that have come. */
static bool show_some(struct control_conn *c)
{
	int room = ASK_SLICE;

	for (size_t i = 0; i < CONTROL_ASKS && c->asks->active > 0; i++) {
		struct control_ask *a = &c->asks->each[i];

		if (!a->told)
			continue;
		if (room-- == 0)
			return false;
		show(a, a->frame.data, a->frame.bad ? 0 : a->frame.len);
		a->told = false;
		c->asks->active--;
	}
	return true;
}

static void ask_some(struct control_conn *c, size_t count)
{
	struct buf frame = {0};

	for (int i = 0; i < ASK_SLICE && c->at < count && c->asks->active < CONTROL_ASKS &&
	    c->out.len < CONTROL_WRITE; i++) {
		struct control_ask *a = idle_one(c->asks);

		a->at = c->at++;
		buf_reset(&frame);
		if (ask(a, "QUERY", name_at(c, a->at), &frame))
			show(a, frame.data, frame.len);
		else
			c->asks->active++;
	}
	buf_free(&frame);
}

static void answer_some(struct control_conn *c)
{
	size_t count = json_array_size(c->request.names);
	struct grow line;

	if (!show_some(c)) {
		c->more = answer_some;
		return;
	}
	ask_some(c, count);
	if (c->at < count && c->asks->active < CONTROL_ASKS) {
		c->more = answer_some;
	} else if (c->at == count && c->asks->active == 0) {
		line = grow_object();
		grow_put(&line, "count", grow_count(c->done));
		control_ok(c, &line);
	}
}

static void answered(struct asker *asker, const char *frame, size_t len)
{
	keep(asker, frame, len, answer_some);
}

void control_answer(struct control_conn *c)
{
	if (begin(c, answered))
		answer_some(c);
	else
		control_no_memory(c);
}

/* ---- explain ---- */

static const struct override *decided_for(const struct control_conn *c, char *key)
{
	const char *name = c->request.name;
	int len = danests_nexthop_key(name, strlen(name), key, DANESTS_NEXTHOP_MAX + 1);

	if (len <= 0)
		return NULL;
	return overrides_find(c->control->service->desk->options.overrides, key, (size_t)len);
}

static void put_override(struct control_conn *c, struct grow *line,
    const struct override *decided)
{
	const struct overrides *all = c->control->service->desk->options.overrides;
	struct grow out;

	if (decided == NULL)
		return;
	out = grow_object();
	grow_put(&out, "file", grow_text(overrides_path(all)));
	grow_put(&out, "line", json_integer(decided->line));
	grow_put(&out, "what", grow_text(decided->kind == OVERRIDE_REPLY ? "reply" :
	    decided->no_dane ? "no-dane" : "no-sts"));
	grow_put(line, "override", grow_done(&out));
}

/* What Postfix is told, in the form that asks for TLSRPT attributes or the one that
 * does not. */
static void put_reply(struct control_conn *c, struct grow *line, const char *name, int form,
    const danests_policy *policy, const struct override *decided)
{
	struct danests_postfix postfix = c->control->service->desk->options.postfix[form];
	struct buf out = {0};
	char *room;
	size_t len;

	if (decided != NULL && decided->kind == OVERRIDE_REPLY) {
		grow_put(line, name, grow_text_n(decided->reply, decided->reply_len));
		return;
	}
	postfix.no_dane = decided != NULL && decided->no_dane;
	postfix.no_sts = decided != NULL && decided->no_sts;
	if (form == MEMO_PLAIN)
		grow_put(line, "level", grow_text(danests_postfix_level(policy, &postfix)));
	room = buf_room(&out, OUTCOME_MAX_REPLY);
	len = room != NULL ? danests_postfix_reply(policy, &postfix, room, OUTCOME_MAX_REPLY) : 0;
	grow_put(line, name, len > 0 ? grow_text_n(room, len) : NULL);
	buf_free(&out);
}

static void explained(struct control_conn *c)
{
	const struct control_ask *a = &c->asks->each[0];
	char key[DANESTS_NEXTHOP_MAX + 1];
	const struct override *decided = decided_for(c, key);
	struct grow line = grow_object();

	if (a->policy != NULL) {
		grow_put(&line, "nexthop", grow_text(danests_policy_nexthop(a->policy)));
		put_reply(c, &line, "reply", MEMO_PLAIN, a->policy, decided);
		put_reply(c, &line, "reply_tlsrpt", MEMO_TLSRPT, a->policy, decided);
		grow_put(&line, "source", grow_text("lookup"));
		grow_put(&line, "ms", json_integer((clock_mono_us() - c->asks->begun) / 1000));
		value_put_policy(&line, a->policy);
	} else {
		/* It was not looked up, or in vain: the reply says why. */
		grow_put(&line, "reply", payload_of(a->frame.data, a->frame.len));
		grow_put(&line, "reply_tlsrpt", payload_of(a->frame.data, a->frame.len));
		grow_put(&line, "source", grow_text(decided != NULL ? "override" : "none"));
	}
	put_override(c, &line, decided);
	control_ok(c, &line);
}

static void explained_later(struct asker *asker, const char *frame, size_t len)
{
	struct control_ask *a = CONTAINER_OF(asker, struct control_ask, asker);

	if (asker->policy != NULL)
		a->policy = danests_policy_ref(asker->policy);
	keep(asker, frame, len, explained);
}

void control_explain(struct control_conn *c)
{
	struct control_ask *a;

	if (!begin(c, explained_later)) {
		control_no_memory(c);
		return;
	}
	a = &c->asks->each[0];
	a->asker.anew = true;
	c->asks->begun = clock_mono_us();
	if (ask(a, "postfix", c->request.name, &a->frame))
		explained(c);
}
