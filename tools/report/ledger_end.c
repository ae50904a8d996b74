/* SPDX-License-Identifier: BSD-2-Clause */
/* How it ended: what is left when a message is gone, and when its days are out of the period. */
#include <stdlib.h>

#include "base/attr.h"
#include "danests.h"
#include "tools/report/ledger_impl.h"

#define LEDGER_STALE_US (10 * 86400 * INT64_C(1000000)) /* Postfix keeps mail for 5 days */

void ledger_hint(struct ledger *l, uint64_t number, int change)
{
	uint8_t *hint = &l->hints[number % LEDGER_HINTS];

	if (*hint < UINT8_MAX)
		*hint = (uint8_t)(*hint + change);
}

/* ---- A message is gone ---- */

/* It was given back for what was wrong the last time (RFC 5321 4.5.4.1 gives up then). */
static void mark_final(struct who *who)
{
	int64_t last = who->other_us;
	struct record *r;

	for (r = who->records; r != NULL; r = r->next)
		if (r->last_us > last)
			last = r->last_us;
	for (r = who->records; r != NULL; r = r->next)
		if (r->last_us == last)
			r->final = true;
}

/* What a certificate can be found to be, once more of it is logged. */
static const char *const certain[] = {
	"tlsa-invalid", "certificate-expired", "certificate-host-mismatch", "sts-cert-untrusted",
	"sts-cert-expired", "sts-cert-host-mismatch",
};

static struct record *find_token(const struct who *who, const char *token)
{
	const struct danests_fault *fault = danests_fault(token);
	struct record *r = who->records;

	while (r != NULL && r->fault != fault)
		r = r->next;
	return r;
}

/* "Not verified" is the same failure seen less clearly; of several the first of the table. */
static void merge_weak(struct ledger *l, struct who *who)
{
	struct record *weak = find_token(who, "cert-not-verified"), *clear = NULL;

	if (weak == NULL || who->records->next == NULL)
		return;
	for (size_t i = 0; i < COUNT_OF(certain) && clear == NULL; i++)
		clear = find_token(who, certain[i]);
	if (clear != NULL)
		record_merge(l, clear, weak);
}

void ledger_close(struct ledger *l, struct ledger_message *m, bool expired)
{
	if (!m->live)
		return;
	for (struct who *who = m->whos; who != NULL; who = who->next) {
		if (expired)
			mark_final(who);
		merge_weak(l, who);
		map_del(&l->whos, &who->node);
	}
	map_del(&l->live, &m->node);
	ledger_hint(l, m->number, -1);
	m->live = false;
}

void ledger_end(struct ledger *l)
{
	struct list *at, *next;
	struct ledger_message *m;

	for (at = l->all.next; at != &l->all; at = next) {
		next = at->next;
		m = CONTAINER_OF(at, struct ledger_message, all);
		ledger_close(l, m, false);
		ledger_trim(l, m);
	}
}

/* ---- What is not needed any more ---- */

static void free_who(struct ledger *l, struct who *who)
{
	struct record *r;

	while ((r = who->records) != NULL) {
		who->records = r->next;
		record_free(l, r);
	}
	if (who->of->live)
		map_del(&l->whos, &who->node);
	names_drop(l->names, who->recipient);
	names_drop(l->names, who->domain);
	l->bytes -= sizeof(*who);
	free(who);
}

/* As long as the message lives, a record without a failure in the period still may get one. */
static void trim_records(struct ledger *l, struct who *who)
{
	struct record **at = &who->records, *r;

	while ((r = *at) != NULL) {
		if (who->of->live || r->count > 0) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		record_free(l, r);
	}
}

void ledger_trim(struct ledger *l, struct ledger_message *m)
{
	struct who **at = &m->whos, *who;

	while ((who = *at) != NULL) {
		trim_records(l, who);
		if (who->records != NULL) {
			at = &who->next;
			continue;
		}
		*at = who->next;
		free_who(l, who);
	}
	if (m->whos == NULL)
		ledger_forget(l, m);
}

void ledger_forget(struct ledger *l, struct ledger_message *m)
{
	struct who *who;

	while ((who = m->whos) != NULL) {
		m->whos = who->next;
		free_who(l, who);
	}
	if (m->live) {
		map_del(&l->live, &m->node);
		ledger_hint(l, m->number, -1);
	}
	list_remove(&m->all);
	names_drop(l->names, m->sender);
	names_drop(l->names, m->id);
	l->bytes -= sizeof(*m);
	free(m);
}

/* Nothing to show, and older than any queue keeps mail. */
static bool is_stale(const struct ledger_message *m, int64_t newest_us)
{
	for (const struct who *who = m->whos; who != NULL; who = who->next)
		for (const struct record *r = who->records; r != NULL; r = r->next)
			if (r->count > 0 || r->last_us >= newest_us - LEDGER_STALE_US)
				return false;
	return true;
}

void ledger_drop(struct ledger *l, int64_t before_us, int64_t newest_us)
{
	struct list *at, *next;
	struct ledger_message *m;

	for (at = l->all.next; at != &l->all; at = next) {
		next = at->next;
		m = CONTAINER_OF(at, struct ledger_message, all);
		for (struct who *who = m->whos; who != NULL; who = who->next)
			for (struct record *r = who->records; r != NULL; r = r->next)
				record_drop(l, r, before_us);
		if (is_stale(m, newest_us))
			ledger_forget(l, m);
		else
			ledger_trim(l, m);
	}
}

/* ---- What a report shows ---- */

static void show(const struct who *who, const struct record *r, const struct try *try,
    void (*row)(void *arg, const struct ledger_row *row), void *arg)
{
	struct ledger_row out = {
		.us = try->us, .message = who->of->number,
		.security = r->security, .evidence = r->evidence, .fault = r->fault,
		.doubt = r->doubt, .final = r->final,
		.domain = name_slice(who->domain), .recipient = name_slice(who->recipient),
		.sender = name_slice(who->of->sender), .message_id = name_slice(who->of->id),
		.text = name_slice(try->text),
	};

	row(arg, &out);
}

static const struct try *first_try(const struct record *r, int64_t since_us, int64_t until_us)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->tries[i].us >= since_us)
			return r->tries[i].us < until_us ? &r->tries[i] : NULL;
	return NULL;
}

void ledger_walk(const struct ledger *l, int64_t since_us, int64_t until_us,
    void (*row)(void *arg, const struct ledger_row *row), void *arg)
{
	const struct ledger_message *m;
	const struct try *try;

	for (const struct list *at = l->all.next; at != &l->all; at = at->next) {
		m = CONTAINER_OF(at, struct ledger_message, all);
		for (const struct who *who = m->whos; who != NULL; who = who->next) {
			for (const struct record *r = who->records; r != NULL; r = r->next) {
				try = first_try(r, since_us, until_us);
				if (try != NULL)
					show(who, r, try, row, arg);
			}
		}
	}
}
