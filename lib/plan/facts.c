/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/facts.h"

#include <stdlib.h>
#include <string.h>

struct facts *facts_new(const struct nexthop *nexthop)
{
	struct facts *facts = calloc(1, sizeof(*facts));

	if (facts == NULL)
		return NULL;
	facts->nexthop = *nexthop;
	facts->news = true;
	return facts;
}

void facts_only_sts(struct facts *facts) { facts->only_sts = facts->hosts_known = true; }

void facts_extra(struct facts *facts, unsigned int extra) { facts->extra = extra; }

void facts_free(struct facts *facts)
{
	if (facts == NULL)
		return;
	for (size_t i = 0; i < facts->slot_count; i++)
		answer_unref(facts->slots[i].answer);
	free(facts->slots);
	free(facts->hosts);
	free(facts);
}

/* FNV-1a. It only spreads a bounded number of questions over a few buckets, so
 * that a stranger who makes them collide gains nothing. */
static uint32_t hash_of(const struct question *q, size_t *len)
{
	uint32_t hash = 2166136261u ^ (uint32_t)q->kind;
	const char *p = q->name.name;

	for (; *p != '\0'; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619u;
	*len = (size_t)(p - q->name.name);
	return hash;
}

static facts_id find(const struct facts *facts, const struct question *q, uint32_t hash)
{
	facts_id id = facts->bucket[hash % FACTS_BUCKETS];

	while (id != FACTS_UNASKED) {
		const struct facts_slot *slot = &facts->slots[id - 1];

		if (slot->hash == hash && question_equal(&slot->q, q))
			break;
		id = slot->next;
	}
	return id;
}

static bool has_room(struct facts *facts)
{
	size_t cap = facts->slot_cap == 0 ? 8 : facts->slot_cap * 2;
	struct facts_slot *slots;

	if (facts->slot_count < facts->slot_cap)
		return true;
	slots = realloc(facts->slots, cap * sizeof(*slots));
	if (slots == NULL)
		return false;
	facts->slots = slots;
	facts->slot_cap = cap;
	return true;
}

facts_id facts_ask(struct facts *facts, const struct question *q)
{
	size_t len;
	uint32_t hash = hash_of(q, &len);
	facts_id id = find(facts, q, hash), *bucket = &facts->bucket[hash % FACTS_BUCKETS];

	if (id != FACTS_UNASKED)
		return id;
	if (facts->bad || !has_room(facts)) {
		facts->bad = true;
		return FACTS_UNASKED;
	}
	id = (facts_id)(facts->slot_count + 1);
	facts->slots[facts->slot_count++] = (struct facts_slot){
		.q = *q, .hash = hash, .next = *bucket, .name_len = (uint8_t)len,
	};
	facts->name_bytes += len + 1;
	*bucket = id;
	return id;
}

const struct facts_slot *facts_slot(const struct facts *facts, facts_id id)
{
	return id == FACTS_UNASKED || id == FACTS_NEVER ? NULL : &facts->slots[id - 1];
}

const struct answer *facts_answer(const struct facts *facts, facts_id id)
{
	const struct facts_slot *slot = facts_slot(facts, id);

	return slot != NULL ? slot->answer : NULL;
}

int facts_learn(struct facts *facts, const struct question *q, const struct answer *a)
{
	size_t len;
	facts_id id = find(facts, q, hash_of(q, &len));
	struct facts_slot *slot;

	if (facts->bad)
		return DANESTS_ENOMEM;
	if (id == FACTS_UNASKED || id > facts->given || a->kind != q->kind)
		return DANESTS_OK;
	slot = &facts->slots[id - 1];
	if (slot->answer != NULL)
		return DANESTS_OK;
	slot->answer = answer_ref(a);
	facts->answered++;
	facts->news = true;
	return DANESTS_OK;
}

size_t facts_open(const struct facts *facts)
{
	return facts->given - facts->answered;
}

size_t facts_asked(const struct facts *facts)
{
	return facts->given;
}
