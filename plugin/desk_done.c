/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes back from the worker: answers to lookups, errands, events. */
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/clock.h"
#include "plugin/desk.h"
#include "plugin/desk_impl.h"
#include "plugin/logline.h"
#include "plugin/news.h"
#include "plugin/outcome.h"

#define DESK_COMPLAIN_MS 10000 /* lines about lookups that fail on our side */

static void answer_all(struct desk *desk, struct pending *p, const struct memo_value *value)
{
	enum stats_source source = value->override != MEMO_FREE ? STATS_OVERRIDE : STATS_LOOKUP;
	uint8_t level[MEMO_FORMS];

	for (int form = 0; form < MEMO_FORMS; form++)
		level[form] = level_of(value->level[form]);
	while (!list_empty(&p->waiters)) {
		struct asker *asker = CONTAINER_OF(p->waiters.next, struct asker, mate);
		struct memo_reply reply = value->reply[asker->form];

		desk_release(asker);
		stats_decide(&desk->stats, source, level[asker->form]);
		asker->policy = p->job.policy;
		asker->answered(asker, reply.data, reply.len);
	}
}

static void fail_all(struct desk *desk, struct pending *p, const char *why)
{
	unsigned long held;

	stats_lookup_error(&desk->stats, clock_mono_us() - p->asked_us);
	if (log_may(&desk->failures, DESK_COMPLAIN_MS, &held))
		log_line(LOG_WARNING, "%s: lookup failed: %s (%lu more since the last such line)",
		    p->key, why, held);
	while (!list_empty(&p->waiters))
		desk_answer_temp(desk, CONTAINER_OF(p->waiters.next, struct asker, mate),
		    p->key, why);
}

void desk_remember(struct desk *desk, const char *key, size_t len, const danests_policy *policy,
    struct memo_value *value, int form, time_t now)
{
	struct memo_entry *known = memo_known(&desk->memo, key, len), *e;
	bool keep = changes_hold(&desk->changes, value->mark), compare = false;
	struct memo_value before;
	time_t logged = 0;

	/* What is from before a change is no news beside what was found out since. */
	if (!keep && memo_get(&desk->memo, key, len, now) != NULL)
		known = NULL;
	if (known != NULL) {
		memo_read(known, &before);
		compare = before.override != MEMO_DECIDED; /* else nothing was found out */
		if (outcome_same(&before, value))
			logged = memo_logged(known);
	}
	if (policy != NULL)
		news_log(&desk->news, key, policy, compare ? &before : NULL, value, now);
	if (logged == 0 || now - logged >= desk->options.log_repeat) {
		outcome_log(key, len, value, form, "lookup", now);
		logged = now;
	}
	e = keep ? memo_put(&desk->memo, key, len, value, now) : NULL;
	if (e != NULL)
		memo_set_logged(e, logged);
}

/* What the answer is by the policy and by what was decided here, the latter perhaps
 * while the lookup was under way. */
static bool work_out(struct desk *desk, const struct pending *p, char reason[OUTCOME_REASON],
    time_t now, struct memo_value *out)
{
	const struct override *decided = overrides_find(desk->options.overrides, p->key,
	    p->key_len);
	struct danests_postfix postfix[MEMO_FORMS];

	if (decided != NULL && decided->kind == OVERRIDE_REPLY) {
		outcome_of_override(desk->options.overrides, decided, desk->reply[0], reason,
		    now, out);
		return true;
	}
	for (int form = 0; form < MEMO_FORMS; form++) {
		postfix[form] = desk->options.postfix[form];
		postfix[form].no_dane = decided != NULL && decided->no_dane;
		postfix[form].no_sts = decided != NULL && decided->no_sts;
	}
	if (!outcome_of(p->job.policy, postfix, desk->reply, out))
		return false;
	out->override = decided != NULL ? MEMO_SWITCHED : MEMO_FREE;
	return true;
}

/* Remember and log what is news; then tell who waits, who may ask again at once. */
static void finish(struct desk *desk, struct pending *p)
{
	char reason[OUTCOME_REASON];
	struct memo_value value;
	time_t now = clock_now();
	int form = MEMO_PLAIN;
	int64_t us;

	pending_remove(&desk->pendings, p);
	if (p->job.policy == NULL) {
		fail_all(desk, p, danests_strerror(p->job.error));
		return;
	}
	if (!work_out(desk, p, reason, now, &value)) {
		fail_all(desk, p, "the policy is too large for a reply");
		return;
	}
	if (!list_empty(&p->waiters))
		form = CONTAINER_OF(p->waiters.next, struct asker, mate)->form;
	us = clock_mono_us() - p->asked_us;
	stats_lookup(&desk->stats, value.dane, value.sts, value.token, us);
	value.ms = (uint32_t)(us / 1000);
	value.mark = p->mark;
	desk_remember(desk, p->key, p->key_len,
	    value.override == MEMO_DECIDED ? NULL : p->job.policy, &value, form, now);
	answer_all(desk, p, &value);
}

/* What the library found out by itself: forget what rested on it, and say so. */
static void tell(struct desk *desk, const struct event *event)
{
	if (event->kind == DANESTS_EVENT_CHANGED || event->kind == DANESTS_EVENT_SAME_ID)
		desk_forget(desk, event->domain);
	news_event(&desk->news, event->kind, event->domain, event->text, clock_now());
}

static void collect_one(struct desk *desk, struct task *task)
{
	struct pending *p;

	switch (task->kind) {
	case TASK_ERRAND:
		CONTAINER_OF(task, struct errand, task)->done(CONTAINER_OF(task, struct errand, task));
		return;
	case TASK_EVENT:
		tell(desk, CONTAINER_OF(task, struct event, task));
		free(CONTAINER_OF(task, struct event, task));
		return;
	case TASK_LOOKUP:
		p = pending_of_task(task);
		finish(desk, p);
		pending_free(p);
		return;
	}
}

void desk_collect(void *arg, int events)
{
	struct desk *desk = arg;
	struct list done;

	(void)events;
	list_init(&done);
	worker_collect(desk->worker, &done);
	while (!list_empty(&done)) {
		struct task *task = CONTAINER_OF(done.next, struct task, link);

		list_remove(&task->link);
		collect_one(desk, task);
	}
	desk_start_next(desk);
	if (desk->late.place != 0 && list_empty(&desk->waiting))
		loop_untimer(desk->loop, &desk->late);
}
