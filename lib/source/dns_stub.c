/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/dns_stub.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "source/dns_stub_impl.h"

/* rcodes, RFC 1035 4.1.1 */
enum { NOERROR = 0, SERVFAIL = 2, NXDOMAIN = 3 };

static struct stub *stub_of(struct dns_back *back)
{
	return CONTAINER_OF(back, struct stub, back);
}

/* ---- The life of a question ---- */

void stub_give(struct stub *st, struct dns_query *q, const struct dns_reply *reply)
{
	stub_forget(st, q);
	list_remove(&q->link);
	q->under_way = false;
	q->done(q, reply);
}

static void fail(struct stub *st, struct dns_query *q, enum answer_failure failure,
    const char *reason)
{
	stub_give(st, q, &(struct dns_reply){ .failure = failure, .reason = reason });
}

static void wait_for_probe(struct stub *st, struct dns_query *q)
{
	stub_forget(st, q);
	q->tries = q->heard = 0;
	list_remove(&q->link);
	list_append(&st->waiting, &q->link);
}

/* The first good resolver after `after` places that has not had this question;
 * st->servers when there is none. */
static size_t choose(const struct stub *st, const struct dns_query *q, size_t after, bool repeat)
{
	int64_t now = clock_mono_ms();

	for (size_t i = 0; i < st->servers; i++) {
		size_t n = (after + i) % st->servers;
		bool tried = false;

		for (size_t t = 0; t < q->tries && !repeat; t++)
			tried = tried || q->tried[t] == n;
		if (!tried && server_fresh(&st->server[n], now))
			return n;
	}
	return st->servers;
}

static void on_again(void *arg);

static void send_to(struct stub *st, struct dns_query *q, size_t server)
{
	struct server *sv = &st->server[server];

	if (clock_mono_ms() - sv->good_ms >= STUB_RENEW_MS)
		probe_start(st, sv);
	/* Retransmission: at a fifth of the time, and at every fifth after. */
	if (stub_send(st, q, server, 0) != DANESTS_OK ||
	    loop_timer(st->setup.loop, &q->again, st->setup.timeout_ms / 5, on_again, q) !=
	    DANESTS_OK)
		fail(st, q, FAILURE_LOCAL, "DNS helper is overloaded");
}

static void begin(struct stub *st, struct dns_query *q)
{
	size_t server = choose(st, q, 0, true);

	if (server < st->servers) {
		list_remove(&q->link);
		list_append(&st->pending, &q->link);
		send_to(st, q, server);
		return;
	}
	helper_retry(&st->helper);
	if (st->helper.error != 0) {
		fail(st, q, FAILURE_LOCAL, "DNS helper cannot be started");
		return;
	}
	if (helper_up(&st->helper))
		probe_all(st);
	if (!helper_up(&st->helper) || probe_under_way(st))
		wait_for_probe(st, q);
	else
		fail(st, q, FAILURE_LOCAL, st->back.text);
}

void stub_wake(struct stub *st)
{
	struct list now;

	if (list_empty(&st->waiting))
		return;
	/* Whoever has to wait again goes onto the list anew. */
	now = st->waiting;
	now.next->prev = now.prev->next = &now;
	list_init(&st->waiting);
	while (!list_empty(&now))
		begin(st, CONTAINER_OF(now.next, struct dns_query, link));
}

static void on_again(void *arg)
{
	struct dns_query *q = arg;
	struct stub *st = q->back;
	size_t last = q->tried[q->tries - 1], server = choose(st, q, last + 1, true);

	if (q->checking) {
		fail(st, q, FAILURE_SERVFAIL, NULL);
	} else if (server == st->servers) {
		wait_for_probe(st, q);
		begin(st, q);
	} else if (q->tries < STUB_MAX_TRIES - 1) { /* one is kept for the question with CD */
		send_to(st, q, server);
	}
}

/* ---- Replies ---- */

static bool all_heard(const struct dns_query *q)
{
	return q->heard == (1U << q->tries) - 1;
}

/* One try came to nothing. Another resolver, if there is one; else what is still
 * under way may help; else that is that. */
static void next_try(struct stub *st, struct dns_query *q, enum answer_failure failure,
    const char *why, bool servfail)
{
	size_t last = q->tried[q->tries - 1], server = choose(st, q, last + 1, false);

	if (server < st->servers && q->tries < STUB_MAX_TRIES - 1) {
		send_to(st, q, server);
		return;
	}
	if (!all_heard(q))
		return;
	/* Nobody answers: the next retransmission may be luckier. */
	if (failure == FAILURE_TIMEOUT && q->again.place != 0)
		return;
	/* With CD the resolver hands out what it found bogus (RFC 4035 3.2.2). It
	 * is only for the wording, so it may not take long. */
	if (servfail && stub_send(st, q, last, STUB_CHECKING_DISABLED) == DANESTS_OK &&
	    loop_timer(st->setup.loop, &q->again, st->setup.timeout_ms / 5, on_again, q) ==
	    DANESTS_OK) {
		q->checking = true;
		return;
	}
	fail(st, q, failure, why);
}

void stub_doubt(const struct server *sv, struct dns_query *q, const char *why)
{
	char words[DNS_TEXT];

	server_text(sv, why, words, sizeof(words));
	next_try(sv->stub, q, FAILURE_LOCAL, words, false);
}

static const char *rcode_text(unsigned rcode)
{
	return rcode == 1 ? "FORMERR" : rcode == 4 ? "NOTIMP" : rcode == 5 ? "REFUSED" : NULL;
}

static bool has_ad(const struct stub_reply *reply)
{
	return reply->status == STUB_PACKET && (reply->packet[3] & 0x20U) != 0;
}

