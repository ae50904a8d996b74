/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/dns_job.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "parse/owner.h"
#include "source/dns_convert.h"

#define MAX_STAGES 8 /* N10: questions at the next alias target */

/* One question of the DNS: ADDR is two of them. */
struct part {
	struct dns_query q;
	struct job *job;
	unsigned stage;              /* N10 */
	bool secure;                 /* N9: of all stages so far */
	uint32_t ttl;
	struct answer *answer;       /* when done */
};

struct job {
	struct list link;
	struct dns_jobs *jobs;
	struct ask *ask;
	struct loop_timer deadline;
	struct part part[2];
	unsigned parts, open;
};

/* ---- The end of a job ---- */

static void start_queued(struct dns_jobs *jobs);

static struct answer *job_answer(struct job *job)
{
	struct answer *answer;

	if (job->parts == 1) {
		answer = job->part[0].answer;
		job->part[0].answer = NULL;
		return answer;
	}
	answer = answer_merge_addr(job->part[0].answer, job->part[1].answer);
	answer_unref(job->part[0].answer);
	answer_unref(job->part[1].answer);
	return answer;
}

static void part_end(struct part *part, struct answer *answer)
{
	struct job *job = part->job;
	struct dns_jobs *jobs = job->jobs;

	part->answer = answer;
	if (--job->open > 0)
		return;
	loop_untimer(jobs->loop, &job->deadline);
	list_remove(&job->link);
	ask_arrive(job->ask, job_answer(job));
	free(job);
	jobs->count--;
	start_queued(jobs);
}

static struct answer *failed(const struct part *part, enum answer_failure failure,
    const char *why)
{
	return answer_failed(part->job->ask->q.kind, failure, clock_now() + ANSWER_TTL_FAILED,
	    "%s", why != NULL ? why : "");
}

/* ---- Replies ---- */

/* N10: a reply that stops at an alias is no answer. Ask on at its target; what
 * was insecure on the way stays insecure (N9). */
static bool part_goes_on(struct part *part, const struct dnsmsg *msg)
{
	struct dns_back *back = part->job->jobs->back;

	if (!dns_unfinished(msg) || msg->target_odd || part->stage == MAX_STAGES)
		return false;
	part->stage++;
	memcpy(part->q.qname, msg->target.name, sizeof(part->q.qname));
	back->ops->ask(back, &part->q);
	return true;
}

static struct answer *part_convert(struct part *part, const struct dnsmsg *msg)
{
	struct answer *a;

	if (dns_unfinished(msg))
		return failed(part, FAILURE_MALFORMED, "incomplete alias chain");
	a = dns_convert(part->job->ask->q.kind, msg, part->secure, part->ttl, clock_now());
	if (part->stage > 0 && a->state != ANSWER_FAILED && a->alias == NULL &&
	    answer_set_alias(a, part->q.qname) != DANESTS_OK) {
		answer_unref(a);
		return failed(part, FAILURE_LOCAL, "out of memory");
	}
	return a;
}

static void part_reply(struct dns_query *q, const struct dns_reply *reply)
{
	struct part *part = CONTAINER_OF(q, struct part, q);
	struct dnsmsg msg;

	if (reply->failure != FAILURE_NONE) {
		part_end(part, failed(part, reply->failure, reply->reason));
		return;
	}
	/* The question's name and type are compared here: what a resolver or a
	 * helper says is not believed to belong to what we asked. */
	if (dnsmsg_parse(&msg, reply->packet, reply->len, q->qname, q->qtype) != DANESTS_OK ||
	    msg.tc) {
		part_end(part, failed(part, FAILURE_MALFORMED, "damaged reply"));
		return;
	}
	part->secure = part->secure && reply->secure;
	if (part->ttl > msg.chain_ttl)
		part->ttl = msg.chain_ttl;
	if (part_goes_on(part, &msg))
		return;
	part_end(part, part_convert(part, &msg));
}

static void job_deadline(void *arg)
{
	struct job *job = arg;
	struct dns_back *back = job->jobs->back;
	unsigned parts = job->parts;

	for (unsigned i = 0; i < parts; i++) {
		struct part *part = &job->part[i];
		bool last = job->open == 1;

		if (part->answer != NULL)
			continue;
		back->ops->cancel(back, &part->q);
		part_end(part, failed(part, FAILURE_TIMEOUT, NULL));
		if (last)
			return; /* the job is gone */
	}
}

/* ---- Questions ---- */

