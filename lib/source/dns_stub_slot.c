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

static bool slots_grow(struct stub *st)
{
	uint32_t n = st->slots == 0 ? 256 : 2 * st->slots, i;
	struct dns_query **slot;
	uint32_t *next_free;
	uint16_t *turn;

	if (n > SLOTS_MAX)
		return false;
	slot = realloc(st->slot, n * sizeof(struct dns_query *));
	if (slot != NULL)
		st->slot = slot;
	next_free = realloc(st->next_free, n * sizeof(*next_free));
	if (next_free != NULL)
		st->next_free = next_free;
	turn = realloc(st->turn, n * sizeof(*turn));
	if (turn != NULL)
		st->turn = turn;
	if (slot == NULL || next_free == NULL || turn == NULL)
		return false;
	for (i = st->slots; i < n; i++) {
		st->slot[i] = NULL;
		st->turn[i] = 0;
		st->next_free[i] = i + 1 < n ? i + 2 : 0;
	}
	st->free_slot = st->slots + 1;
	st->slots = n;
	return true;
}

static bool slot_take(struct stub *st, struct dns_query *q)
{
	if (q->slot != 0)
		return true;
	if (st->free_slot == 0 && !slots_grow(st))
		return false;
	q->slot = st->free_slot;
	st->free_slot = st->next_free[q->slot - 1];
	st->slot[q->slot - 1] = q;
	st->turn[q->slot - 1]++;
	return true;
}

void stub_forget(struct stub *st, struct dns_query *q)
{
	loop_untimer(st->setup.loop, &q->again);
	if (q->slot == 0)
		return;
	st->slot[q->slot - 1] = NULL;
	st->next_free[q->slot - 1] = st->free_slot;
	st->free_slot = q->slot;
	q->slot = 0;
}

int stub_send(struct stub *st, struct dns_query *q, size_t server, uint8_t flags)
{
	struct stub_question sq = { .server = (uint8_t)server, .flags = flags, .qtype = q->qtype };
	uint32_t slot;
	int r;

	if (q->tries == STUB_MAX_TRIES || !slot_take(st, q))
		return DANESTS_EBUSY;
	slot = q->slot - 1;
	sq.id = (st->turn[slot] & TURN_MASK) << (SLOT_BITS + TRY_BITS) | slot << TRY_BITS |
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
	*out = (st->turn[slot] & TURN_MASK) == id >> (SLOT_BITS + TRY_BITS) ? st->slot[slot] :
	    NULL;
	return true;
}
