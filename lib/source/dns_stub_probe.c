/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does this resolver validate? An answer without the AD bit means "not signed"
 * only from one that does; from any other it means nothing, and to fall over
 * to such a one would be a silent downgrade. So each resolver has to show the
 * AD bit on a signed zone, again and again while it is used (N1, N2). It may
 * change at any moment, started anew with another configuration: whatever came
 * without AD is held until it has shown the bit to a probe sent later.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "parse/dnsmsg.h"
#include "source/dns_stub_impl.h"

#define RETEST_MIN_MS 2000
#define RETEST_MAX_MS 60000

static struct server *server_of(struct dns_query *probe)
{
	return CONTAINER_OF(probe, struct server, probe);
}

static size_t server_number(const struct server *sv) { return (size_t)(sv - sv->stub->server); }

bool server_fresh(const struct server *sv, int64_t now)
{
	return sv->state == SERVER_GOOD && now - sv->good_ms <= STUB_FRESH_MS;
}

bool probe_under_way(const struct stub *st)
{
	for (size_t i = 0; i < st->servers; i++)
		if (st->server[i].probe.under_way)
			return true;
	return false;
}

/* ---- What it came to, for all of them ---- */

static void on_retest(void *arg) { probe_all(arg); }

/* While none is good, try again by ourselves; but ever more seldom. */
static void retest_later(struct stub *st)
{
	loop_untimer(st->setup.loop, &st->retest);
	if (st->back.trust == DANESTS_TRUST_GOOD) {
		st->retest_ms = RETEST_MIN_MS;
		return;
	}
	if (loop_timer(st->setup.loop, &st->retest, st->retest_ms, on_retest, st) == DANESTS_OK &&
	    (st->retest_ms *= 2) > RETEST_MAX_MS)
		st->retest_ms = RETEST_MAX_MS;
}

void server_text(const struct server *sv, const char *what, char *out, size_t size)
{
	char name[DNS_SERVER_TEXT_MAX];

	dns_server_text(&sv->stub->helper.servers.at[server_number(sv)], name);
	text_format(out, size, "resolver %s %s", name, what);
}

static void sum_up(struct stub *st)
{
	const struct server *shown = &st->server[0];

	st->back.trust = DANESTS_TRUST_FAILED;
	for (size_t i = 0; i < st->servers; i++) {
		if (st->server[i].state != SERVER_GOOD)
			continue;
		st->back.trust = DANESTS_TRUST_GOOD;
		shown = &st->server[i];
		break;
	}
	server_text(shown, shown->state == SERVER_GOOD ? "validates DNSSEC" :
	    shown->why != NULL ? shown->why : "was not tested", st->back.text,
	    sizeof(st->back.text));
	retest_later(st);
}

/* ---- Replies that wait for it ---- */

static void move_all(struct list *to, struct list *from)
{
	struct list *node;

	while (!list_empty(from)) {
		node = from->next;
		list_remove(node);
		list_append(to, node);
	}
}

static void judge(const struct server *sv, struct list *due, const char *why)
{
	struct stub *st = sv->stub;

	while (!list_empty(due)) {
		struct dns_query *q = CONTAINER_OF(due->next, struct held, link)->q;
		struct held *held = stub_unhold(st, q);

		if (why == NULL)
			stub_give(st, q, &(struct dns_reply){ .packet = held->packet,
			    .len = held->len });
		else
			stub_doubt(sv, q, why);
		free(held);
	}
}

static void probe_begin(struct server *sv);

static void on_soon(void *arg)
{
	struct server *sv = arg;

	if (!list_empty(&sv->held) && !sv->probe.under_way && helper_up(&sv->stub->helper))
		probe_begin(sv);
}

/* One probe for all replies of this turn of the loop. */
static bool probe_soon(struct server *sv)
{
	return sv->probe.under_way || sv->soon.place != 0 ||
	    loop_timer(sv->stub->setup.loop, &sv->soon, 0, on_soon, sv) == DANESTS_OK;
}

bool probe_judges(struct server *sv, struct dns_query *q, const struct stub_reply *reply)
{
	return stub_hold(sv->stub, q, reply, &sv->held) && probe_soon(sv);
}

/* ---- One probe ---- */

static void probe_end(struct server *sv, const char *why)
{
	struct stub *st = sv->stub;
	struct list judged;

	list_init(&judged);
	move_all(&judged, &sv->due);
	if (why != NULL) /* no need to ask again */
		move_all(&judged, &sv->held);
	stub_forget(st, &sv->probe);
	sv->probe.under_way = false;
	sv->tested_ms = clock_mono_ms();
	sv->state = why == NULL ? SERVER_GOOD : SERVER_BAD;
	sv->why = why;
	if (why == NULL)
		sv->good_ms = sv->tested_ms;
	sum_up(st);
	judge(sv, &judged, why);
	stub_wake(st);
	if (!list_empty(&sv->held) && !probe_soon(sv))
		judge(sv, &sv->held, "cannot be probed: out of memory");
}

