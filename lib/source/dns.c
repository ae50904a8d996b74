/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/dns.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "parse/owner.h"
#include "source/dns_back.h"
#include "source/dns_convert.h"
#include "source/dns_setup.h"
#include "source/dns_stub.h"
#include "source/dns_unbound.h"

#define MAX_STAGES 8 /* N10: questions at the next alias target */

struct dns {
	struct dns_known known;
	struct loop *loop;
	struct dns_back *back;
	int timeout_ms;
	struct list jobs;            /* questions under way */
	char refused[DNS_PROBLEM];   /* why no resolver may be used now, or "" */
	char trust[2 * DNS_PROBLEM], resolvers[2 * DNS_PROBLEM];
};

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
	struct dns *dns;
	struct ask *ask;
	struct loop_timer deadline;
	struct part part[2];
	unsigned parts, open;
};

/* ---- The end of a job ---- */

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

	part->answer = answer;
	if (--job->open > 0)
		return;
	loop_untimer(job->dns->loop, &job->deadline);
	list_remove(&job->link);
	ask_arrive(job->ask, job_answer(job));
	free(job);
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
	struct dns_back *back = part->job->dns->back;

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
	if (part->ttl > msg.ttl && msg.ttl > 0)
		part->ttl = msg.ttl;
	if (part_goes_on(part, &msg))
		return;
	part_end(part, part_convert(part, &msg));
}

static void job_deadline(void *arg)
{
	struct job *job = arg;
	struct dns_back *back = job->dns->back;
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

/* The list of /etc/resolv.conf may be another one by now. */
static void refresh(struct dns *dns)
{
	struct dns_servers servers;

	if (!dns->known.system || !dns_system_read(&dns->known.file, &servers))
		return;
	if (dns->refused[0] == '\0' && dns_servers_equal(&servers, &dns->known.servers))
		return;
	dns->known.servers = servers;
	dns->refused[0] = '\0';
	/* N2 holds for what comes later too. */
	if (dns->known.mode == DNS_TRUST_AD && !dns_trusted_way(&servers, dns->refused))
		return;
	if (dns->back->ops->use(dns->back, &servers) != DANESTS_OK) {
		text_format(dns->refused, sizeof(dns->refused),
		    "cannot change to the new resolvers of %s", dns->known.file.path);
		dns->known.file.seen = false; /* try again soon */
	}
}

static enum source_result arrive_failed(struct ask *ask, enum answer_failure failure,
    const char *why)
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
		return arrive_failed(ask, FAILURE_LOCAL, "out of memory");
	ask_arrive(ask, a);
	return SOURCE_ANSWERED;
}

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

/* The last reply may come at once, and then the job is gone. */
static void start(struct dns_back *back, struct job *job)
{
	for (unsigned i = 0, parts = job->parts; i < parts; i++)
		back->ops->ask(back, &job->part[i].q);
}

enum source_result dns_ask(struct dns *dns, struct ask *ask)
{
	struct job *job;

	if (ask->q.kind == QUESTION_STS || ask->q.kind == QUESTION_STSHELD)
		return SOURCE_PASS;
	refresh(dns);
	if (dns->refused[0] != '\0')
		return arrive_failed(ask, FAILURE_LOCAL, dns->refused);
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return arrive_failed(ask, FAILURE_LOCAL, "out of memory");
	job->dns = dns;
	job->ask = ask;
	if (!add_parts(job, &ask->q)) {
		free(job);
		return arrive_absent(ask);
	}
	if (loop_timer(dns->loop, &job->deadline, dns->timeout_ms, job_deadline, job) != 0) {
		free(job);
		return arrive_failed(ask, FAILURE_LOCAL, "out of memory");
	}
	list_append(&dns->jobs, &job->link);
	ask->answer = NULL;
	start(dns->back, job);
	return ask->answer != NULL ? SOURCE_ANSWERED : SOURCE_PENDING;
}

/* ---- Life ---- */

int dns_check(const struct dns_conf *conf, char problem[DNS_PROBLEM])
{
	struct dns_known known;
	int r = dns_known_init(&known, conf, problem);

	if (r == DANESTS_OK)
		dns_known_free(&known);
	return r;
}

int dns_new(struct dns **out, struct loop *loop, const struct dns_conf *conf,
    char problem[DNS_PROBLEM])
{
	struct dns *dns = calloc(1, sizeof(*dns));
	struct dns_setup setup;
	int r;

	if (dns == NULL)
		return DANESTS_ENOMEM;
	r = dns_known_init(&dns->known, conf, problem);
	if (r != DANESTS_OK) {
		free(dns);
		return r;
	}
	list_init(&dns->jobs);
	dns->loop = loop;
	dns->timeout_ms = conf->timeout_ms;
	setup = (struct dns_setup){
		.loop = loop, .anchors = &dns->known.anchors,
		.servers = dns->known.recursive ? NULL : &dns->known.servers,
		.root_hints = dns->known.root_hints, .stub = dns->known.stub,
		.timeout_ms = conf->timeout_ms, .cache_bytes = conf->cache_bytes,
	};
	r = conf->mode == DNS_TRUST_AD ?
	    dns_stub_new(&dns->back, &setup, problem, DNS_PROBLEM) :
	    dns_unbound_new(&dns->back, &setup, problem, DNS_PROBLEM);
	if (r != DANESTS_OK) {
		dns_free(dns);
		return r;
	}
	*out = dns;
	return DANESTS_OK;
}

void dns_free(struct dns *dns)
{
	if (dns == NULL)
		return;
	if (dns->back != NULL)
		dns->back->ops->free(dns->back);
	while (!list_empty(&dns->jobs)) {
		struct job *job = CONTAINER_OF(dns->jobs.next, struct job, link);

		loop_untimer(dns->loop, &job->deadline);
		for (unsigned i = 0; i < job->parts; i++)
			answer_unref(job->part[i].answer);
		list_remove(&job->link);
		free(job);
	}
	dns_known_free(&dns->known);
	free(dns);
}

enum danests_trust_state dns_trust(struct dns *dns, const char **text, const char **resolvers)
{
	const struct dns_known *k = &dns->known;

	if (k->recursive)
		text_format(dns->resolvers, sizeof(dns->resolvers), "recursive");
	else
		dns_servers_text(&k->servers, dns->resolvers, sizeof(dns->resolvers));
	if (dns->refused[0] != '\0')
		text_format(dns->trust, sizeof(dns->trust), "%s", dns->refused);
	else if (k->mode == DNS_TRUST_AD)
		text_format(dns->trust, sizeof(dns->trust), "AD bit of the resolver: %s",
		    dns->back->text);
	else
		text_format(dns->trust, sizeof(dns->trust), "trust anchor %s: %s",
		    k->anchors.path, dns->back->text);
	*text = dns->trust;
	*resolvers = dns->resolvers;
	return dns->refused[0] != '\0' ? DANESTS_TRUST_FAILED : dns->back->trust;
}
