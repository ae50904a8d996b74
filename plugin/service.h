/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of a running service, for those that serve its administrator: control,
 * metrics, reload. All of it belongs to the thread that serves.
 */
#ifndef PLUGIN_SERVICE_H
#define PLUGIN_SERVICE_H

#include <time.h>

#include "base/loop.h"
#include "plugin/conf.h"
#include "plugin/conn.h"
#include "plugin/desk.h"
#include "plugin/listen.h"
#include "plugin/overrides.h"
#include "plugin/worker.h"

struct control;
struct metrics;
struct reload;
struct server;

struct service {
	struct conf *conf;           /* in force */
	const struct conf_sources *sources; /* where it comes from */
	struct overrides *overrides; /* or NULL */
	struct listeners *listeners; /* for Postfix */
	struct listeners *control;   /* for the administrator; may be empty */
	struct listeners *metrics;   /* for Prometheus; may be empty */
	struct worker *worker;
	struct loop *loop;           /* from here on made by server_new() */
	struct desk *desk;
	struct conns *conns;
	struct server *server;
	struct reload *reload;       /* for SIGHUP; NULL before there is one */
	struct control *administration; /* who serves control ... */
	struct metrics *figures;     /* ... and metrics */
	time_t started;
};

#endif
