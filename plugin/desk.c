/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/desk.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "plugin/desk_impl.h"
#include "plugin/outcome.h"
#include "plugin/own.h"
#include "plugin/socketmap.h"

static void add_own(struct desk *desk, struct buf *out, enum level level, const char *reply)
{
	own_frame frame;

	stats_decide(&desk->stats, STATS_OWN, level);
	buf_add(out, frame, own_reply(frame, reply));
}

static void add_temp(struct desk *desk, struct buf *out, const char *key, const char *reason)
{
	own_frame frame;

	stats_decide(&desk->stats, STATS_OWN, LEVEL_TEMP);
	buf_add(out, frame, own_temp(frame, key, reason));
}

/* ---- Waiting ---- */

static struct asker *first_waiting(struct desk *desk)
{
	if (list_empty(&desk->waiting))
		return NULL;
	return CONTAINER_OF(desk->waiting.next, struct asker, place);
}

/* It waits no longer. */
void desk_release(struct asker *asker)
{
	list_remove(&asker->mate);
	list_remove(&asker->place);
	asker->pending = NULL;
}

void desk_answer_temp(struct desk *desk, struct asker *asker, const char *key,
    const char *reason)
{
	own_frame frame;
	size_t len = own_temp(frame, key, reason);

	desk_release(asker);
	stats_decide(&desk->stats, STATS_OWN, LEVEL_TEMP);
	asker->answered(asker, frame, len);
}

static void late(void *arg);

static void set_late(struct desk *desk)
{
	struct asker *first = first_waiting(desk);

	/* Without memory for a timer the lookup's own time-outs still bound the wait. */
	if (first == NULL || loop_timer(desk->loop, &desk->late,
	    first->deadline - clock_mono_ms(), late, desk) != DANESTS_OK)
		loop_untimer(desk->loop, &desk->late);
}

void desk_start_next(struct desk *desk)
{
	size_t most = desk->options.max_lookups + worker_parked(desk->worker);

	while (desk->pendings.running < most) {
		struct pending *p = pending_next(&desk->pendings);

		if (p == NULL)
			return;
		p->mark = changes_mark(&desk->changes, p->key, p->key_len);
		worker_submit(desk->worker, &p->job);
	}
}

/* Postfix must hear something well inside its 100 s. The lookup goes on. */
static void late(void *arg)
{
	struct desk *desk = arg;
	int64_t now = clock_mono_ms();
	char reason[OWN_REASON];
	struct asker *asker;

	while ((asker = first_waiting(desk)) != NULL && asker->deadline <= now) {
		struct pending *p = asker->pending;

		own_late(reason, desk->options.answer_timeout, p->running);
		desk->stats.late++;
		desk_answer_temp(desk, asker, p->key, reason);
	}
	desk_start_next(desk); /* there may be room by now of which nobody told us */
	set_late(desk);
}

/* The lookup to wait for. One from before a change is none: it may rest on what was then.
 * max_lookups bounds these, too. */
static struct pending *find_pending(struct desk *desk, const char *key, size_t len)
{
	struct pending *p = pending_find(&desk->pendings, key, len);

	if (p == NULL || !p->running || changes_hold(&desk->changes, p->mark))
		return p;
	pending_retire(&desk->pendings, p);
	return NULL;
}

/* A cold question. False: no lookup, and the reply says why. */
static bool wait_for(struct desk *desk, struct asker *asker, const char *key, size_t len,
    struct buf *out)
{
	struct pending *p = find_pending(desk, key, len);
	bool alone = list_empty(&desk->waiting);

	desk->stats.misses++;
	if (desk->closing != NULL) {
		add_temp(desk, out, key, desk->closing);
		return false;
	}
	if (p == NULL && desk->pendings.queued >= desk->options.max_queued) {
		desk->stats.refused++;
		add_temp(desk, out, key, "too many lookups are waiting (max_lookups), try again");
		return false;
	}
	if (p == NULL && (p = pending_add(&desk->pendings, key, len)) == NULL) {
		add_temp(desk, out, key, danests_strerror(DANESTS_ENOMEM));
		return false;
	}
	asker->pending = p;
	asker->deadline = clock_mono_ms() + desk->options.answer_timeout;
	list_append(&p->waiters, &asker->mate);
	list_append(&desk->waiting, &asker->place);
	if (alone)
		set_late(desk);
	desk_start_next(desk);
	return true;
}

/* ---- Asking ---- */

static void answer_warm(struct desk *desk, struct memo_entry *e, const char *key, size_t len,
    int form, time_t now, struct buf *out)
{
	struct memo_reply reply = memo_reply(e, form);

	stats_decide(&desk->stats, memo_override(e) != MEMO_FREE ? STATS_OVERRIDE : STATS_CACHE,
	    memo_level(e, form));
	buf_add(out, reply.data, reply.len);
	if (now - memo_logged(e) >= desk->options.log_repeat) {
		struct memo_value value;

		memo_read(e, &value);
		outcome_log(key, len, &value, form, "cache", now);
		memo_set_logged(e, now);
	}
}

/* What the administrator has decided needs no lookup. False: nothing was. */
static bool answer_decided(struct desk *desk, const char *key, size_t len, int form, time_t now,
    struct buf *out)
{
	const struct override *decided = overrides_find(desk->options.overrides, key, len);
	char reason[OUTCOME_REASON];
	struct memo_value value;

