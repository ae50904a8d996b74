/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/messages.h"

#include <stdlib.h>

#include "base/map.h"

#define CLASS_FIRST 32 /* octets of the smallest text */

static size_t class_size(unsigned class)
{
	return (size_t)CLASS_FIRST << class;
}

static void free_text(struct messages *all, struct message *m)
{
	if (m->text == NULL)
		return;
	memcpy(m->text, &all->spare[m->class], sizeof(void *));
	all->spare[m->class] = m->text;
	all->octets -= class_size(m->class);
	m->text = NULL;
}

static void drop(void *arg, struct keep_node *node)
{
	struct messages *all = arg;

	free_text(all, (struct message *)(void *)node);
	all->octets -= sizeof(struct message);
}

void messages_init(struct messages *all, const uint64_t seed[2], size_t max, size_t octets,
    uint64_t *forgotten)
{
	*all = (struct messages){ .seed = seed, .max_octets = octets };
	keep_init(&all->keep, sizeof(struct message), max, forgotten);
	all->keep.drop = drop;
	all->keep.arg = all;
}

void messages_free(struct messages *all)
{
	void *text;

	keep_free(&all->keep);
	for (unsigned class = 0; class < TEXT_CLASSES; class++) {
		while ((text = all->spare[class]) != NULL) {
			memcpy(&all->spare[class], text, sizeof(void *));
			free(text);
		}
	}
	*all = (struct messages){0};
}

/* ---- Records ---- */

/* Nearly all queue ids fit into two words, which may overlap; Postfix makes them, so no stranger
 * chooses them. */
uint64_t messages_key(const struct messages *all, uint64_t root, struct slice qid)
{
	uint64_t head, tail;

	if (qid.len < sizeof(head) || qid.len > sizeof(head) + sizeof(tail))
		return root ^ map_hash(all->seed, qid.p, qid.len);
	memcpy(&head, qid.p, sizeof(head));
	memcpy(&tail, qid.p + qid.len - sizeof(tail), sizeof(tail));
	return root ^ keep_mix(all->seed, tail ^ keep_mix(all->seed, head + qid.len));
}

struct message *messages_find(struct messages *all, uint64_t key)
{
	return keep_get(&all->keep, key);
}

struct message *messages_add(struct messages *all, uint64_t key, int64_t second)
{
	struct message *m;

	while (all->octets > all->max_octets && keep_evict(&all->keep))
		continue;
	m = keep_add(&all->keep, key);
	if (m == NULL)
		return NULL;
	all->octets += sizeof(*m);
	m->born = m->last = second;
	return m;
}

void messages_del(struct messages *all, struct message *m)
{
	keep_del(&all->keep, m);
}

void messages_empty(struct messages *all, struct message *m, int64_t second)
{
	const struct keep_node node = m->node;

	free_text(all, m);
	*m = (struct message){ .node = node, .born = second, .last = second };
}

void messages_move(struct messages *all, struct message *to, struct message *from)
{
	const struct message own = *to, other = *from;

	free_text(all, to);
	*to = other;
	to->node = own.node;
	to->born = own.born;
	to->last = own.last;
	to->delivered = own.delivered;
	to->told = own.told;
	*from = (struct message){ .node = other.node, .born = other.born, .last = other.last };
}

/* ---- Texts ---- */

/* Room for so many octets; what was there comes along. */
static bool make_room(struct messages *all, struct message *m, size_t need)
{
	size_t had = (size_t)m->id_len + m->sender_len;
	unsigned class = 0;
	void *text;

	if (m->text != NULL && need <= class_size(m->class))
		return true;
	while (class_size(class) < need)
		class++;
	text = all->spare[class];
	if (text != NULL)
		memcpy(&all->spare[class], text, sizeof(void *));
	else if ((text = malloc(class_size(class))) == NULL)
		return false;
	all->octets += class_size(class);
	if (had > 0)
		memcpy(text, m->text, had);
	free_text(all, m);
	m->text = text;
	m->class = (uint8_t)class;
	return true;
}

static struct slice cut(struct slice text)
{
	return (struct slice){ text.p, text.len < MESSAGE_TEXT_MAX ? text.len : MESSAGE_TEXT_MAX };
}

/* A sender of the usual length will follow: room for it now saves moving later. */
#define SENDER_USUAL 40

bool messages_set_id(struct messages *all, struct message *m, struct slice id)
{
	size_t usual = m->has_sender ? m->sender_len : SENDER_USUAL;

	id = cut(id);
	if (m->has_id && slice_equal(message_id(m), id))
		return true;
	if (id.len + usual > 2 * MESSAGE_TEXT_MAX)
		usual = m->sender_len;
	if (!make_room(all, m, id.len + usual))
		return false;
	memmove(m->text + id.len, m->text + m->id_len, m->sender_len);
	if (id.len > 0)
		memcpy(m->text, id.p, id.len);
	m->id_len = (uint16_t)id.len;
	m->has_id = true;
	return true;
}

bool messages_set_sender(struct messages *all, struct message *m, struct slice sender)
{
	sender = cut(sender);
	if (m->has_sender && slice_equal(message_sender(m), sender))
		return true;
	if (!make_room(all, m, m->id_len + sender.len))
		return false;
	if (sender.len > 0)
		memcpy(m->text + m->id_len, sender.p, sender.len);
	m->sender_len = (uint16_t)sender.len;
	m->has_sender = true;
	return true;
}

struct slice message_id(const struct message *m)
{
	return m->has_id ? (struct slice){ m->text, m->id_len } : (struct slice){ NULL, 0 };
}

struct slice message_sender(const struct message *m)
{
	return m->has_sender ? (struct slice){ m->text + m->id_len, m->sender_len } :
	    (struct slice){ NULL, 0 };
}

/* ---- Deliveries ---- */

uint64_t messages_serial(struct messages *all, struct message *m)
{
	if (m->serial == 0)
		m->serial = ++all->serial;
	return m->serial;
}

/* Few recipients are kept in the record, those of large lists where the lines are. */
bool messages_sent(const struct messages *all, struct message *m, struct seen *seen,
    struct slice recipient)
{
	uint64_t number = map_hash(all->seed, recipient.p, recipient.len);

	number += number == 0;
	for (size_t i = 0; i < MESSAGE_SENT; i++) {
		if (m->sent[i] == number)
			return true;
		if (m->sent[i] == 0) {
			m->sent[i] = number;
			return false;
		}
	}
	return seen_before(seen, keep_mix(all->seed, m->serial) ^ number);
}
