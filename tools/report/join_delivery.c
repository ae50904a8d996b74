/* SPDX-License-Identifier: BSD-2-Clause */
/* One line of a delivery, with all that is known of it. */
#include "base/attr.h"
#include "base/map.h"
#include "tools/report/join_impl.h"

#define PORT_SUBMISSION 587
#define PORT_SUBMISSIONS 465

static uint64_t print_of(const struct join *j, const struct heard *h, struct slice said,
    uint64_t more)
{
	uint64_t text = map_hash(j->seed, said.p, said.len);

	return keep_mix(j->seed, text + keep_mix(j->seed, (uint64_t)h->second + h->where->print +
	    more * UINT64_C(0x9e3779b97f4a7c15)));
}

static bool is_twice(struct join *j, uint64_t print)
{
	if (!seen_before(&j->seen, print))
		return false;
	j->counts.twice++;
	return true;
}

bool join_twice(struct join *j, const struct heard *h, uint64_t more)
{
	return is_twice(j, print_of(j, h, h->line->text, more));
}

/* Of a server's answer, which is long, the length is enough: the recipient, the status and how
 * long each step took stand before it. */
static uint64_t print_of_delivery(const struct join *j, const struct heard *h)
{
	const struct slice text = h->line->text;
	const size_t front = (size_t)(h->event->delivery.text.p - text.p);

	return print_of(j, h, (struct slice){ text.p, front }, text.len);
}

/* Programs that take a message to another system, or that say why nobody tries: qmgr itself
 * where it has no transport for that. These never send anything. */
static bool is_ours(const struct heard *h)
{
	static const struct slice names[] = { { "error", 5 }, { "retry", 5 }, { "qmgr", 4 } };

	if (h->client || h->event->delivery.status == STATUS_SENT)
		return h->client;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (slice_equal(h->line->program, names[i]))
			return true;
	}
	return false;
}

static bool is_internal(const struct join *j, const struct event *e)
{
	if (e->delivery.relay_kind == RELAY_LOCAL)
		return true;
	return e->delivery.relay_kind == RELAY_HOST &&
	    internal_has(j->internal, e->delivery.relay_host, e->delivery.relay_address);
}

/* Left out, and why. */
static bool is_left_out(struct join *j, const struct heard *h)
{
	if (h->event->delivery.status == STATUS_PROBE)
		j->counts.probes++;
	else if (is_internal(j, h->event))
		j->counts.internal++;
	else
		return false;
	return true;
}

static void fill(struct delivery *d, const struct join *j, const struct heard *h)
{
	const struct event *e = h->event;

	d->us = j->us;
	d->host = h->line->host;
	d->instance = h->line->instance;
	d->qid = e->qid;
	d->recipient = e->delivery.recipient;
	d->status = e->delivery.status;
	d->bounced = e->delivery.status == STATUS_BOUNCED;
	d->lmtp = h->lmtp;
	d->tls = e->delivery.tls;
	d->statement = e->delivery.statement;
	d->text = e->delivery.text;
	d->dsn = e->delivery.dsn;
	d->port = e->delivery.port;
	d->smarthost = d->port == PORT_SUBMISSION || d->port == PORT_SUBMISSIONS;
}

/* By the recipient's domain, unless Postfix named another destination. */
static void find_known(struct join *j, uint64_t nexthop, struct delivery *d)
{
	if (j->decisions.keep.count == 0)
		return;
	if (nexthop == 0)
		nexthop = decisions_number(&j->decisions, d->domain);
	decisions_find(&j->decisions, nexthop, d->us, &d->known);
}

static void find_failure(struct join *j, const struct heard *h, struct delivery *d)
{
	if (h->event->delivery.suspended)
		failures_find(&j->failures, h->where->root, d);
	else if (d->status != STATUS_SENT && !failures_note(&j->failures, h->where->root, d))
		j->counts.out_of_memory = true;
}

void join_delivery(struct join *j, const struct heard *h)
{
	const struct speaker who = { h->where, h->line->pid, false, j->us };
	struct delivery d = {0};
	struct message *m;
	uint64_t nexthop = 0, print;

	if (!is_ours(h))
		return;
	print = print_of_delivery(j, h);
	seen_soon(&j->seen, print);
	/* What a line takes of its process is taken by its copy, too: what is told again before
	 * it must not be there for the next message. */
	d.domain = join_domain(h->event->delivery.recipient, j->domain, sizeof(j->domain));
	if (h->client)
		processes_delivery(&j->processes, &who, h->event,
		    messages_key(&j->messages, h->where->root, h->event->qid) | 1, d.domain, &d,
		    &nexthop);
	if (is_twice(j, print) || is_left_out(j, h) || (m = join_message(j, h)) == NULL)
		return;
	fill(&d, j, h);
	d.message = messages_serial(&j->messages, m);
	if (d.status == STATUS_SENT && messages_sent(&j->messages, m, &j->seen, d.recipient)) {
		j->counts.twice++;
		return;
	}
	d.sender = message_sender(m);
	d.message_id = message_id(m);
	d.cut = join_is_cut(j, h, &d);
	find_failure(j, h, &d);
	find_known(j, nexthop, &d);
	if (!places_now(&j->places, h->where, &d.place) ||
	    (d.cut && !join_cut_place(j, h, &d))) {
		j->counts.out_of_memory = true;
		return;
	}
	j->counts.deliveries++;
	j->next.delivery(j->next.arg, &d);
}