	if (decided == NULL || decided->kind != OVERRIDE_REPLY)
		return false;
	outcome_of_override(desk->options.overrides, decided, desk->decided, reason, now,
	    &value);
	value.mark = changes_mark(&desk->changes, key, len);
	desk_remember(desk, key, len, NULL, &value, form, now);
	stats_decide(&desk->stats, STATS_OVERRIDE, level_of(value.level[form]));
	buf_add(out, value.reply[form].data, value.reply[form].len);
	return true;
}

/* Most keys come as the memo has them, but perhaps for case: then nothing needs to
 * be parsed. */
static struct memo_entry *find_quickly(struct desk *desk, const char *key, size_t len,
    time_t now, char lower[DANESTS_NEXTHOP_MAX + 1])
{
	if (len > DANESTS_NEXTHOP_MAX)
		return NULL;
	for (size_t i = 0; i < len; i++)
		lower[i] = text_lower(key[i]);
	return memo_get(&desk->memo, lower, len, now);
}

static int form_of(const struct desk *desk, enum socketmap_form form)
{
	if (form == SOCKETMAP_QUERY)
		return desk->options.query_tlsrpt ? MEMO_TLSRPT : MEMO_PLAIN;
	return form == SOCKETMAP_TLSRPT ? MEMO_TLSRPT : MEMO_PLAIN;
}

bool desk_ask(struct desk *desk, struct asker *asker, const char *payload, size_t len,
    struct buf *out)
{
	struct socketmap_request request = socketmap_parse(payload, len);
	char key[DANESTS_NEXTHOP_MAX + 1], refusal[100];
	time_t now = clock_now();
	struct memo_entry *e;
	size_t key_len = request.key_len;
	int r;

	desk->stats.questions++;
	if (request.form == SOCKETMAP_UNKNOWN || request.form == SOCKETMAP_NO_KEY) {
		socketmap_refuse(&request, refusal, sizeof(refusal));
		desk->stats.unknown_maps++;
		add_own(desk, out, LEVEL_PERM, refusal);
		return true;
	}
	asker->form = form_of(desk, request.form);
	e = asker->anew ? NULL : find_quickly(desk, request.key, key_len, now, key);
	if (e == NULL) {
		r = danests_nexthop_key(request.key, request.key_len, key, sizeof(key));
		if (r == DANESTS_ENAME) { /* ".com", "[192.0.2.1]", garbage: not ours to say */
			add_own(desk, out, LEVEL_NOTFOUND, "NOTFOUND ");
			return true;
		}
		if (r < 0) { /* not known to be nobody's: a doubt never answers NOTFOUND */
			add_own(desk, out, LEVEL_TEMP, "TEMP out of memory");
			return true;
		}
		key_len = (size_t)r;
		e = asker->anew ? NULL : memo_get(&desk->memo, key, key_len, now);
	}
	if (e != NULL)
		answer_warm(desk, e, key, key_len, asker->form, now, out);
	else if (!answer_decided(desk, key, key_len, asker->form, now, out))
		return !wait_for(desk, asker, key, key_len, out);
	return true;
}

void desk_leave(struct desk *desk, struct asker *asker)
{
	struct pending *p = asker->pending;

	if (p == NULL)
		return;
	desk_release(asker);
	desk->stats.abandoned++;
	if (p->running || !list_empty(&p->waiters))
		return;
	pending_remove(&desk->pendings, p);
	pending_free(p);
}

/* Who waits already waits no longer than who comes now; and the order stays. */
static void shorten_waits(struct desk *desk)
{
	int64_t latest = clock_mono_ms() + desk->options.answer_timeout;

	for (struct list *at = desk->waiting.next; at != &desk->waiting; at = at->next) {
		struct asker *asker = CONTAINER_OF(at, struct asker, place);

		if (asker->deadline > latest)
			asker->deadline = latest;
	}
	set_late(desk);
}

void desk_configure(struct desk *desk, const struct desk_options *options, struct memo *old)
{
	desk->options = *options;
	desk->memo.limit = options->memo_bytes;
	if (old != NULL) {
		*old = desk->memo;
		memo_init(&desk->memo, options->memo_bytes, &desk->changes);
		desk_forget(desk, "");
	}
	shorten_waits(desk);
	desk_start_next(desk);
}

void desk_forget(struct desk *desk, const char *domain)
{
	changes_add(&desk->changes, domain);
}

void desk_close(struct desk *desk, const char *reason)
{
	struct asker *asker;

	desk->closing = reason;
	while ((asker = first_waiting(desk)) != NULL)
		desk_answer_temp(desk, asker, asker->pending->key, reason);
	loop_untimer(desk->loop, &desk->late);
}

/* ---- The desk ---- */

int desk_new(struct desk **out, struct loop *loop, struct worker *worker,
    const struct desk_options *options)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	int r;

	if (desk == NULL)
		return DANESTS_ENOMEM;
	desk->options = *options;
	desk->loop = loop;
	desk->worker = worker;
	memo_init(&desk->memo, options->memo_bytes, &desk->changes);
	pendings_init(&desk->pendings);
	news_init(&desk->news);
	list_init(&desk->waiting);
	r = changes_init(&desk->changes);
	if (r == DANESTS_OK)
		r = loop_watch(loop, &desk->done, worker_fd(worker), LOOP_READ, desk_collect, desk);
	if (r != DANESTS_OK) {
		desk_free(desk);
		return r;
	}
	*out = desk;
	return DANESTS_OK;
}

void desk_free(struct desk *desk)
{
	if (desk == NULL)
		return;
	loop_unwatch(desk->loop, &desk->done);
	loop_untimer(desk->loop, &desk->late);
	pendings_free(&desk->pendings);
	news_free(&desk->news);
	memo_free(&desk->memo);
	changes_free(&desk->changes);
	free(desk);
}
