/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/ledger.h"

#include <stdlib.h>

#include "base/attr.h"
#include "danests.h"
#include "tools/report/ledger_impl.h"

#define ADDRESS_CUT 512         /* octets of an address, a domain */
#define ID_CUT 1000             /* of a message id */

/* ---- Of the whole ---- */

static struct map_key message_key(const struct map_node *node)
{
	const struct ledger_message *m = (const struct ledger_message *)(const void *)node;

	return (struct map_key){ &m->number, sizeof(m->number) };
}

static struct map_key who_key(const struct map_node *node)
{
	const struct who *who = (const struct who *)(const void *)node;

	return (struct map_key){ &who->key, sizeof(who->key) };
}

struct ledger *ledger_new(struct names *names, size_t records, bool days)
{
	struct ledger *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->names = names;
	l->limit = records;
	l->days = days;
	map_init(&l->live, message_key);
	map_init(&l->whos, who_key);
	list_init(&l->all);
	return l;
}

void ledger_free(struct ledger *l)
{
	if (l == NULL)
		return;
	while (!list_empty(&l->all))
		ledger_forget(l, CONTAINER_OF(l->all.next, struct ledger_message, all));
	map_free(&l->live);
	map_free(&l->whos);
	free(l);
}

size_t ledger_records(const struct ledger *l)
{
	return l->records;
}

bool ledger_lost(const struct ledger *l)
{
	return l->out_of_memory;
}

/* ---- To find, to make ---- */

static struct slice cut(struct slice s, size_t len)
{
	return (struct slice){ s.p, s.len < len ? s.len : len };
}

static struct ledger_message *find_message(const struct ledger *l, uint64_t number)
{
	struct map_node *node;

	if (l->hints[number % LEDGER_HINTS] == 0)
		return NULL;
	node = map_get(&l->live, &number, sizeof(number));
	return node == NULL ? NULL : CONTAINER_OF(node, struct ledger_message, node);
}

static struct who *find_who(const struct ledger *l, const struct delivery *d)
{
	struct name *name = names_find(l->names, cut(d->recipient, ADDRESS_CUT));
	struct who_key key = { d->message, (uint64_t)(uintptr_t)name };
	struct map_node *node = name == NULL ? NULL : map_get(&l->whos, &key, sizeof(key));

	return node == NULL ? NULL : CONTAINER_OF(node, struct who, node);
}

static struct record *find_record(const struct who *who, const struct danests_fault *fault)
{
	struct record *r = who == NULL ? NULL : who->records;

	while (r != NULL && r->fault != fault)
		r = r->next;
	return r;
}

static struct ledger_message *make_message(struct ledger *l, uint64_t number)
{
	struct ledger_message *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->number = number;
	m->live = true;
	if (map_put(&l->live, &m->node) != DANESTS_OK) {
		free(m);
		return NULL;
	}
	ledger_hint(l, number, 1);
	list_append(&l->all, &m->all);
	l->bytes += sizeof(*m);
	return m;
}

static struct who *make_who(struct ledger *l, struct ledger_message *m, const struct delivery *d)
{
	struct who *who = calloc(1, sizeof(*who));

	if (who == NULL)
		return NULL;
	who->recipient = names_get(l->names, cut(d->recipient, ADDRESS_CUT));
	who->domain = names_get(l->names, cut(d->domain, ADDRESS_CUT));
	if (who->recipient == NULL || who->domain == NULL)
		goto fail;
	who->key = (struct who_key){ m->number, (uint64_t)(uintptr_t)who->recipient };
	if (map_put(&l->whos, &who->node) != DANESTS_OK)
		goto fail;
	who->of = m;
	who->other_us = LEDGER_NEVER;
	who->next = m->whos;
	m->whos = who;
	l->bytes += sizeof(*who);
	return who;
fail:
	names_drop(l->names, who->recipient);
	names_drop(l->names, who->domain);
	free(who);
	return NULL;
}

static struct record *make_record(struct ledger *l, struct who *who, const struct delivery *d,
    const struct verdict *v)
{
	struct record *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->fault = v->fault;
	r->security = v->security;
	r->evidence = v->evidence;
	r->doubt = v->doubt;
	r->best_us = r->last_us = d->us;
	r->next = who->records;
	who->records = r;
	r->shown = cut(d->text, TRY_TEXT).len;
	l->records++;
	l->bytes += sizeof(*r) + r->shown;
	return r;
}

/* What is not known yet may be in a later part of the log; of two the order decides. */
static bool learn(struct ledger *l, struct name **have, struct slice text)
{
	struct slice old = name_slice(*have);
	struct name *name;

	if (text.p == NULL || slice_equal(old, text))
		return true;
	if (*have != NULL && (old.len > text.len ||
	    (old.len == text.len && memcmp(old.p, text.p, old.len) > 0)))
		return true;
	name = names_get(l->names, text);
	if (name == NULL)
		return false;
	names_drop(l->names, *have);
	*have = name;
	return true;
}

/* ---- What happens ---- */

static bool is_full(const struct ledger *l)
{
	return l->records >= l->limit ||
	    l->bytes + l->names->bytes >= l->limit * (size_t)LEDGER_OCTETS;
}

static struct record *get_record(struct ledger *l, struct who *who, const struct delivery *d,
    const struct verdict *v)
{
	struct ledger_message *m;
	struct record *r;

	m = who != NULL ? who->of : find_message(l, d->message);
	if (m == NULL)
		m = make_message(l, d->message);
	if (m != NULL && who == NULL)
		who = make_who(l, m, d);
	r = who == NULL ? NULL : make_record(l, who, d, v);
	if (m != NULL && r == NULL)
		ledger_trim(l, m);
	return r;
}

enum ledger_took ledger_block(struct ledger *l, const struct delivery *d,
    const struct verdict *v, bool inside)
{
	struct who *who = find_who(l, d);
	struct record *r = find_record(who, v->fault);
	struct ledger_message *m;
	bool good = true;

	if (r == NULL && is_full(l))
		return LEDGER_FULL;
	if (r == NULL)
		r = get_record(l, who, d, v);
	if (r == NULL)
		return LEDGER_NO_MEMORY;
	record_judge(r, v->security, v->evidence, v->doubt, d->us);
	r->final = r->final || d->bounced;
	if (d->us > r->last_us)
		r->last_us = d->us;
	m = find_message(l, d->message);
	good = learn(l, &m->sender, cut(d->sender, ADDRESS_CUT)) && good;
	good = learn(l, &m->id, cut(d->message_id, ID_CUT)) && good;
	if (inside)
		good = record_failed(l, r, d->us, d->text) && good;
	return good ? LEDGER_TOOK : LEDGER_NO_MEMORY;
}

void ledger_other(struct ledger *l, const struct delivery *d)
{
	struct who *who;

	if (find_message(l, d->message) == NULL)
		return;
	who = find_who(l, d);
	if (who != NULL && d->us > who->other_us)
		who->other_us = d->us;
}

void ledger_gone(struct ledger *l, uint64_t message, bool expired)
{
	struct ledger_message *m = find_message(l, message);

	if (m == NULL)
		return;
	ledger_close(l, m, expired);
	ledger_trim(l, m);
}
