/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where questions are answered: from the memo, or by a lookup that all who ask for
 * the same nexthop wait for together. Knows nothing of sockets to clients.
 */
#ifndef PLUGIN_DESK_H
#define PLUGIN_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/loop.h"
#include "plugin/changes.h"
#include "plugin/logline.h"
#include "plugin/memo.h"
#include "plugin/news.h"
#include "plugin/outcome.h"
#include "plugin/overrides.h"
#include "plugin/pending.h"
#include "plugin/stats.h"
#include "plugin/worker.h"

struct asker;

/* The answer to a question that had to wait: a frame, to be copied. The asker may
 * ask again from inside, and may go away. */
typedef void asker_fn(struct asker *asker, const char *frame, size_t len);

/* Whoever asks one question at a time; part of something larger. Zeroed, with
 * answered set, it is ready. */
struct asker {
	asker_fn *answered;
	struct pending *pending; /* what it waits for; NULL: nothing */
	struct list mate;        /* in pending->waiters */
	struct list place;       /* in desk.waiting */
	int64_t deadline;        /* clock_mono_ms() */
	int form;                /* MEMO_PLAIN or MEMO_TLSRPT */
	bool anew;               /* wants a lookup, whatever is remembered */
	danests_policy *policy;  /* what it came to, until answered() returns; or NULL */
};

struct desk_options {
	struct danests_postfix postfix[MEMO_FORMS];
	const struct overrides *overrides; /* the caller's; NULL: none */
	bool query_tlsrpt;      /* tlsrpt = yes */
	size_t memo_bytes;
	size_t max_lookups;     /* at the worker at once */
	size_t max_queued;      /* lookups that wait for their turn; more are refused */
	int64_t answer_timeout; /* ms */
	time_t log_repeat;      /* s */
};

struct desk {
	struct desk_options options;
	struct loop *loop;
	struct worker *worker;
	struct changes changes;    /* of policies, and of what all answers rest on */
	struct memo memo;
	struct pendings pendings;
	struct news news;          /* warnings given */
	struct list waiting;       /* askers, the one whose time is up first in front */
	struct loop_timer late;    /* for the first of them */
	struct loop_watch done;
	struct log_limit failures;
	struct stats stats;
	const char *closing;       /* why no lookup begins any more, or NULL */
	outcome_replies reply;     /* of the lookup that ends just now */
	outcome_frame decided;     /* by an override, just now: perhaps while that is told */
};

/* DANESTS_OK, DANESTS_ENOMEM, DANESTS_ESYSTEM. loop and worker stay the caller's. */
int desk_new(struct desk **out, struct loop *loop, struct worker *worker,
    const struct desk_options *options) ATTR_MUST_CHECK;

/* After the worker has been stopped; nobody waits any more. NULL is fine. */
void desk_free(struct desk *desk);

/*
 * The request in payload. True: its reply, framed, has been added to out. False:
 * the asker waits, and answered() will be called once, unless desk_leave() is.
 */
bool desk_ask(struct desk *desk, struct asker *asker, const char *payload, size_t len,
    struct buf *out);

/* Forget an asker; one that waits for nothing is fine. What it asked goes on when
 * it has begun. */
void desk_leave(struct desk *desk, struct asker *asker);

/*
 * Other options from now on. With old not NULL what is remembered rests on what is no
 * longer true: the memo begins anew, what lookups under way come to is for those who
 * wait already and is not remembered, and *old is the former memo, the caller's to free:
 * that may take a while.
 */
void desk_configure(struct desk *desk, const struct desk_options *options, struct memo *old);

/*
 * The policy of this domain is another one: what was made of the old one holds no
 * longer, by whatever port and brackets it was asked for. "": of all domains, and
 * nothing that is remembered holds. Questions from now on wait for no lookup from before.
 */
void desk_forget(struct desk *desk, const char *domain);

/* TEMP with this reason (static) to everybody who waits, and from now on to all who
 * would have to. */
void desk_close(struct desk *desk, const char *reason);

#endif
