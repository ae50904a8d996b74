/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/metrics.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "plugin/scrapes.h"

/* One errand serves all who wait: however fast scrapes come, the worker has one of
 * them in its queue. */
struct metrics {
	struct scrapes scrapes;
	struct service *service;
	struct errand errand;
	struct danests_status status; /* the worker's while asked */
	bool asked;
};

static size_t length(const struct list *list)
{
	size_t count = 0;

	for (const struct list *at = list->next; at != list; at = at->next)
		count++;
	return count;
}

static uint64_t cpu_us(const struct rusage *u)
{
	return (uint64_t)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000 +
	    (uint64_t)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
}

static void write_text(const struct metrics *m, struct buf *out)
{
	const struct service *s = m->service;
	const struct desk *desk = s->desk;
	struct rusage usage = {0};
	struct metrics_facts facts = {
		.stats = &desk->stats, .status = &m->status, .started = s->started,
		.dnssec = conf_text(s->conf, CONF_DNSSEC),
		.clients = s->conns->count,
		.clients_limit = (size_t)conf_number(s->conf, CONF_MAX_CLIENTS),
		.waiting = length(&desk->waiting),
		.running = desk->pendings.running, .queued = desk->pendings.queued,
		.memo_entries = desk->memo.map.count, .memo_bytes = memo_bytes(&desk->memo),
		.memo_limit = desk->memo.limit,
		.overrides = overrides_count(s->overrides),
	};

	getrusage(RUSAGE_SELF, &usage);
	facts.cpu_us = cpu_us(&usage);
	facts.memory_max = (uint64_t)usage.ru_maxrss * 1024; /* KiB, on Linux and FreeBSD */
	metrics_write(out, &facts);
}

static void ask_library(struct errand *errand, danests *ctx)
{
	struct metrics *m = CONTAINER_OF(errand, struct metrics, errand);

	danests_get_status(ctx, &m->status);
}

static void answer(struct errand *errand)
{
	struct metrics *m = CONTAINER_OF(errand, struct metrics, errand);
	struct buf text = {0};

	m->asked = false;
	write_text(m, &text);
	scrapes_answer(&m->scrapes, &text);
	buf_free(&text);
}

static void wanted(struct scrapes *scrapes)
{
	struct metrics *m = CONTAINER_OF(scrapes, struct metrics, scrapes);

	if (m->asked)
		return;
	m->asked = true;
	m->errand.run = ask_library;
	m->errand.done = answer;
	worker_call(m->service->worker, &m->errand);
}

int metrics_new(struct metrics **out, struct service *service)
{
	struct metrics *m = calloc(1, sizeof(*m));
	int r;

	if (m == NULL)
		return DANESTS_ENOMEM;
	m->service = service;
	m->scrapes = (struct scrapes){
		.loop = service->loop, .listeners = service->metrics, .wanted = wanted,
	};
	r = scrapes_open(&m->scrapes);
	if (r != DANESTS_OK)
		metrics_free(m);
	else
		*out = m;
	return r;
}

void metrics_watch(struct metrics *m, bool on) { scrapes_watch(&m->scrapes, on); }

void metrics_free(struct metrics *m)
{
	if (m == NULL)
		return;
	scrapes_close(&m->scrapes);
	free(m);
}
