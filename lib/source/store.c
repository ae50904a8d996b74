/* SPDX-License-Identifier: BSD-2-Clause */
/* The index, and what callers ask of it. */
#include "source/store.h"

#include <stdlib.h>
#include <string.h>

#include "danests.h"
#include "source/store_impl.h"

#define STORE_DAY 86400

/* ---- Slots ---- */

struct slot *store_slot(const struct store *store, const char *domain, size_t len)
{
	struct map_node *node = map_get(&store->map, domain, len);

	return node == NULL ? NULL : CONTAINER_OF(node, struct slot, node);
}

struct slot *store_slot_new(struct store *store, const char *domain, size_t len)
{
	struct slot *slot = calloc(1, sizeof(*slot) + len + 1);

	if (slot == NULL)
		return NULL;
	memcpy(slot->domain, domain, len);
	slot->domain_len = len;
	if (map_put(&store->map, &slot->node) != DANESTS_OK) {
		free(slot);
		return NULL;
	}
	list_init(&slot->home);
	list_init(&slot->pend);
	list_append(&store->all, &slot->all);
	slot->serial = store->next_serial++;
	slot->in_snapshot = snapshot_has(store->snapshot, domain, len);
	store->slot_bytes += sizeof(*slot) + len + 1;
	/* It says nothing yet, so the snapshot's word counts. */
	return slot;
}

void store_slot_drop(struct store *store, struct slot *slot)
{
	store_walk_leave(store, slot);
	store_unpend(store, slot);
	map_del(&store->map, &slot->node);
	list_remove(&slot->all);
	list_remove(&slot->home);
	store->slot_bytes -= sizeof(*slot) + slot->domain_len + 1;
	free(slot);
}

bool store_slot_live(const struct slot *slot)
{
	if (slot->pending)
		return !slot->pending_gone;
	return slot->journal == NULL ? slot->in_snapshot : !slot->gone;
}

void store_count(struct store *store, const struct slot *slot)
{
	store->delta += (int)store_slot_live(slot) - (int)slot->in_snapshot;
}

void store_uncount(struct store *store, const struct slot *slot)
{
	store->delta -= (int)store_slot_live(slot) - (int)slot->in_snapshot;
}

void store_recount(struct store *store)
{
	struct list *node;
	struct slot *slot;

	store->base = snapshot_count(store->snapshot);
	store->delta = 0;
	for (node = store->all.next; node != &store->all; node = node->next) {
		slot = CONTAINER_OF(node, struct slot, all);
		slot->in_snapshot = snapshot_has(store->snapshot, slot->domain, slot->domain_len);
		store_count(store, slot);
	}
}

void store_place(struct store *store, struct slot *slot, struct journal *journal,
    uint64_t offset, size_t len, bool gone)
{
	store_uncount(store, slot);
	slot->journal = journal;
	slot->offset = offset;
	slot->len = (uint32_t)len;
	slot->gone = gone;
	list_remove(&slot->home);
	list_append(&store->placed, &slot->home);
	store_count(store, slot);
}

/* ---- Finding ---- */

void store_tell_damage(struct store *store, const char *domain, const char *where)
{
	events_add(store->events, DANESTS_EVENT_CACHE_TROUBLE, domain,
	    "%s/%s: the policy of %s is damaged; it will be fetched again when it is needed",
	    store->dir_name, where, domain);
	store->fold_wanted = true;
	store_fold_consider(store);
}

/* Once until it is folded away, and not at each of thousands of lookups. */
static void found_damage(struct store *store, const char *domain, const char *where)
{
	if (store->damage_told)
		return;
	store->damage_told = true;
	store_tell_damage(store, domain, where);
}

static bool find_in_snapshot(struct store *store, const char *domain, size_t len,
    struct record *out)
{
	bool damaged, found = snapshot_find(store->snapshot, domain, len, out, &damaged);

	if (damaged)
		found_damage(store, domain, STORE_SNAPSHOT);
	return found;
}

