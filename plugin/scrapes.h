/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections of those who want figures: a few, each for one request of HTTP/1 and for
 * a bounded time, and none of them is waited for. Knows nothing of the figures.
 */
#ifndef PLUGIN_SCRAPES_H
#define PLUGIN_SCRAPES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/loop.h"
#include "plugin/listen.h"
#include "plugin/logline.h"

struct scrapes {
	/* To be set before scrapes_open(), the rest zeroed. */
	struct loop *loop;
	struct listeners *listeners;
	void (*wanted)(struct scrapes *scrapes); /* somebody waits for scrapes_answer() */

	struct list all;
	size_t count;
	struct loop_timer resume;
	struct log_limit complaints;
	bool paused, closing;
};

/* DANESTS_OK, DANESTS_ENOMEM, DANESTS_ESYSTEM. In either case scrapes_close() it. */
int scrapes_open(struct scrapes *scrapes) ATTR_MUST_CHECK;

/* Take clients, or leave them in their queue while the listeners change. */
void scrapes_watch(struct scrapes *scrapes, bool on);

/* This is the text for all who wait. A bad one hangs up. */
void scrapes_answer(struct scrapes *scrapes, const struct buf *text);

/* Everybody is sent away. The listeners are left alone. */
void scrapes_close(struct scrapes *scrapes);

#endif
