/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/worker.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "plugin/logline.h"
#include "plugin/queue.h"
#include "plugin/yield.h"

/* How often to look whether DNSSEC works: while it does not, and while it does. */
#define WORKER_DOUBT_MS 1000
#define WORKER_TRUST_MS 60000
#define WORKER_COUNT_MS 50
#define WORKER_FIRST_MS 1000 /* when to say that the self-test takes its time */

/* Room for the texts of an event; what is longer is cut. */
#define EVENT_TEXT 512
#define EVENT_DOMAIN (DANESTS_NEXTHOP_MAX + 1)
struct event_room {
	struct event event;
	char domain[EVENT_DOMAIN], text[EVENT_TEXT];
};

struct worker {
	danests *ctx;
	pthread_t thread;
	atomic_bool stop;
	atomic_size_t parked;
	struct queue todo, done;
	struct list later;    /* lookups the context has no room for at the moment */
	struct list finished; /* of this turn */
	struct event_room *room; /* for the next event */
	int64_t count;        /* when to count again who is parked ... */
	bool recount;         /* ... if something has happened since */
	int64_t look;         /* when to look at the state of DNSSEC */
	bool told;            /* of this, as it was then */
	enum danests_trust_state trust;
};

static struct task *task_of(struct list *link) { return CONTAINER_OF(link, struct task, link); }

static struct job *job_of(struct task *task) { return CONTAINER_OF(task, struct job, task); }

static struct errand *errand_of(struct task *task)
{
	return CONTAINER_OF(task, struct errand, task);
}

static struct event *event_fill(struct event_room *room, const struct danests_event *from)
{
	room->event = (struct event){
		.task.kind = TASK_EVENT, .kind = from->kind,
		.domain = room->domain, .text = room->text,
	};
	text_format(room->domain, sizeof(room->domain), "%s", from->domain);
	text_format(room->text, sizeof(room->text), "%s", from->text);
	return &room->event;
}

static void finish(struct worker *w, struct job *job, int error, danests_policy *policy)
{
	job->error = error;
	job->policy = policy;
	list_append(&w->finished, &job->task.link);
}

/* As many as there is room for, oldest first. */
static void start_later(struct worker *w)
{
	while (!list_empty(&w->later)) {
		struct job *job = job_of(task_of(w->later.next));
		int r = danests_start(w->ctx, job->nexthop, job);

		if (r == DANESTS_EBUSY)
			return;
		list_remove(&job->task.link);
		if (r != DANESTS_OK)
			finish(w, job, r, NULL);
	}
}

/* Errands do not wait for room. */
static void start_all(struct worker *w)
{
	struct list todo;

	list_init(&todo);
	queue_take(&w->todo, &todo);
	while (!list_empty(&todo)) {
		struct task *task = task_of(todo.next);

		list_remove(&task->link);
		if (task->kind == TASK_ERRAND) {
			errand_of(task)->run(errand_of(task), w->ctx);
			list_append(&w->finished, &task->link);
		} else {
			list_append(&w->later, &task->link);
		}
	}
	start_later(w);
}

/* Room first: an event that was taken must not be lost for want of memory. */
static void tell_events(struct worker *w)
{
	struct danests_event from;

	for (;;) {
		if (w->room == NULL && (w->room = malloc(sizeof(*w->room))) == NULL)
			return;
		if (!danests_next_event(w->ctx, &from))
			return;
		list_append(&w->finished, &event_fill(w->room, &from)->task.link);
		w->room = NULL;
	}
}

static void reap_all(struct worker *w)
{
	struct danests_done done;

	tell_events(w);
	while (danests_reap(w->ctx, &done))
		finish(w, done.tag, done.error, done.policy);
	start_later(w);
	queue_push(&w->done, &w->finished);
}

/* For the desk, which hands over that many more; a moment's delay does no harm. */
static void count_parked(struct worker *w)
{
	struct danests_status status;
	int64_t now = clock_mono_ms();

	w->recount = now < w->count;
	if (w->recount)
		return;
	danests_get_status(w->ctx, &status);
	atomic_store(&w->parked, status.parked);
	w->count = now + WORKER_COUNT_MS;
}

/* How the first self-test went, once it is over or takes long; then each change is news
 * for the administrator: without DNSSEC everything waits. */
