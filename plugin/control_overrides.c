/* SPDX-License-Identifier: BSD-2-Clause */
/* What the administrator has decided. */
#include <sysexits.h>

#include "plugin/control_impl.h"

#define OVERRIDES_SLICE 50 /* of one step: others want theirs */

static void show(struct control_conn *c, const struct override *o, const char *key, size_t len)
{
	struct grow line = grow_object(), out = grow_object();

	grow_put(&out, "key", grow_text_n(key, len));
	if (o->kind == OVERRIDE_REPLY) {
		grow_put(&out, "what", grow_text("reply"));
		grow_put(&out, "reply", grow_text_n(o->reply, o->reply_len));
	} else {
		grow_put(&out, "what", grow_text(o->no_dane ? "no-dane" : "no-sts"));
	}
	grow_put(&line, "override", grow_done(&out));
	grow_line(&c->out, grow_done(&line));
	c->done++;
}

static void some(struct control_conn *c)
{
	const struct desk *desk = c->control->service->desk;
	const char *key;
	size_t len;

	if (c->reloads != desk->stats.reloads) {
		control_error(c, PROTO_BUSY, "the configuration has been read again meanwhile; try"
		    " again", EX_TEMPFAIL);
		return;
	}
	for (int i = 0; i < OVERRIDES_SLICE; i++) {
		c->override = overrides_next(desk->options.overrides, &c->at, c->override, &key, &len);
		if (c->override == NULL) {
			struct grow line = grow_object();

			grow_put(&line, "count", grow_count(c->done));
			control_ok(c, &line);
			return;
		}
		show(c, c->override, key, len);
	}
	c->more = some;
}

void control_overrides(struct control_conn *c)
{
	c->override = NULL;
	c->reloads = c->control->service->desk->stats.reloads;
	some(c);
}
