/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/dns_unbound.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "source/dns_convert.h"
#include "source/dns_unbound_conf.h"
#include "source/dns_unbound_impl.h"

#define RETEST_ASKED_MS 1000 /* when somebody waits for it */

/* libunbound's own words for the third of its callback's arguments. */
enum { SEC_INSECURE = 0, SEC_BOGUS = 1, SEC_SECURE = 2 };

static struct unbound *unbound_of(struct dns_back *back)
{
	return CONTAINER_OF(back, struct unbound, back);
}

/* ---- Engines ---- */

/* libunbound's contexts share things (a log, tables of its TLS library) that are set up
 * by the first and taken down with each, without a lock. */
static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;

static void engine_free(struct engine *e)
{
	loop_untimer(e->ub->setup.loop, &e->drop);
	list_remove(&e->link);
	pthread_mutex_lock(&shared);
	ub_ctx_delete(e->ctx);
	pthread_mutex_unlock(&shared);
	free(e);
}

static void engine_drop(void *arg) { engine_free(arg); }

/* Never from inside of its own callbacks: hence the timer. Without memory for a
 * timer it stays until the end. */
static void engine_release(struct engine *e)
{
	e->under_way--;
	if (e->old && e->under_way == 0 &&
	    loop_timer(e->ub->setup.loop, &e->drop, 0, engine_drop, e) != DANESTS_OK)
		return;
}

int unbound_engine(struct unbound *ub, const struct dns_servers *servers, char *problem,
    size_t size)
{
	struct engine *e = calloc(1, sizeof(*e));
	int r;

	if (e == NULL)
		return DANESTS_ENOMEM;
	e->ub = ub;
	list_init(&e->link);
	pthread_mutex_lock(&shared);
	e->ctx = ub_ctx_create_ub_event(&ub->ubl.base);
	r = e->ctx != NULL ? dns_unbound_configure(e->ctx, &ub->setup, servers, problem, size) :
	    DANESTS_ENOMEM;
	pthread_mutex_unlock(&shared);
	if (r != DANESTS_OK) {
		engine_free(e);
		return r;
	}
	list_append(&ub->engines, &e->link);
	if (ub->now != NULL) {
		ub->now->old = true;
		ub->now->under_way++; /* as if one had been answered just now */
		engine_release(ub->now);
	}
	ub->now = e;
	return DANESTS_OK;
}

/* ---- Questions ---- */

static void give(struct dns_query *q, const struct dns_reply *reply)
{
	q->under_way = false;
	q->done(q, reply);
}

static void fail(struct dns_query *q, enum answer_failure failure, const char *reason)
{
	give(q, &(struct dns_reply){ .failure = failure, .reason = reason });
}

static const char *rcode_text(int rcode)
{
	static const char *const names[] = {
		[1] = "FORMERR", [4] = "NOTIMP", [5] = "REFUSED",
	};

	return rcode > 0 && rcode < (int)COUNT_OF(names) ? names[rcode] : NULL;
}

/* An insecure answer rests on validation at work: without a self-test that came
 * back secure it could be that nothing is ever validated here. */
static bool believed(const struct unbound *ub, const struct dns_query *q, int sec)
{
	return sec == SEC_SECURE || q == &ub->test || ub->back.trust == DANESTS_TRUST_GOOD;
}

/* A failure. While the self-test fails the reason lies here or on our way out, and
 * it would mislead to speak of the domain's. */
static void fail_answer(struct unbound *ub, struct dns_query *q, enum answer_failure failure,
    const char *reason)
{
	char servers[64] = "the root servers", words[DNS_TEXT];

	if (q == &ub->test || ub->back.trust != DANESTS_TRUST_FAILED) {
		fail(q, failure, reason);
		return;
	}
	if (ub->setup.servers != NULL)
		dns_servers_text(&ub->servers, servers, sizeof(servers));
	text_format(words, sizeof(words), "no validated answer from %s: %s%s%s", servers,
	    answer_failure_text(failure), reason != NULL && reason[0] != '\0' ? ", " : "",
	    reason != NULL ? reason : "");
	fail(q, FAILURE_LOCAL, words);
}