static void take_packet(struct stub *st, struct dns_query *q, struct server *sv,
    const struct stub_reply *reply)
{
	unsigned rcode = reply->packet[3] & 0x0fU;
	bool answer = rcode == NOERROR || rcode == NXDOMAIN;

	if (q->checking) {
		/* Nothing of such a packet is used. */
		fail(st, q, answer ? FAILURE_BOGUS : FAILURE_SERVFAIL, NULL);
	} else if (!answer) { /* N3 */
		next_try(st, q, FAILURE_SERVFAIL, rcode_text(rcode), rcode == SERVFAIL);
	} else if (sv->state == SERVER_BAD) {
		stub_doubt(sv, q, sv->why);
	} else if (has_ad(reply)) {
		stub_give(st, q, &(struct dns_reply){ .secure = true, .packet = reply->packet,
		    .len = reply->len });
	} else if (!probe_judges(sv, q, reply)) {
		fail(st, q, FAILURE_LOCAL, "out of memory for replies");
	}
}

static bool on_reply(void *arg, const struct stub_reply *reply)
{
	struct stub *st = arg;
	struct dns_query *q;
	struct server *sv;
	unsigned try;

	if (!stub_find(st, reply->id, &q, &try))
		return false;
	if (q == NULL) /* it has its answer by now */
		return true;
	if (try >= q->tries || (q->heard & 1U << try) != 0)
		return false;
	q->heard |= (uint8_t)(1U << try);
	sv = &st->server[q->tried[try]];
	if (q == &sv->probe) {
		probe_reply(st, q, reply);
		return true;
	}
	sv->answered = sv->answered || reply->status == STUB_PACKET;
	if (stub_holds(st, q) && !(has_ad(reply) && sv->state == SERVER_GOOD))
		return true; /* what we hold is no worse */
	if (reply->status == STUB_PACKET) {
		take_packet(st, q, sv, reply);
	} else if (q->checking) {
		fail(st, q, FAILURE_SERVFAIL, NULL);
	} else {
		probe_start(st, sv);
		next_try(st, q, FAILURE_TIMEOUT, NULL, false);
	}
	return true;
}

/* ---- The helper comes and goes ---- */

static void on_up(void *arg) { probe_all(arg); }

static void on_death(void *arg)
{
	struct stub *st = arg;

	probe_drop(st);
	st->back.trust = DANESTS_TRUST_TESTING;
	text_format(st->back.text, sizeof(st->back.text), "DNS helper died (%u times so far)",
	    st->helper.deaths);
	while (!list_empty(&st->pending))
		fail(st, CONTAINER_OF(st->pending.next, struct dns_query, link), FAILURE_LOCAL,
		    "DNS helper died");
}

static void set_servers(struct stub *st, const struct dns_servers *servers)
{
	st->helper.servers = *servers;
	st->servers = servers->count;
	memset(st->server, 0, sizeof(st->server));
	for (size_t i = 0; i < st->servers; i++) {
		st->server[i].stub = st;
		list_init(&st->server[i].due);
		list_init(&st->server[i].held);
	}
}

/* ---- Operations ---- */

static void stub_ask(struct dns_back *back, struct dns_query *q)
{
	q->back = stub_of(back);
	q->under_way = true;
	q->checking = false;
	q->tries = q->heard = 0;
	list_init(&q->link);
	begin(stub_of(back), q);
}

static void stub_cancel(struct dns_back *back, struct dns_query *q)
{
	if (!q->under_way)
		return;
	stub_forget(stub_of(back), q);
	list_remove(&q->link);
	q->under_way = false;
}

/* Another helper for the other resolvers; questions begin anew there. */
static int stub_use(struct dns_back *back, const struct dns_servers *servers)
{
	struct stub *st = stub_of(back);

	probe_drop(st);
	while (!list_empty(&st->pending))
		wait_for_probe(st, CONTAINER_OF(st->pending.next, struct dns_query, link));
	helper_stop(&st->helper);
	set_servers(st, servers);
	helper_start(&st->helper);
	return DANESTS_OK;
}

static void stub_free(struct dns_back *back)
{
	struct stub *st = stub_of(back);

	probe_drop(st);
	while (!list_empty(&st->pending))
		stub_cancel(back, CONTAINER_OF(st->pending.next, struct dns_query, link));
	helper_stop(&st->helper);
	free(st->slot);
	free(st);
}

int dns_stub_new(struct dns_back **out, const struct dns_setup *setup, char *problem, size_t size)
{
	static const struct dns_back_ops ops = {
		.free = stub_free, .ask = stub_ask, .cancel = stub_cancel, .use = stub_use,
	};
	struct stub *st = calloc(1, sizeof(*st));

	if (st == NULL)
		return DANESTS_ENOMEM;
	st->back = (struct dns_back){ .ops = &ops, .text = "self-test not finished" };
	st->setup = *setup;
	st->retest_ms = 2000;
	list_init(&st->pending);
	list_init(&st->waiting);
	st->helper = (struct dns_helper){
		.loop = setup->loop, .program = setup->stub, .timeout_ms = setup->timeout_ms,
		.on_reply = on_reply, .on_up = on_up, .on_death = on_death, .arg = st,
	};
	set_servers(st, setup->servers);
	helper_start(&st->helper);
	if (st->helper.error != 0) {
		text_format(problem, size, "cannot start helper program %s: %s", setup->stub,
		    strerror(st->helper.error));
		stub_free(&st->back);
		return DANESTS_ERESOLVER;
	}
	*out = &st->back;
	return DANESTS_OK;
}
