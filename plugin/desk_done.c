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
	uint8_t level[MEMO_FORMS];

	for (int form = 0; form < MEMO_FORMS; form++)
		level[form] = level_of(value->level[form]);
	while (!list_empty(&p->waiters)) {
		struct asker *asker = CONTAINER_OF(p->waiters.next, struct asker, mate);
		struct memo_reply reply = value->reply[asker->form];

		desk_release(asker);
		stats_decide(&desk->stats, STATS_LOOKUP, level[asker->form]);
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

/* Remember and log what is news; then tell who waits, who may ask again at once. */
static void finish(struct desk *desk, struct pending *p)
{
	struct memo_value value, before;
	struct memo_entry *known, *e;
	time_t now = clock_now(), logged = 0;
	int form = MEMO_PLAIN;
	int64_t us;

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
	us = clock_mono_us() - p->asked_us;
	stats_lookup(&desk->stats, value.dane, value.sts, value.token, us);
	value.ms = (uint32_t)(us / 1000);
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
	answer_all(desk, p, &value);
}

/* What the library found out by itself: forget what rested on it, and say so. */
static void tell(struct desk *desk, const struct event *event)
{
	(void)desk;
	log_line(event->kind == DANESTS_EVENT_CACHE_NOTE ? LOG_NOTICE : LOG_WARNING, "%s",
	    event->text);
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
