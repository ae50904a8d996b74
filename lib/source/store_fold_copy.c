/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two passes of a fold over all that is durable: first, only when there is too
 * much, to see what has to go; then to write what stays. The snapshot comes before
 * the slots: a slot that gets a newer place meanwhile is then either written already
 * or not needed, and nothing is written twice.
 */
#include <errno.h>
#include <string.h>

#include "danests.h"
#include "source/store_fold.h"

/* ---- Both passes: what there is ---- */

/* The record of the snapshot, unless the journals that are folded say otherwise. */
static enum snapshot_step next_of_snapshot(struct store *store, struct fold *fold,
    struct snapshot_item *item)
{
	enum snapshot_step step = snapshot_next(store->snapshot, &fold->place, item);
	const struct slot *slot;

	if (step != SNAPSHOT_RECORD)
		return step;
	slot = store_slot(store, item->record.domain, strlen(item->record.domain));
	return slot != NULL && slot->journal != NULL && slot->journal->number <= fold->upto ?
	    SNAPSHOT_PAUSE : SNAPSHOT_RECORD;
}

enum word { WORD_NONE, WORD_RECORD, WORD_OLDER, WORD_FAILED };

/* The word of the journal is lost: what the snapshot has counts again. It was passed
 * over when the snapshot was read, for the sake of the slot. */
static enum word older_word(struct store *store, const struct slot *slot, struct record *out)
{
	struct record r;
	bool damaged;

	buf_reset(&store->scratch);
	if (!snapshot_find(store->snapshot, slot->domain, slot->domain_len, &r, &damaged))
		return WORD_OLDER;
	if (record_write(&store->scratch, &r) != DANESTS_OK ||
	    record_view(out, store->scratch.data, store->scratch.len) != DANESTS_OK) {
		errno = ENOMEM;
		return WORD_FAILED;
	}
	return WORD_OLDER;
}

/* That a disk cannot be read may pass: only after many attempts it is as damage. */
static enum word read_word(struct store *store, struct slot *slot, struct record *out)
{
	int r = journal_read(slot->journal, slot->offset, slot->len, &store->scratch);

	if (r == DANESTS_ENOMEM)
		errno = ENOMEM;
	if (r == DANESTS_ENOMEM ||
	    (r == DANESTS_ECACHE && store->fold_pause < FOLD_PAUSE_LAST))
		return WORD_FAILED;
	slot->journal->unread |= r == DANESTS_ECACHE;
	if (r == DANESTS_OK &&
	    record_read(out, store->scratch.data, store->scratch.len) == DANESTS_OK &&
	    strcmp(out->domain, slot->domain) == 0)
		return WORD_RECORD;
	return older_word(store, slot, out);
}

/* The word of a slot, its record in the scratch buffer, which is empty without one. */
static enum word next_of_slots(struct store *store, struct fold *fold, struct record *out)
{
	struct slot *slot = CONTAINER_OF(fold->waiting.next, struct slot, home);

	list_remove(&slot->home);
	buf_reset(&store->scratch);
	if (slot->journal->number > fold->upto) {
		list_append(&store->placed, &slot->home);
		return WORD_NONE;
	}
	list_append(&fold->done, &slot->home);
	return slot->gone ? WORD_NONE : read_word(store, slot, out);
}

/* ---- First pass, only when there is too much ---- */

static void measure(struct fold *fold, const struct record *r, size_t len)
{
	cut_measure(&fold->cut, r, snapshot_cost(strlen(r->domain), len), fold->now);
}

enum step_result fold_measure_snapshot(struct store *store, struct fold *fold)
{
	struct snapshot_item item;
	enum snapshot_step step;

	if (!fold->full)
		return STEP_DONE;
	step = next_of_snapshot(store, fold, &item);
	if (step == SNAPSHOT_RECORD)
		measure(fold, &item.record, item.len);
	return step == SNAPSHOT_END ? STEP_DONE : STEP_MORE;
}

enum step_result fold_measure_slots(struct store *store, struct fold *fold)
{
	struct record r;

	if (fold->full && !list_empty(&fold->waiting)) {
		if (next_of_slots(store, fold, &r) == WORD_FAILED)
			return STEP_FAILED;
		if (store->scratch.len > 0)
			measure(fold, &r, store->scratch.len);
		return STEP_MORE;
	}
	list_move(&fold->waiting, &fold->done);
	cut_set(&fold->cut, fold_fitting(store));
	fold->place = (struct snapshot_place){0};
	return STEP_DONE;
}

/* ---- Second pass ---- */

static enum step_result add(struct fold *fold, const struct record *r,
    const void *bytes, size_t len)
{
	size_t domain_len = strlen(r->domain);

	/* The clock may be ahead: what is over goes only when there is no room (S13). */
	if (cut_takes(&fold->cut, r, snapshot_cost(domain_len, len), fold->now))
		return STEP_MORE;
	return snapshot_add(fold->writer, r->domain, domain_len, bytes, len) == DANESTS_OK ?
	    STEP_MORE : STEP_FAILED;
}

static bool sync_is_due(const struct store *store, const struct fold *fold)
{
	return snapshot_unsynced(fold->writer) >= store->limits.fold_sync;
}

/* No single sync has much to write. */
static enum step_result sync_some(struct fold *fold)
{
	return snapshot_flush(fold->writer) == DANESTS_OK ? STEP_MORE : STEP_FAILED;
}

enum step_result fold_copy_snapshot(struct store *store, struct fold *fold)
{
	struct snapshot_item item;
	enum snapshot_step step;

	if (sync_is_due(store, fold))
		return sync_some(fold);
	step = next_of_snapshot(store, fold, &item);
	if (step == SNAPSHOT_RECORD)
		return add(fold, &item.record, item.bytes, item.len);
	if (step == SNAPSHOT_PAUSE)
		return STEP_MORE;
	if (fold->place.gap > 0)
		events_add(store->events, DANESTS_EVENT_CACHE_TROUBLE, "",
		    "%s/%s is damaged: %llu octets are lost; all other policies in it stay in "
		    "force", store->dir_name, STORE_SNAPSHOT, (unsigned long long)fold->place.gap);
	return STEP_DONE;
}

enum step_result fold_copy_slots(struct store *store, struct fold *fold)
{
	const struct slot *slot;
	struct record r;
	enum word word;

	if (sync_is_due(store, fold))
		return sync_some(fold);
	if (list_empty(&fold->waiting))
		return STEP_DONE;
	slot = CONTAINER_OF(fold->waiting.next, struct slot, home);
	word = next_of_slots(store, fold, &r);
	if (word == WORD_FAILED)
		return STEP_FAILED;
	if (word == WORD_OLDER)
		store_tell_damage(store, slot->domain, "journal");
	return store->scratch.len == 0 ? STEP_MORE :
	    add(fold, &r, store->scratch.data, store->scratch.len);
}

enum step_result fold_write_tables(struct store *store, struct fold *fold)
{
	bool more = true;

	if (sync_is_due(store, fold))
		return sync_some(fold);
	if (snapshot_table(fold->writer, &more) != DANESTS_OK)
		return STEP_FAILED;
	return more ? STEP_MORE : STEP_DONE;
}