static void on_answer(void *arg, int rcode, void *packet, int len, int sec, char *why,
    int ratelimited)
{
	struct dns_query *q = arg;
	struct engine *e = q->back;
	struct unbound *ub = e->ub;
	char words[DNS_WHY];
	unsigned header;

	(void)ratelimited;
	/* ub_ctx_delete() answers what is still open: nobody is there to hear it. */
	if (ub->ending)
		return;
	engine_release(e);
	if (sec == SEC_BOGUS) {
		dns_why_bogus(why, words);
		fail_answer(ub, q, FAILURE_BOGUS, words);
		return;
	}
	/* N3; the packet is only there when the rcode says so, and forged replies
	 * came through with an rcode of their own in the header. */
	if (rcode != 0 && rcode != 3) {
		ub->failures++;
		fail_answer(ub, q, FAILURE_SERVFAIL, rcode_text(rcode));
		return;
	}
	header = packet != NULL && len >= 12 ? ((const uint8_t *)packet)[3] & 0x0fU : 2;
	if (header != 0 && header != 3) {
		fail_answer(ub, q, FAILURE_SERVFAIL, rcode_text((int)header));
		return;
	}
	if (!believed(ub, q, sec)) {
		fail(q, FAILURE_LOCAL, "DNSSEC self-test failed, an unsigned answer cannot be "
		    "told from a forged one");
		return;
	}
	ub->failures = 0;
	ub->answered_ms = clock_mono_ms();
	give(q, &(struct dns_reply){ .secure = sec == SEC_SECURE, .packet = packet,
	    .len = (size_t)len });
}

void unbound_ask_now(struct unbound *ub, struct dns_query *q)
{
	struct engine *e = ub->now;
	int r;

	q->back = e;
	q->under_way = true;
	e->under_way++;
	/* q may be answered, and gone, before this returns. */
	r = ub_resolve_event(e->ctx, q->qname, q->qtype, 1, q, on_answer, &q->id);
	if (r == 0)
		return;
	engine_release(e);
	fail(q, FAILURE_LOCAL, ub_strerror(r));
}

/* ---- Operations ---- */

static bool deaf(const struct unbound *ub, int64_t now)
{
	return ub->failures >= UNBOUND_DEAF_COUNT && now - ub->answered_ms >= UNBOUND_DEAF_MS &&
	    now - ub->tested_ms >= UNBOUND_DEAF_MS;
}

static void unbound_ask(struct dns_back *back, struct dns_query *q)
{
	struct unbound *ub = unbound_of(back);
	int64_t now = clock_mono_ms();

	if ((back->trust == DANESTS_TRUST_FAILED && now - ub->tested_ms >= RETEST_ASKED_MS) ||
	    deaf(ub, now))
		unbound_test(ub);
	if (back->trust != DANESTS_TRUST_GOOD && ub->testing) {
		q->back = NULL;
		q->under_way = true;
		list_append(&ub->waiting, &q->link);
		return;
	}
	unbound_ask_now(ub, q);
}

static void unbound_cancel(struct dns_back *back, struct dns_query *q)
{
	struct engine *e = q->back;

	(void)back;
	if (!q->under_way)
		return;
	q->under_way = false;
	if (e == NULL) {
		list_remove(&q->link);
		return;
	}
	(void)ub_cancel(e->ctx, q->id);
	e->ub->failures++;
	engine_release(e);
}

static int unbound_use(struct dns_back *back, const struct dns_servers *servers)
{
	struct unbound *ub = unbound_of(back);
	char problem[DNS_TEXT];
	int r = unbound_engine(ub, servers, problem, sizeof(problem));

	if (r != DANESTS_OK)
		return r;
	ub->servers = *servers;
	unbound_test(ub);
	return DANESTS_OK;
}

static void unbound_free(struct dns_back *back)
{
	struct unbound *ub = unbound_of(back);

	ub->ending = true;
	loop_untimer(ub->setup.loop, &ub->deadline);
	loop_untimer(ub->setup.loop, &ub->retest);
	while (!list_empty(&ub->engines))
		engine_free(CONTAINER_OF(ub->engines.next, struct engine, link));
	free(ub);
}

int dns_unbound_new(struct dns_back **out, const struct dns_setup *setup, char *problem,
    size_t size)
{
	static const struct dns_back_ops ops = {
		.free = unbound_free, .ask = unbound_ask, .cancel = unbound_cancel,
		.use = unbound_use,
	};
	struct unbound *ub = calloc(1, sizeof(*ub));
	int r;

	if (ub == NULL)
		return DANESTS_ENOMEM;
	ub->back = (struct dns_back){ .ops = &ops, .text = "self-test not finished" };
	ub->setup = *setup;
	if (setup->servers != NULL)
		ub->servers = *setup->servers;
	ub->retest_ms = UNBOUND_RETEST_MIN_MS;
	list_init(&ub->engines);
	list_init(&ub->waiting);
	ub_loop_init(&ub->ubl, setup->loop);
	r = unbound_engine(ub, setup->servers, problem, size);
	if (r != DANESTS_OK) {
		unbound_free(&ub->back);
		return r;
	}
	unbound_test(ub);
	*out = &ub->back;
	return DANESTS_OK;
}
