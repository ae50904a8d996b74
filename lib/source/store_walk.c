/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * First the slots whose domain is not in the snapshot the walk began with, then that
 * snapshot. Slots that a fold drops before the walk has come to them are in a newer
 * snapshot: their names are kept aside for it.
 */
#include <stdlib.h>
#include <string.h>

#include "source/store_impl.h"

#define WALK_LOOKS 64  /* entries looked at between two pauses */

enum stage { STAGE_SLOTS, STAGE_MISSED, STAGE_SNAPSHOT, STAGE_END };

struct store_walk {
	struct list node;            /* store.walks */
	struct store *store;
	struct snapshot *snapshot;   /* NULL: there was none */
	struct snapshot_place place;
	enum stage stage;
	const struct list *next;     /* the slot to look at next, in store.all */
	uint64_t seen, limit;        /* serials: looked at below, not wanted from */
	struct buf missed;           /* names, each with its NUL */
	size_t missed_at;
};

struct store_walk *store_walk_new(struct store *store)
{
	struct store_walk *walk = calloc(1, sizeof(*walk));

	if (walk == NULL)
		return NULL;
	walk->store = store;
	if (store->snapshot != NULL)
		walk->snapshot = snapshot_ref(store->snapshot);
	walk->next = store->all.next;
	walk->limit = store->next_serial;
	list_append(&store->walks, &walk->node);
	return walk;
}

void store_walk_free(struct store_walk *walk)
{
	if (walk == NULL)
		return;
	list_remove(&walk->node);
	snapshot_unref(walk->snapshot);
	buf_free(&walk->missed);
	free(walk);
}

void store_walk_leave(struct store *store, const struct slot *slot)
{
	struct store_walk *walk;
	struct list *node;

	for (node = store->walks.next; node != &store->walks; node = node->next) {
		walk = CONTAINER_OF(node, struct store_walk, node);
		if (walk->next == &slot->all)
			walk->next = slot->all.next;
		if (walk->stage == STAGE_SLOTS && slot->serial >= walk->seen &&
		    slot->serial < walk->limit)
			buf_add(&walk->missed, slot->domain, slot->domain_len + 1);
	}
}

/* Not one of those that the last stage gives out. */
static bool is_beside(const struct store_walk *walk, const char *domain)
{
	struct record r;
	bool damaged;

	return !snapshot_find(walk->snapshot, domain, strlen(domain), &r, &damaged);
}

static enum store_step walk_slots(struct store_walk *walk, struct record *out)
{
	const struct slot *slot;

	for (int looks = 0; looks < WALK_LOOKS; looks++) {
		slot = CONTAINER_OF(walk->next, const struct slot, all);
		if (walk->next == &walk->store->all || slot->serial >= walk->limit) {
			walk->stage = STAGE_MISSED;
			return STORE_PAUSE;
		}
		walk->next = walk->next->next;
		walk->seen = slot->serial + 1;
		if (is_beside(walk, slot->domain) && store_find(walk->store, slot->domain, out))
			return STORE_RECORD;
	}
	return STORE_PAUSE;
}

static enum store_step walk_missed(struct store_walk *walk, struct record *out)
{
	const char *domain;

	for (int looks = 0; looks < WALK_LOOKS && walk->missed_at < walk->missed.len; looks++) {
		domain = walk->missed.data + walk->missed_at;
		walk->missed_at += strlen(domain) + 1;
		if (is_beside(walk, domain) && store_find(walk->store, domain, out))
			return STORE_RECORD;
	}
	if (walk->missed_at == walk->missed.len)
		walk->stage = STAGE_SNAPSHOT;
	return STORE_PAUSE;
}

/* As it is now. One whose key is damaged was given out as a slot, if it has one. */
static bool is_current(struct store_walk *walk, const struct snapshot_item *item,
    struct record *out)
{
	const struct record *r = &item->record;
	const struct slot *slot = store_slot(walk->store, r->domain, strlen(r->domain));

	if (slot != NULL && item->key_damaged)
		return false;
	if (slot != NULL || walk->snapshot != walk->store->snapshot)
		return store_find(walk->store, r->domain, out);
	*out = *r;
	return true;
}

static enum store_step walk_snapshot(struct store_walk *walk, struct record *out)
{
	struct snapshot_item item;
	enum snapshot_step step;

	for (int looks = 0; looks < WALK_LOOKS; looks++) {
		step = snapshot_next(walk->snapshot, &walk->place, &item);
		if (step == SNAPSHOT_END) {
			walk->stage = STAGE_END;
			return STORE_END;
		}
		if (step == SNAPSHOT_PAUSE)
			return STORE_PAUSE;
		if (is_current(walk, &item, out))
			return STORE_RECORD;
	}
	return STORE_PAUSE;
}

enum store_step store_walk_next(struct store_walk *walk, struct record *out)
{
	static enum store_step (*const stages[])(struct store_walk *, struct record *) = {
		[STAGE_SLOTS] = walk_slots, [STAGE_MISSED] = walk_missed,
		[STAGE_SNAPSHOT] = walk_snapshot,
	};

	return walk->stage == STAGE_END ? STORE_END : stages[walk->stage](walk, out);
}
