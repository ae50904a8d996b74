/* SPDX-License-Identifier: BSD-2-Clause */
/* Which question a reply of the helper belongs to, without searching. */
#include <stdlib.h>
#include <string.h>

#include "source/dns_stub_impl.h"

/* An id: how often its slot was used, the slot, which try of its question. */
#define SLOT_BITS 17
#define TRY_BITS 3
#define SLOTS_MAX (1U << SLOT_BITS)
#define TURN_MASK ((1U << (32 - SLOT_BITS - TRY_BITS)) - 1)
/* Free slots are used in turn, and so many are kept that an id comes again only
 * after half a million others, long after its late reply. */
#define SPARE 128

static void slot_free(struct stub *st, uint32_t slot)
{
	st->slot[slot - 1].next_free = 0;
	if (st->last_free != 0)
		st->slot[st->last_free - 1].next_free = slot;
	else
		st->first_free = slot;
	st->last_free = slot;
	st->free_slots++;
}

static bool slots_grow(struct stub *st)
{
	uint32_t n = st->slots == 0 ? 2 * SPARE : 2 * st->slots;
	struct slot *slot = n <= SLOTS_MAX ? realloc(st->slot, n * sizeof(*slot)) : NULL;

	if (slot == NULL)
		return false;
	st->slot = slot;
	memset(slot + st->slots, 0, (n - st->slots) * sizeof(*slot));
	while (st->slots < n)
		slot_free(st, ++st->slots);
	return true;
}

static bool slot_take(struct stub *st, struct dns_query *q)
{
	struct slot *slot;

	if (q->slot != 0)
		return true;
	if (st->free_slots <= SPARE && !slots_grow(st) && st->free_slots == 0)
		return false;
	q->slot = st->first_free;
	slot = &st->slot[q->slot - 1];
	st->first_free = slot->next_free;
	if (st->first_free == 0)
		st->last_free = 0;
	st->free_slots--;
	slot->q = q;
	slot->turn++;
	return true;
}

void stub_forget(struct stub *st, struct dns_query *q)
{
	loop_untimer(st->setup.loop, &q->again);
	if (q->slot == 0)
		return;
	free(stub_unhold(st, q));
	st->slot[q->slot - 1].q = NULL;
	slot_free(st, q->slot);
	q->slot = 0;
}

/* ---- Replies that wait ---- */

bool stub_holds(const struct stub *st, const struct dns_query *q)
{
	return q->slot != 0 && st->slot[q->slot - 1].held != NULL;
}

bool stub_hold(struct stub *st, struct dns_query *q, const struct stub_reply *reply,
    struct list *list)
{
	size_t size = sizeof(struct held) + reply->len;
	struct held *held = st->held_octets + size <= STUB_HELD_MAX ? malloc(size) : NULL;

	if (held == NULL)
		return false;
	loop_untimer(st->setup.loop, &q->again);
	held->q = q;
	held->len = reply->len;
	memcpy(held->packet, reply->packet, reply->len);
	list_append(list, &held->link);
	st->held_octets += size;
	st->slot[q->slot - 1].held = held;
	return true;
}

struct held *stub_unhold(struct stub *st, struct dns_query *q)
{
	struct held *held = st->slot[q->slot - 1].held;

	if (held == NULL)
		return NULL;
	list_remove(&held->link);
	st->held_octets -= sizeof(*held) + held->len;
	st->slot[q->slot - 1].held = NULL;
	return held;
}

/* ---- Ids ---- */

int stub_send(struct stub *st, struct dns_query *q, size_t server, uint8_t flags)
{
	struct stub_question sq = { .server = (uint8_t)server, .flags = flags, .qtype = q->qtype };
	uint32_t slot;
	int r;

	if (q->tries == STUB_MAX_TRIES || !slot_take(st, q))
		return DANESTS_EBUSY;
	slot = q->slot - 1;
	sq.id = (st->slot[slot].turn & TURN_MASK) << (SLOT_BITS + TRY_BITS) | slot << TRY_BITS |
	    q->tries;
	memcpy(sq.name, q->qname, sizeof(sq.name));
	r = helper_ask(&st->helper, &sq);
	if (r == DANESTS_OK)
		q->tried[q->tries++] = (uint8_t)server;
	return r;
}

bool stub_find(const struct stub *st, uint32_t id, struct dns_query **out, unsigned *try)
{
	uint32_t slot = id >> TRY_BITS & (SLOTS_MAX - 1);

	if (slot >= st->slots)
		return false;
	*try = id & ((1U << TRY_BITS) - 1);
	*out = (st->slot[slot].turn & TURN_MASK) == id >> (SLOT_BITS + TRY_BITS) ?
	    st->slot[slot].q : NULL;
	return true;
}