static bool find_in_journal(struct store *store, const struct slot *slot, struct record *out)
{
	char name[JOURNAL_NAME_MAX];
	int r;

	if (slot->gone)
		return false;
	r = journal_read(slot->journal, slot->offset, slot->len, &store->scratch);
	if (r == DANESTS_OK &&
	    record_read(out, store->scratch.data, store->scratch.len) == DANESTS_OK &&
	    strcmp(out->domain, slot->domain) == 0)
		return true;
	/* That it cannot be read may pass: it is not the older word's turn yet. */
	if (r == DANESTS_ENOMEM)
		return false;
	journal_name(name, slot->journal->number);
	found_damage(store, slot->domain,
	    slot->journal->number == 0 ? STORE_SNAPSHOT : name);
	return r == DANESTS_OK && find_in_snapshot(store, slot->domain, slot->domain_len, out);
}

bool store_find(struct store *store, const char *domain, struct record *out)
{
	size_t len = strlen(domain);
	const struct slot *slot = store_slot(store, domain, len);

	if (slot != NULL && slot->pending)
		return !slot->pending_gone &&
		    record_view(out, slot->bytes, slot->bytes_len) == DANESTS_OK;
	if (slot != NULL && slot->journal != NULL)
		return find_in_journal(store, slot, out);
	return find_in_snapshot(store, domain, len, out);
}

/* ---- Changing ---- */

static enum pending_class class_of(const struct record *r, bool lazy)
{
	if (lazy)
		return PENDING_LAZY;
	if (r->mode != STSBODY_ENFORCE)
		return PENDING_OTHER;
	return r->text_len > STORE_LARGE ? PENDING_LARGE : PENDING_ENFORCE;
}

static int put(struct store *store, const struct record *r, bool lazy)
{
	size_t len = record_domain(r->domain);
	struct buf bytes = {0};
	struct slot *slot;
	int code = record_write(&bytes, r);

	if (code != DANESTS_OK) {
		buf_free(&bytes);
		return code;
	}
	slot = store_slot(store, r->domain, len);
	if (slot == NULL)
		slot = store_slot_new(store, r->domain, len);
	if (slot == NULL) {
		buf_free(&bytes);
		return DANESTS_ENOMEM;
	}
	/* An urgent word that waits stays urgent when a lazy one replaces it. */
	lazy = lazy && (!slot->pending || slot->lazy);
	store_pend(store, slot, bytes.data, bytes.len, class_of(r, lazy), lazy);
	return DANESTS_OK;
}

int store_put(struct store *store, const struct record *r)
{
	return put(store, r, false);
}

int store_del(struct store *store, const char *domain)
{
	size_t len = record_domain(domain);
	struct slot *slot;

	if (len == 0)
		return DANESTS_EINVAL;
	slot = store_slot(store, domain, len);
	if (slot == NULL && !snapshot_has(store->snapshot, domain, len))
		return DANESTS_OK;
	if (slot == NULL)
		slot = store_slot_new(store, domain, len);
	if (slot == NULL)
		return DANESTS_ENOMEM;
	if (slot->pending ? !slot->pending_gone : slot->journal == NULL || !slot->gone)
		store_pend(store, slot, NULL, 0, PENDING_GONE, false);
	return DANESTS_OK;
}

void store_touch(struct store *store, const char *domain, time_t used)
{
	struct record r;

	if (!store_find(store, domain, &r) || r.used / STORE_DAY == used / STORE_DAY)
		return;
	r.used = used;
	/* Nobody is harmed when there is no memory for this. */
	(void)!put(store, &r, true);
}

/* ---- How it is ---- */

uint64_t store_journal_bytes(const struct store *store)
{
	const struct list *node;
	uint64_t sum = 0;

	for (node = store->journals.next; node != &store->journals; node = node->next)
		sum += CONTAINER_OF(node, const struct journal, node)->size;
	return sum;
}

void store_status(const struct store *store, struct store_status *out)
{
	memset(out, 0, sizeof(*out));
	out->entries = (size_t)((int64_t)store->base + store->delta);
	out->snapshot_bytes = snapshot_bytes(store->snapshot);
	out->journal_bytes = store_journal_bytes(store);
	out->written = store->written;
	out->folds = store->folds;
	out->unsaved = store->refused ? store->unsynced : 0;
	out->memory = store->slot_bytes + store->pinned + map_bytes(&store->map) +
	    store->scratch.cap;
	out->writable = store->lock >= 0 && !store->refused;
	out->folding = store->fold != NULL;
	out->trouble = store->trouble;
}
