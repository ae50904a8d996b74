/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many domains at a time: lookups in one context, in this thread; probes in others. What
 * is complete is handed on in the order given.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "tools/check.h"
#include "tools/tool.h"

#define MAX_AHEAD 64  /* domains that are begun and not yet handed on */
#define TICK_MS 250   /* how often the line of progress is written anew */

struct work {
	struct check_domain domain;
	struct check_job *jobs;
	size_t open;         /* jobs that are not back */
	bool complete;
	int64_t begun;
};

struct run {
	danests *ctx;
	const danests_trust *trust;
	const struct check_options *options;
	struct check_pool *pool;
	struct work *works;
	size_t count, begun, handed, complete, probes;
	int64_t told;        /* when progress was shown last */
	bool line;           /* and there is a line of it to be wiped */
};

static int fail_memory(void)
{
	tool_complain("check", "out of memory");
	return EX_OSERR;
}

/* ---- Progress, on a terminal ---- */

static void wipe(struct run *run)
{
	if (run->line)
		fputs("\r\033[K", stderr);
	run->line = false;
}

static void show_progress(struct run *run)
{
	int64_t now = clock_mono_ms();

	if (!run->options->progress || now - run->told < TICK_MS)
		return;
	run->told = now;
	run->line = true;
	fprintf(stderr, "\r\033[K%zu of %zu domains done, %zu under way, %zu connections",
	    run->complete, run->count, run->begun - run->complete, run->probes);
}

/* ---- One domain ---- */

static void complete(struct run *run, struct work *work)
{
	work->complete = true;
	work->domain.ms = (int)(clock_mono_ms() - work->begun);
	run->complete++;
}

static void prepare(struct run *run, struct work *work, const struct check_host *host,
    struct check_address *address)
{
	if (!address->tried)
		return;
	address->probe.helo = run->options->helo;
	address->probe.timeout_ms = run->options->timeout_ms;
	work->jobs[work->open++] = (struct check_job){ .address = address, .host = host,
	    .owner = work };
}

static int start_probes(struct run *run, struct work *work)
{
	struct check_domain *d = &work->domain;
	size_t jobs = 1, count;

	for (size_t i = 0; i < d->host_count; i++)
		jobs += d->hosts[i].count;
	work->jobs = calloc(jobs, sizeof(*work->jobs));
	if (work->jobs == NULL)
		return fail_memory();
	for (size_t i = 0; i < d->host_count; i++)
		for (size_t k = 0; k < d->hosts[i].count; k++)
			prepare(run, work, &d->hosts[i], &d->hosts[i].addresses[k]);
	prepare(run, work, NULL, &d->web);
	count = work->open;
	run->probes += count;
	if (count == 0)
		complete(run, work);
	for (size_t i = 0; i < count; i++) {
		if (check_pool_put(run->pool, &work->jobs[i]) == DANESTS_OK)
			continue;
		tool_complain("check", "cannot start a thread");
		return EX_OSERR;
	}
	return EX_OK;
}

/* What DNS did not answer for anybody says nothing of this domain. */
static int note_dnssec(struct run *run, struct check_domain *d)
{
	struct danests_status status;

	if (danests_policy_level(d->policy) != DANESTS_LEVEL_DEFER)
		return EX_OK;
	danests_get_status(run->ctx, &status);
	if (status.dnssec == DANESTS_TRUST_GOOD)
		return EX_OK;
	d->no_dnssec = strdup(status.dnssec_text);
	return d->no_dnssec != NULL ? EX_OK : fail_memory();
}

static int looked_up(struct run *run, const struct danests_done *done)
{
	struct work *work = done->tag;
	struct check_domain *d = &work->domain;

	d->error = done->error;
	d->policy = done->policy;
	d->now = clock_now();
	if (done->error == DANESTS_ENOMEM)
		return fail_memory();
	if (d->policy == NULL) {
		complete(run, work);
		return EX_OK;
	}
	if (note_dnssec(run, d) != EX_OK)
		return EX_OSERR;
	return check_domain_fill(d) == DANESTS_OK ? start_probes(run, work) : fail_memory();
}

static int probed(struct run *run, struct check_job *job)
{
	struct work *work = job->owner;

	run->probes--;
	if (check_judge(&work->domain, job->host, job->address, run->trust) != DANESTS_OK)
		return fail_memory();
	if (--work->open == 0)
		complete(run, work);
	return EX_OK;
}

