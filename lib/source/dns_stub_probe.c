/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does this resolver validate? An answer without the AD bit means "not signed"
 * only from one that does; from any other it means nothing, and to fall over
 * to such a one would be a silent downgrade. So each resolver has to show the
 * AD bit on a signed zone, again and again while it is used (N1, N2).
 */
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

static void sum_up(struct stub *st)
{
	char name[DNS_SERVER_TEXT_MAX];
	const struct server *shown = &st->server[0];

	st->back.trust = DANESTS_TRUST_FAILED;
	for (size_t i = 0; i < st->servers; i++) {
		if (st->server[i].state != SERVER_GOOD)
			continue;
		st->back.trust = DANESTS_TRUST_GOOD;
		shown = &st->server[i];
		break;
	}
	dns_server_text(&st->helper.servers.at[server_number(shown)], name);
	text_format(st->back.text, sizeof(st->back.text), "resolver %s %s", name,
	    shown->state == SERVER_GOOD ? "validates DNSSEC" :
	    shown->why != NULL ? shown->why : "was not tested");
	retest_later(st);
}

/* ---- One probe ---- */

static void probe_end(struct server *sv, const char *why)
{
	struct stub *st = sv->stub;

	stub_forget(st, &sv->probe);
	sv->probe.under_way = false;
	sv->tested_ms = clock_mono_ms();
	sv->state = why == NULL ? SERVER_GOOD : SERVER_BAD;
	sv->why = why;
	if (why == NULL)
		sv->good_ms = sv->tested_ms;
	sum_up(st);
	stub_wake(st);
}

static void probe_again(void *arg);

/* One more packet; false when it was the last one. */
static bool probe_send(struct server *sv)
{
	struct stub *st = sv->stub;
	/* Who waits for it shall hear why, not just that time is up. */
	int half = st->setup.timeout_ms / 2, budget = half < STUB_PROBE_MS ? half : STUB_PROBE_MS;

	return sv->probe.tries < 3 &&
	    stub_send(st, &sv->probe, server_number(sv), 0) == DANESTS_OK &&
	    loop_timer(st->setup.loop, &sv->probe.again, budget / 3, probe_again, sv) == DANESTS_OK;
}

static void probe_again(void *arg)
{
	struct server *sv = arg;

	if (!probe_send(sv))
		probe_end(sv, "does not answer");
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

void probe_start(struct stub *st, struct server *sv)
{
	if (sv->probe.under_way || !helper_up(&st->helper))
		return;
	if (sv->state != SERVER_UNTESTED && clock_mono_ms() - sv->tested_ms < STUB_AGAIN_MS)
		return;
	sv->stub = st;
	sv->owners_left = st->setup.anchors->count + 1;
	probe_next_owner(sv);
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
	if (reply->status != STUB_PACKET && probe->tries < 3)
		return;
	probe_end(sv, why);
}
