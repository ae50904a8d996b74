/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/desk.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/text.h"
#include "plugin/logline.h"
#include "plugin/news.h"
#include "plugin/outcome.h"
#include "plugin/own.h"
#include "plugin/socketmap.h"

#define DESK_COMPLAIN_MS 10000 /* lines about lookups that fail on our side */

static void add_own(struct buf *out, const char *reply)
{
	own_frame frame;

	buf_add(out, frame, own_reply(frame, reply));
}

static void add_temp(struct buf *out, const char *key, const char *reason)
{
	own_frame frame;

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
static void release(struct asker *asker)
{
	list_remove(&asker->mate);
	list_remove(&asker->place);
	asker->pending = NULL;
}

static void answer_temp(struct asker *asker, const char *key, const char *reason)
{
	own_frame frame;
	size_t len = own_temp(frame, key, reason);

	release(asker);
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

static void start_next(struct desk *desk)
{
	size_t most = desk->options.max_lookups + worker_parked(desk->worker);

	while (desk->pendings.running < most) {
		struct pending *p = pending_next(&desk->pendings);

		if (p == NULL)
			return;
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
		answer_temp(asker, p->key, reason);
	}
	start_next(desk); /* there may be room by now of which nobody told us */
	set_late(desk);
}

/* A cold question. False: no lookup, and the reply says why. */
static bool wait_for(struct desk *desk, struct asker *asker, const char *key, size_t len,
    struct buf *out)
{
	struct pending *p = pending_find(&desk->pendings, key, len);
	bool alone = list_empty(&desk->waiting);

	if (desk->closing != NULL) {
		add_temp(out, key, desk->closing);
		return false;
	}
	if (p == NULL && desk->pendings.queued >= desk->options.max_queued) {
		add_temp(out, key, "too many lookups are waiting (max_lookups), try again");
		return false;
	}
	if (p == NULL && (p = pending_add(&desk->pendings, key, len)) == NULL) {
		add_temp(out, key, danests_strerror(DANESTS_ENOMEM));
		return false;
	}
	asker->pending = p;
	asker->deadline = clock_mono_ms() + desk->options.answer_timeout;
	list_append(&p->waiters, &asker->mate);
	list_append(&desk->waiting, &asker->place);
	if (alone)
		set_late(desk);
	start_next(desk);
	return true;
}

/* ---- Asking ---- */

static void answer_warm(struct desk *desk, struct memo_entry *e, const char *key, size_t len,
    int form, time_t now, struct buf *out)
{
	struct memo_reply reply = memo_reply(e, form);

	buf_add(out, reply.data, reply.len);
	if (now - memo_logged(e) >= desk->options.log_repeat) {
		struct memo_value value;

		memo_read(e, &value);
		outcome_log(key, len, &value, form, "cache", now);
		memo_set_logged(e, now);
	}
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

	if (request.form == SOCKETMAP_UNKNOWN || request.form == SOCKETMAP_NO_KEY) {
		socketmap_refuse(&request, refusal, sizeof(refusal));
		add_own(out, refusal);
		return true;
	}
	asker->form = form_of(desk, request.form);
	e = find_quickly(desk, request.key, key_len, now, key);
	if (e == NULL) {
		r = danests_nexthop_key(request.key, request.key_len, key, sizeof(key));
		if (r == DANESTS_ENAME) { /* ".com", "[192.0.2.1]", garbage: not ours to say */
			add_own(out, "NOTFOUND ");
			return true;
		}
		if (r < 0) { /* not known to be nobody's: a doubt never answers NOTFOUND */
			add_own(out, "TEMP out of memory");
			return true;
		}
		key_len = (size_t)r;
		e = memo_get(&desk->memo, key, key_len, now);
	}
	if (e == NULL)
		return !wait_for(desk, asker, key, key_len, out);
	answer_warm(desk, e, key, key_len, asker->form, now, out);
	return true;
}

void desk_leave(struct desk *desk, struct asker *asker)
{
	struct pending *p = asker->pending;

	if (p == NULL)
		return;
	release(asker);
	if (p->running || !list_empty(&p->waiters))
		return;
	pending_remove(&desk->pendings, p);
	pending_free(p);
}

void desk_close(struct desk *desk, const char *reason)
{
	struct asker *asker;

	desk->closing = reason;
	while ((asker = first_waiting(desk)) != NULL)
		answer_temp(asker, asker->pending->key, reason);
	loop_untimer(desk->loop, &desk->late);
}

/* ---- Answers from the worker ---- */

static void answer_all(struct pending *p, const struct memo_value *value)
{
	while (!list_empty(&p->waiters)) {
		struct asker *asker = CONTAINER_OF(p->waiters.next, struct asker, mate);
		struct memo_reply reply = value->reply[asker->form];

		release(asker);
		asker->answered(asker, reply.data, reply.len);
	}
}

static void fail_all(struct desk *desk, struct pending *p, const char *why)
{
	unsigned long held;

	if (log_may(&desk->failures, DESK_COMPLAIN_MS, &held))
		log_line(LOG_WARNING, "%s: lookup failed: %s (%lu more since the last such line)",
		    p->key, why, held);
	while (!list_empty(&p->waiters))
		answer_temp(CONTAINER_OF(p->waiters.next, struct asker, mate), p->key, why);
}

/* Remember and log what is news; then tell who waits, who may ask again at once. */
static void finish(struct desk *desk, struct pending *p)
{
	struct memo_value value, before;
	struct memo_entry *known, *e;
	time_t now = clock_now(), logged = 0;
	int form = MEMO_PLAIN;

	pending_remove(&desk->pendings, p);
	if (p->job.policy == NULL) {
		fail_all(desk, p, danests_strerror(p->job.error));
		return;
	}
	if (!outcome_of(p->job.policy, desk->options.postfix, desk->reply, &value)) {
		fail_all(desk, p, "the policy is too large for a reply");
		return;
	}
	if (!list_empty(&p->waiters))
		form = CONTAINER_OF(p->waiters.next, struct asker, mate)->form;
	value.ms = (uint32_t)((clock_mono_us() - p->asked_us) / 1000);
	known = memo_known(&desk->memo, p->key, p->key_len);
	if (known != NULL) {
		memo_read(known, &before);
		if (outcome_same(&before, &value))
			logged = memo_logged(known);
	}
	news_log(p->key, p->job.policy, known != NULL ? &before : NULL, &value, now);
	if (logged == 0 || now - logged >= desk->options.log_repeat) {
		outcome_log(p->key, p->key_len, &value, form, "lookup", now);
		logged = now;
	}
	e = memo_put(&desk->memo, p->key, p->key_len, &value, now);
	if (e != NULL)
		memo_set_logged(e, logged);
	answer_all(p, &value);
}

static void collect(void *arg, int events)
{
	struct desk *desk = arg;
	struct list done;

	(void)events;
	list_init(&done);
	worker_collect(desk->worker, &done);
	while (!list_empty(&done)) {
		struct pending *p = pending_of_job(done.next);

		list_remove(&p->job.link);
		finish(desk, p);
		pending_free(p);
	}
	start_next(desk);
	if (desk->late.place != 0 && list_empty(&desk->waiting))
		loop_untimer(desk->loop, &desk->late);
}

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
	memo_init(&desk->memo, options->memo_bytes);
	pendings_init(&desk->pendings);
	list_init(&desk->waiting);
	r = loop_watch(loop, &desk->done, worker_fd(worker), LOOP_READ, collect, desk);
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
	memo_free(&desk->memo);
	free(desk);
}