/* ---- All of them ---- */

static int begin_more(struct run *run)
{
	while (run->begun < run->count && run->begun - run->handed < MAX_AHEAD) {
		struct work *work = &run->works[run->begun];
		int r = danests_start_extra(run->ctx, work->domain.nexthop,
		    DANESTS_EXTRA_TEXTS | DANESTS_EXTRA_CHAIN, work);

		if (r == DANESTS_EBUSY && run->begun > run->complete)
			break; /* max_lookups: when one has ended */
		work->begun = clock_mono_ms();
		run->begun++;
		work->domain.error = r;
		if (r == DANESTS_ENOMEM)
			return fail_memory();
		if (r != DANESTS_OK)
			complete(run, work);
	}
	return EX_OK;
}

static int hand_on(struct run *run, check_ready_fn *ready, void *arg)
{
	int r = EX_OK;

	while (r == EX_OK && run->handed < run->count && run->works[run->handed].complete) {
		struct work *work = &run->works[run->handed++];
		struct check_findings findings = {0};

		check_find(&findings, &work->domain);
		wipe(run);
		r = findings.bad ? fail_memory() : ready(arg, &work->domain, &findings);
		check_findings_free(&findings);
		check_domain_free(&work->domain);
		free(work->jobs);
		work->jobs = NULL;
	}
	return r;
}

static int wait_turn(struct run *run)
{
	struct pollfd fds[] = {
		{ .fd = danests_fd(run->ctx), .events = POLLIN },
		{ .fd = check_pool_fd(run->pool), .events = POLLIN },
	};
	int timeout = danests_timeout(run->ctx);

	if (run->options->progress && (timeout < 0 || timeout > TICK_MS))
		timeout = TICK_MS;
	if (poll(fds, 2, timeout) < 0 && errno != EINTR) {
		tool_complain("check", "poll: %s", strerror(errno));
		return EX_OSERR;
	}
	if (danests_process(run->ctx) != DANESTS_OK) {
		tool_complain("check", "%s", danests_strerror(DANESTS_ESYSTEM));
		return EX_OSERR;
	}
	return EX_OK;
}

static int turn(struct run *run, check_ready_fn *ready, void *arg)
{
	struct danests_done done;
	struct check_job *job;
	int r = begin_more(run);

	if (r == EX_OK && (run->handed == run->count || !run->works[run->handed].complete))
		r = wait_turn(run);
	while (r == EX_OK && danests_reap(run->ctx, &done))
		r = looked_up(run, &done);
	while (r == EX_OK && (job = check_pool_take(run->pool)) != NULL)
		r = probed(run, job);
	if (r == EX_OK)
		r = hand_on(run, ready, arg);
	show_progress(run);
	return r;
}

static int fill_works(struct run *run, const struct check_list *list)
{
	run->works = calloc(list->count + 1, sizeof(*run->works));
	if (run->works == NULL)
		return fail_memory();
	run->count = list->count;
	for (size_t i = 0; i < list->count; i++) {
		struct check_domain *d = &run->works[i].domain;
		int r = check_domain_name(d, list->names[i], run->options->port);

		if (r == DANESTS_ENOMEM)
			return fail_memory();
		if (r != DANESTS_OK) {
			tool_complain("check", "not a domain: \"%s\"", list->names[i]);
			return EX_USAGE;
		}
		d->smtp = run->options->smtp;
		d->postfix = run->options->postfix;
	}
	return EX_OK;
}

int check_run(danests *ctx, const danests_trust *trust, const struct check_list *list,
    const struct check_options *options, check_ready_fn *ready, void *arg)
{
	struct run run = { .ctx = ctx, .trust = trust, .options = options };
	int r = fill_works(&run, list);

	if (r == EX_OK && (run.pool = check_pool_new()) == NULL) {
		tool_complain("check", "%s", strerror(errno));
		r = EX_OSERR;
	}
	while (r == EX_OK && run.handed < run.count)
		r = turn(&run, ready, arg);
	wipe(&run);
	check_pool_free(run.pool); /* before what its threads work on */
	for (size_t i = 0; i < run.count; i++) {
		check_domain_free(&run.works[i].domain);
		free(run.works[i].jobs);
	}
	free(run.works);
	return r;
}
