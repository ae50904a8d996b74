/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One connection of the control socket, between control_turn.c, which reads and writes,
 * control_conn.c, which takes requests, and those that fulfil them: control_walk.c,
 * control_one.c,
 * control_import.c, control_overrides.c, control_ask.c, control_status.c.
 */
#ifndef PLUGIN_CONTROL_IMPL_H
#define PLUGIN_CONTROL_IMPL_H

#include "base/buf.h"
#include "base/list.h"
#include "base/loop.h"
#include "ctl/grow.h"
#include "ctl/proto.h"
#include "ctl/request.h"
#include "plugin/control.h"
#include "plugin/worker.h"

#define CONTROL_MAX 16          /* connections */
#define CONTROL_STALL_MS 100000 /* half lines and slow readers */
#define CONTROL_IDLE_MS 60000   /* then it makes room for another one */
#define CONTROL_READ 65536
#define CONTROL_WRITE 65536     /* lines that are gathered before they must be read */
#define CONTROL_ASKS 64         /* names of one connection that are asked at once */
#define CONTROL_SHORT 4096      /* longer lines are read by the worker */

struct control {
	struct service *service;
	struct list all;            /* connections, those that are over but for an errand too */
	size_t count;               /* of those that are open */
	struct list ready;          /* those whose turn has come, first come first */
	struct loop_timer sweep, resume, turn;
	bool ending;
};

struct control_asks;
struct control_imports;

struct control_conn {
	struct control *control;
	struct list all, ready;
	struct loop_watch watch;
	int events;                 /* what has happened to it since its last turn */
	struct buf in, out;
	size_t seen;                /* of in: no end of line in there */
	int64_t stalled;            /* clock_mono_ms() since when; 0: not at all */
	int64_t heard;              /* when it last sent something, or was answered */
	bool eof;                   /* the client sends no more, but may still be reading */
	bool last;                  /* closed once all is written */
	int fd;                     /* -1: over, kept for its errand */

	bool busy;                  /* request is being fulfilled */
	struct request request;
	/* How it goes on once the client has read all; NULL: it waits for something. */
	void (*more)(struct control_conn *c);

	/* The errand under way, and what it brings: the worker's in between. */
	struct errand errand;
	bool away;                  /* at the worker */
	bool back;                  /* home() is due */
	void (*work)(struct control_conn *c, danests *ctx);
	void (*home)(struct control_conn *c);
	danests_walk *walk;
	struct buf lines;           /* finished ones; before that, a long request */
	bool walked;                /* to its end */
	bool unforgotten;           /* purge: what DNS said, see result */
	json_t *found;              /* get: a value made there */
	uint64_t done, kept;        /* policies: shown or purged; passed over */
	size_t at;                  /* names, likewise */
	const struct override *override; /* the last one shown ... */
	uint64_t reloads;           /* ... which a reload frees */
	int result;                 /* enum danests_error; of reading: sysexits.h */
	char problem[REQUEST_PROBLEM];

	struct control_asks *asks;
	struct control_imports *imports;
};

/* ---- control_conn.c ---- */

/* Serve this descriptor, which is non-blocking. On failure it has been closed. */
bool control_conn_new(struct control *control, int fd);
/* Over; freed now or, while it has an errand, when that is back. */
void control_conn_close(struct control_conn *c);
void control_conn_free(struct control_conn *c);

/* What the worker shall do with the context, and then we. */
void control_errand(struct control_conn *c, void (*work)(struct control_conn *, danests *),
    void (*home)(struct control_conn *));

/* The last line of an answer. */
void control_ok(struct control_conn *c, struct grow *object);
void control_error(struct control_conn *c, const char *token, const char *reason, int code);
void control_no_memory(struct control_conn *c);

/* What request_read() did not take. After EX_USAGE the connection is closed. */
void control_refuse(struct control_conn *c, int code, const char *problem);

/* The next request, if a whole one has come. */
bool control_take_line(struct control_conn *c);

/* That much of c->in, whole lines, has been taken. */
void control_taken(struct control_conn *c, size_t len);

/* ---- control_turn.c ---- */

/* Something has happened to it: its turn will come. May close it. */
void control_wake(struct control_conn *c);

/* For its watch. */
void control_on_event(void *arg, int events);

/* ---- control_one.c ---- */

/* What the last call on the context said, kept in c->problem. */
void control_keep_problem(struct control_conn *c, danests *ctx);

/* The one spelling under which policies are held. */
bool control_domain(const char *name, char domain[DANESTS_NEXTHOP_MAX + 1]);

/* ---- What each request does, or begins ---- */

void control_status(struct control_conn *c);
void control_walk(struct control_conn *c);   /* list, export, purge of all */
void control_get(struct control_conn *c);
void control_drop(struct control_conn *c);   /* purge of some */
void control_import(struct control_conn *c); /* which has been read, or is a line still */
void control_sync(struct control_conn *c);
void control_overrides(struct control_conn *c);
void control_explain(struct control_conn *c);
void control_answer(struct control_conn *c);

/* It waits for no answer any more. */
void control_asks_free(struct control_conn *c);

bool control_is_import(const struct control_conn *c); /* what is next */
void control_imports_free(struct control_conn *c);

#endif