static void look_at_trust(struct worker *w)
{
	struct danests_status status;
	int64_t now = clock_mono_ms();

	if (now < w->look && w->told)
		return;
	danests_get_status(w->ctx, &status);
	if (now < w->look && status.dnssec == DANESTS_TRUST_TESTING)
		return;
	if (status.dnssec != w->trust || !w->told)
		log_line(status.dnssec == DANESTS_TRUST_FAILED ? LOG_WARNING : LOG_INFO,
		    "dnssec: %s", status.dnssec_text);
	w->told = true;
	w->trust = status.dnssec;
	w->look = now + (w->trust == DANESTS_TRUST_GOOD ? WORKER_TRUST_MS : WORKER_DOUBT_MS);
}

static int wait_ms(const struct worker *w)
{
	int64_t now = clock_mono_ms(), look = w->look - now;
	int ms = danests_timeout(w->ctx);

	if (w->recount && w->count - now < look)
		look = w->count - now;
	look = look < 0 ? 0 : look;
	return ms < 0 || ms > look ? (int)look : ms;
}

static void *worker_run(void *arg)
{
	struct worker *w = arg;
	struct pollfd fds[2] = {
		{ .fd = queue_fd(&w->todo), .events = POLLIN },
		{ .fd = danests_fd(w->ctx), .events = POLLIN },
	};

	yield_to_others(); /* warm answers first */
	look_at_trust(w);
	while (!atomic_load(&w->stop)) {
		poll(fds, COUNT_OF(fds), wait_ms(w));
		if (fds[0].revents != 0)
			start_all(w);
		if (danests_process(w->ctx) != DANESTS_OK) {
			/* Nothing would ever be answered again: better to be restarted. */
			log_line(LOG_CRIT, "the resolver's descriptors fail; giving up");
			_exit(EX_SOFTWARE);
		}
		reap_all(w);
		count_parked(w);
		look_at_trust(w);
	}
	return NULL;
}

static int thread_start(struct worker *w)
{
	sigset_t all, before;
	int r;

	/* Signals are for the thread that serves. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&w->thread, NULL, worker_run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r == 0 ? DANESTS_OK : DANESTS_ESYSTEM;
}

int worker_start(struct worker **out, danests *ctx)
{
	struct worker *w = calloc(1, sizeof(*w));
	int r;

	if (w == NULL)
		return DANESTS_ENOMEM;
	w->look = clock_mono_ms() + WORKER_FIRST_MS;
	list_init(&w->later);
	list_init(&w->finished);
	w->ctx = ctx;
	atomic_init(&w->parked, 0);
	atomic_init(&w->stop, false);
	r = queue_open(&w->todo);
	if (r == DANESTS_OK)
		r = queue_open(&w->done);
	if (r == DANESTS_OK)
		r = thread_start(w);
	if (r != DANESTS_OK) {
		queue_close(&w->todo);
		queue_close(&w->done);
		free(w);
		return r;
	}
	*out = w;
	return DANESTS_OK;
}

void worker_stop(struct worker *w)
{
	struct list done;

	if (w == NULL)
		return;
	atomic_store(&w->stop, true);
	queue_wake(&w->todo);
	pthread_join(w->thread, NULL);
	list_init(&done);
	queue_take(&w->done, &done);
	while (!list_empty(&done)) {
		struct task *task = task_of(done.next);

		list_remove(&task->link);
		if (task->kind == TASK_LOOKUP)
			danests_policy_unref(job_of(task)->policy);
		else if (task->kind == TASK_EVENT)
			free(CONTAINER_OF(task, struct event, task));
	}
	danests_free(w->ctx);
	free(w->room);
	queue_close(&w->todo);
	queue_close(&w->done);
	free(w);
}

static void push(struct worker *w, struct task *task, enum task_kind kind)
{
	struct list one;

	task->kind = kind;
	list_init(&one);
	list_append(&one, &task->link);
	queue_push(&w->todo, &one);
}

void worker_submit(struct worker *w, struct job *job)
{
	push(w, &job->task, TASK_LOOKUP);
}

void worker_call(struct worker *w, struct errand *errand)
{
	push(w, &errand->task, TASK_ERRAND);
}

size_t worker_parked(const struct worker *w) { return atomic_load(&w->parked); }

int worker_fd(const struct worker *w) { return queue_fd(&w->done); }

void worker_collect(struct worker *w, struct list *list) { queue_take(&w->done, list); }