static void add_part(struct job *job, const char *name, uint16_t qtype)
{
	struct part *part = &job->part[job->parts++];

	part->job = job;
	part->secure = true;
	part->ttl = UINT32_MAX;
	part->q.qtype = qtype;
	part->q.done = part_reply;
	text_format(part->q.qname, sizeof(part->q.qname), "%s", name);
}

/* What to ask for which question. False: its name cannot exist. */
static bool add_parts(struct job *job, const struct question *q)
{
	static const uint16_t types[] = {
		[QUESTION_MX] = DNS_MX, [QUESTION_ADDR] = DNS_A, [QUESTION_CNAME] = DNS_CNAME,
		[QUESTION_TLSA] = DNS_TLSA, [QUESTION_STSTXT] = DNS_TXT,
		[QUESTION_TXT] = DNS_TXT, [QUESTION_DS] = DNS_DS,
	};
	struct domain name = q->name;

	if (q->kind == QUESTION_STSTXT && owner_ststxt(&name, &q->name) != DANESTS_OK)
		return false;
	add_part(job, name.name, types[q->kind]);
	if (q->kind == QUESTION_ADDR)
		add_part(job, name.name, DNS_AAAA);
	job->open = job->parts;
	return true;
}

/* Its time begins now, not when it was queued. */
static void start(struct dns_jobs *jobs, struct job *job)
{
	struct dns_back *back = jobs->back;

	list_remove(&job->link);
	if (loop_timer(jobs->loop, &job->deadline, jobs->timeout_ms, job_deadline, job) !=
	    DANESTS_OK) {
		(void)dns_job_failed(job->ask, FAILURE_LOCAL, "out of memory");
		free(job);
		return;
	}
	list_append(&jobs->running, &job->link);
	jobs->count++;
	/* The last reply may come at once, and then the job is gone. */
	for (unsigned i = 0, parts = job->parts; i < parts; i++)
		back->ops->ask(back, &job->part[i].q);
}

static void start_queued(struct dns_jobs *jobs)
{
	if (jobs->starting)
		return;
	jobs->starting = true;
	while (jobs->count < DNS_MAX_JOBS && !list_empty(&jobs->queued))
		start(jobs, CONTAINER_OF(jobs->queued.next, struct job, link));
	jobs->starting = false;
}

enum source_result dns_job_failed(struct ask *ask, enum answer_failure failure, const char *why)
{
	ask_arrive(ask, answer_failed(ask->q.kind, failure, clock_now() + ANSWER_TTL_FAILED,
	    "%s", why));
	return SOURCE_ANSWERED;
}

/* A name longer than names may be: nobody can have published it. */
static enum source_result arrive_absent(struct ask *ask)
{
	struct answer *a = answer_new(ask->q.kind, ANSWER_ABSENT_INSECURE,
	    clock_now() + ANSWER_TTL_MAX);

	if (a == NULL)
		return dns_job_failed(ask, FAILURE_LOCAL, "out of memory");
	ask_arrive(ask, a);
	return SOURCE_ANSWERED;
}

enum source_result dns_job(struct dns_jobs *jobs, struct ask *ask)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return dns_job_failed(ask, FAILURE_LOCAL, "out of memory");
	job->jobs = jobs;
	job->ask = ask;
	if (!add_parts(job, &ask->q)) {
		free(job);
		return arrive_absent(ask);
	}
	list_append(&jobs->queued, &job->link);
	ask->answer = NULL;
	start_queued(jobs);
	return ask->answer != NULL ? SOURCE_ANSWERED : SOURCE_PENDING;
}

/* ---- Life ---- */

void dns_jobs_init(struct dns_jobs *jobs, struct loop *loop, int timeout_ms)
{
	*jobs = (struct dns_jobs){ .loop = loop, .timeout_ms = timeout_ms };
	list_init(&jobs->running);
	list_init(&jobs->queued);
}

static void drop_all(struct dns_jobs *jobs, struct list *head)
{
	while (!list_empty(head)) {
		struct job *job = CONTAINER_OF(head->next, struct job, link);

		loop_untimer(jobs->loop, &job->deadline);
		for (unsigned i = 0; i < job->parts; i++)
			answer_unref(job->part[i].answer);
		list_remove(&job->link);
		free(job);
	}
}

void dns_jobs_free(struct dns_jobs *jobs)
{
	drop_all(jobs, &jobs->running);
	drop_all(jobs, &jobs->queued);
}
