/* SPDX-License-Identifier: BSD-2-Clause */
/* The line of a delivery takes what its process logged before. */
#include "tools/report/places.h"
#include "tools/report/process_impl.h"
#include "tools/report/seconds.h"

/* One delivery as its line tells it. */
struct taking {
	struct processes *all;
	const struct speaker *who;
	const struct event *event;
	uint64_t qid, relay;  /* relay 0: not connected */
	struct slice domain;
	struct delivery *d;
};

/* The first message to use it has it for all its recipients. */
static bool tie(struct note *note, uint64_t qid)
{
	if (note->qid == 0)
		note->qid = qid;
	return note->qid == qid;
}

/* It is there, of this other side, not older than so many seconds, and ours. */
static bool take(struct note *note, const struct taking *t, uint64_t peer, uint64_t span)
{
	if (note->peer == 0)
		return false;
	if (note->peer != peer || !seconds_near(note->us, t->who->us, span)) {
		*note = (struct note){0};
		return false;
	}
	return tie(note, t->qid);
}

/* ---- Each kind ---- */

/* A connection that was handed on is logged again by who got it: without such a line this
 * message did not use TLS, whatever the process did before. */
static void take_session(struct process *p, const struct taking *t)
{
	if (t->event->delivery.conn_use > 1 && !p->reused && p->session.peer == t->relay)
		return;
	if (!take(&p->session, t, t->relay, SESSION_HOLDS))
		return;
	t->d->session = true;
	t->d->trust = (enum trust)p->trust;
	t->d->proof = (enum proof)p->session_proof;
}

static bool is_tls_failure(const struct event *event)
{
	return event->delivery.status != STATUS_SENT &&
	    (event->delivery.statement == STATEMENT_NOT_VERIFIED ||
	    event->delivery.statement == STATEMENT_NOT_TRUSTED ||
	    event->delivery.statement == STATEMENT_HANDSHAKE);
}

/* One attempt, one cause: when the message is tried again it has another one. */
static bool take_cause(struct process *p, const struct taking *t)
{
	bool first = p->failed.qid == 0;

	if (!is_tls_failure(t->event)) {
		if (p->failed.qid != t->qid)
			p->failed = (struct note){0};
		return false;
	}
	if (!first && !seconds_near(p->failed_used, t->who->us, USED_NEAR)) {
		p->failed = (struct note){0};
		return false;
	}
	if (!take(&p->failed, t, t->relay, OWN_NEAR))
		return false;
	if (first)
		p->failed_used = t->who->us;
	t->d->cause = (enum cause)p->cause;
	return true;
}

/* mx[192.0.2.1]:25 without the port, as reports have it. */
static struct slice without_port(struct slice relay)
{
	while (relay.len > 0 && relay.p[relay.len - 1] != ']')
		relay.len--;
	return relay;
}

static void take_report(const struct taking *t, enum tlsrpt_word word)
{
	t->d->tlsrpt = true;
	t->d->tlsrpt_word = word;
}

static void take_of_proxy(const struct taking *t, bool caused)
{
	struct peer *peer = process_peer(t->all, t->who, t->relay, false);
	int64_t us = t->who->us;

	if (peer == NULL)
		return;
	if (!caused && is_tls_failure(t->event) && peer->cause != CAUSE_NONE &&
	    seconds_near(peer->cause_us, us, PROXY_NEAR))
		t->d->cause = (enum cause)peer->cause;
	if (peer->unusable && seconds_near(peer->unusable_us, us, PROXY_REPORT_NEAR))
		t->d->unusable = true;
}

static void take_report_of_proxy(const struct taking *t, struct slice mx)
{
	struct peer *peer = process_peer(t->all, t->who,
	    process_report_number(t->all, mx, t->domain), false);

	if (peer != NULL && peer->tlsrpt &&
	    seconds_near(peer->tlsrpt_us, t->who->us, PROXY_REPORT_NEAR))
		take_report(t, (enum tlsrpt_word)peer->tlsrpt_word);
}

/* ---- All ---- */

static void take_of_relay(struct process *p, const struct taking *t)
{
	struct slice mx = without_port(t->event->delivery.relay);
	bool caused = false;

	if (p != NULL) {
		take_session(p, t);
		caused = take_cause(p, t);
		t->d->unusable = take(&p->unusable, t, t->relay, SESSION_HOLDS);
		if (p->tlsrpt.peer != 0 &&
		    take(&p->tlsrpt, t, process_number(t->all, mx), SESSION_HOLDS))
			take_report(t, (enum tlsrpt_word)p->tlsrpt_word);
	}
	if (t->all->peers.count == 0)
		return;
	take_of_proxy(t, caused);
	if (!t->d->tlsrpt && t->all->proxy_reports)
		take_report_of_proxy(t, mx);
}

void processes_delivery(struct processes *all, const struct speaker *who,
    const struct event *event, uint64_t qid, struct slice domain, struct delivery *d,
    uint64_t *nexthop)
{
	struct process *p = process_find(all, who, false);
	struct taking t = { all, who, event, qid, 0, domain, d };

	*nexthop = 0;
	if (event->delivery.relay_kind == RELAY_HOST) {
		t.relay = process_number(all, event->delivery.relay);
		take_of_relay(p, &t);
	}
	if (p == NULL)
		return;
	d->sts_mx = take(&p->sts_mx, &t, p->sts_mx.peer, POLICY_NEAR);
	/* Postfix calls it a failed handshake. A delivery that went on without it ends it, too. */
	d->no_proxy = take(&p->no_proxy, &t, p->no_proxy.peer, POLICY_NEAR) &&
	    event->delivery.statement == STATEMENT_HANDSHAKE;
	if (take(&p->policy, &t, p->policy.peer, POLICY_NEAR))
		*nexthop = p->policy.peer;
}

/* It says nothing of which host that was, but what came before was of it. */
void processes_passed(struct processes *all, const struct speaker *who)
{
	struct process *p = process_find(all, who, false);

	if (p == NULL)
		return;
	p->session = p->proved = p->failed = p->tlsrpt = p->unusable = p->no_proxy =
	    (struct note){0};
}