/* Who answers others is not dead, but what waited for this probe waited in vain. */
static void probe_unanswered(struct server *sv)
{
	static const char why[] = "does not answer";
	struct list judged;

	if (sv->state != SERVER_GOOD || !sv->answered) {
		probe_end(sv, why);
		return;
	}
	list_init(&judged);
	move_all(&judged, &sv->due);
	probe_begin(sv);
	judge(sv, &judged, why);
}

static void probe_again(void *arg);

/* One more packet; false when it was the last one. */
static bool probe_send(struct server *sv)
{
	struct stub *st = sv->stub;
	/* Who waits for it shall hear why, not just that time is up. */
	int half = st->setup.timeout_ms / 2, budget = half < STUB_PROBE_MS ? half : STUB_PROBE_MS;

	return sv->probe.tries < 3 &&
	    stub_send(st, &sv->probe, server_number(sv), STUB_PROBE) == DANESTS_OK &&
	    loop_timer(st->setup.loop, &sv->probe.again, budget / 3, probe_again, sv) == DANESTS_OK;
}

static void probe_again(void *arg)
{
	struct server *sv = arg;

	if (!probe_send(sv))
		probe_unanswered(sv);
}

/* The root, or the owner of a configured trust anchor. */
static void probe_next_owner(struct server *sv)
{
	const struct dns_anchors *anchors = sv->stub->setup.anchors;

	stub_forget(sv->stub, &sv->probe);
	sv->probe = (struct dns_query){ .qtype = DNS_SOA, .back = sv, .under_way = true };
	list_init(&sv->probe.link);
	sv->owner %= anchors->count + 1;
	text_format(sv->probe.qname, sizeof(sv->probe.qname), "%s",
	    sv->owner == 0 ? "." : anchors->at[sv->owner - 1].owner);
	sv->owners_left--;
	if (!probe_send(sv))
		probe_end(sv, "cannot be asked");
}

static void probe_begin(struct server *sv)
{
	move_all(&sv->due, &sv->held);
	sv->answered = false;
	sv->owners_left = sv->stub->setup.anchors->count + 1;
	probe_next_owner(sv);
}

void probe_start(struct stub *st, struct server *sv)
{
	if (sv->probe.under_way || !helper_up(&st->helper))
		return;
	if (sv->state != SERVER_UNTESTED && clock_mono_ms() - sv->tested_ms < STUB_AGAIN_MS)
		return;
	probe_begin(sv);
}

void probe_all(struct stub *st)
{
	for (size_t i = 0; i < st->servers; i++)
		probe_start(st, &st->server[i]);
}

void probe_drop(struct stub *st)
{
	for (size_t i = 0; i < st->servers; i++) {
		struct server *sv = &st->server[i];

		if (sv->probe.under_way)
			stub_forget(st, &sv->probe);
		loop_untimer(st->setup.loop, &sv->soon);
		sv->probe.under_way = false;
		sv->state = SERVER_UNTESTED;
	}
	loop_untimer(st->setup.loop, &st->retest);
}

/* Why this is no proof; NULL when it is one. */
static const char *reply_problem(const struct dns_query *probe, const struct stub_reply *reply)
{
	struct dnsmsg msg;

	if (reply->status != STUB_PACKET)
		return "does not answer";
	if (dnsmsg_parse(&msg, reply->packet, reply->len, probe->qname, probe->qtype) !=
	    DANESTS_OK)
		return "sends damaged replies";
	if (msg.rcode != 0)
		return "cannot resolve a signed zone";
	if (!msg.ad || msg.count == 0)
		return "does not validate DNSSEC (no AD bit)";
	return NULL;
}

void probe_reply(struct stub *st, struct dns_query *probe, const struct stub_reply *reply)
{
	struct server *sv = server_of(probe);
	const char *why = reply_problem(probe, reply);

	(void)st;
	if (why != NULL && reply->status == STUB_PACKET && sv->owners_left > 0) {
		sv->owner++;
		probe_next_owner(sv);
		return;
	}
	/* Nobody there: the next packet goes out when its time has come, unless
	 * that was the last one. */
	if (reply->status != STUB_PACKET) {
		if (probe->tries == 3)
			probe_unanswered(sv);
		return;
	}
	probe_end(sv, why);
}
