/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Snapshot and journals into a new snapshot, in slices between which all others have
 * their turn. A crash at any point leaves a directory that means the same: the new
 * file counts from the moment it has its name, and says which journals are in it, so
 * that those which could not be removed any more are not replayed over it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "danests.h"
#include "source/store_fold.h"

#define FOLD_SOON_MS 300 /* after the start */
#define JOURNALS_SPARE 4  /* a fold that is tried again begins one more up to here */

/* ---- Begin ---- */

/* An empty journal, left by an attempt that failed, will do. And while attempts go on
 * failing the last one stays in use, and is not folded: each costs a descriptor. */
static int next_journal(struct store *store)
{
	const struct journal *j = list_empty(&store->journals) ? NULL :
	    CONTAINER_OF(store->journals.prev, const struct journal, node);
	const struct list *node;
	unsigned n = 0;

	for (node = store->journals.next; node != &store->journals; node = node->next)
		n++;
	return j != NULL && ((!j->readonly && j->size == JOURNAL_HEADER) ||
	    (store->fold_pause > 0 && n > JOURNALS_SPARE)) ? DANESTS_OK :
	    store_new_journal(store);
}

static enum step_result begin(struct store *store, struct fold *fold)
{
	fold->now = clock_now();
	fold->full = snapshot_bytes(store->snapshot) + store_journal_bytes(store) >
	    fold_fitting(store);
	if (next_journal(store) != DANESTS_OK)
		return STEP_FAILED;
	fold->upto = CONTAINER_OF(store->journals.prev, struct journal, node)->number - 1;
	list_move(&fold->waiting, &store->placed);
	return snapshot_write(&fold->writer, store->dir, STORE_SNAPSHOT_NEW) == DANESTS_OK ?
	    STEP_DONE : STEP_FAILED;
}

/* ---- Publish ---- */

static enum step_result finish(struct store *store, struct fold *fold)
{
	(void)store;
	return snapshot_finish(fold->writer, fold->upto) == DANESTS_OK ? STEP_DONE : STEP_FAILED;
}

/* The damaged file keeps a name of its own, and policies.cdb is never missing. */
static void keep_damaged(struct store *store)
{
	char aside[2 * JOURNAL_NAME_MAX];

	if (!store->rescued)
		return;
	store_aside_name(store, STORE_SNAPSHOT, "damaged", aside, sizeof(aside));
	if (linkat(store->dir, STORE_SNAPSHOT, store->dir, aside, 0) == 0)
		events_add(store->events, DANESTS_EVENT_CACHE_NOTE, "",
		    "%s: the damaged %s was put aside as %s", store->dir_name, STORE_SNAPSHOT,
		    aside);
	store->rescued = false;
}

/* What could not be read stays on the disk, under another name. */
static void remove_journal(const struct store *store, const struct journal *j)
{
	char name[JOURNAL_NAME_MAX], aside[2 * JOURNAL_NAME_MAX];

	journal_name(name, j->number);
	if (!j->unread) {
		unlinkat(store->dir, name, 0);
		return;
	}
	store_aside_name(store, name, "unread", aside, sizeof(aside));
	if (renameat(store->dir, name, store->dir, aside) == 0)
		events_add(store->events, DANESTS_EVENT_CACHE_TROUBLE, "",
		    "%s: %s, which could not be read to its end, was put aside as %s",
		    store->dir_name, name, aside);
}

static void remove_journals(const struct store *store, uint64_t upto)
{
	const struct journal *j;
	struct list *node;

	for (node = store->journals.next; node != &store->journals; node = node->next) {
		j = CONTAINER_OF(node, const struct journal, node);
		/* Number 0 is a damaged snapshot, and no journal. */
		if (j->number != 0 && j->number <= upto)
			remove_journal(store, j);
	}
}

static enum step_result publish(struct store *store, struct fold *fold)
{
	enum snapshot_state state;
	struct snapshot *s;

	keep_damaged(store);
	if (renameat(store->dir, STORE_SNAPSHOT_NEW, store->dir, STORE_SNAPSHOT) != 0 ||
	    fsync(store->dir) != 0 ||
	    snapshot_open_new(&s, store->dir, STORE_SNAPSHOT, &state) != DANESTS_OK)
		return STEP_FAILED;
	if (state != SNAPSHOT_WHOLE) {
		errno = EIO;
		if (state != SNAPSHOT_NONE)
			snapshot_unref(s);
		return STEP_FAILED;
	}
	fold->old = store->snapshot;
	store->snapshot = s;
	store->written += snapshot_bytes(s);
	store->fold_wanted = store->damage_told = false;
	remove_journals(store, fold->upto);
	return STEP_DONE;
}

/* ---- Tidy up: the snapshot has what these slots say ---- */

static enum step_result drop_slots(struct store *store, struct fold *fold)
{
	struct slot *slot;

	if (list_empty(&fold->done))
		return STEP_DONE;
	slot = CONTAINER_OF(fold->done.next, struct slot, home);
	list_remove(&slot->home);
	slot->journal = NULL;
	slot->gone = false;
	if (!slot->pending)
		store_slot_drop(store, slot);
	return STEP_MORE;
}

static enum step_result retire(struct store *store, struct fold *fold)
{
	(void)store;
	return fold->old != NULL && snapshot_retire(fold->old) ? STEP_MORE : STEP_DONE;
}

static void tell_cut(const struct store *store, const struct cut *cut)
{
	if (cut->gone > 0)
		events_add(store->events, cut->gone_enforce > 0 ? DANESTS_EVENT_CACHE_TROUBLE :
		    DANESTS_EVENT_CACHE_NOTE, "",
		    "%s: cache_size is reached: %llu policies were dropped that were not over, "
		    "%llu of them enforced", store->dir_name, (unsigned long long)cut->gone,
		    (unsigned long long)cut->gone_enforce);
}

static enum step_result end(struct store *store, struct fold *fold)
{
	struct journal *j;

	while (!list_empty(&store->journals)) {
		j = CONTAINER_OF(store->journals.next, struct journal, node);
		if (j->number > fold->upto)
			break;
		journal_free(j);
	}
	store_recount(store);
	store->folds++;
	if (store->fold_pause > 0)
		events_add(store->events, DANESTS_EVENT_CACHE_NOTE, "",
		    "%s: journals can be folded again", store->dir_name);
	store->fold_pause = 0;
	tell_cut(store, &fold->cut);
	return STEP_DONE;
}

/* ---- Slices ---- */

static step_fn *const steps[] = {
	begin, fold_measure_snapshot, fold_measure_slots, fold_copy_snapshot, fold_copy_slots,
	fold_write_tables, finish, publish, drop_slots, retire, end,
};

void store_fold_stop(struct store *store)
{
	struct fold *fold = store->fold;

	if (fold == NULL)
		return;
	list_move(&store->placed, &fold->waiting);
	list_move(&store->placed, &fold->done);
	snapshot_unref(fold->old);
	snapshot_writer_free(fold->writer);
	if (fold->writer != NULL)
		unlinkat(store->dir, STORE_SNAPSHOT_NEW, 0);
	free(fold);
	store->fold = NULL;
}

static void pause_is_over(void *arg)
{
	store_fold_consider(arg);
}

static void failed(struct store *store)
{
	if (store->fold_pause == 0)
		events_add(store->events, DANESTS_EVENT_CACHE_TROUBLE, "",
		    "%s/%s: %s: the journals cannot be folded and go on growing; it is tried again",
		    store->dir_name, STORE_SNAPSHOT_NEW, strerror(errno));
	store_fold_stop(store);
	store->fold_pause = store->fold_pause == 0 ? FOLD_PAUSE_FIRST : store->fold_pause * 2;
	if (store->fold_pause > FOLD_PAUSE_LAST)
		store->fold_pause = FOLD_PAUSE_LAST;
	(void)!loop_timer(store->loop, &store->fold_timer, store->fold_pause, pause_is_over, store);
}

static void slice(void *arg)
{
	struct store *store = arg;
	struct fold *fold = store->fold;
	int64_t start = clock_mono_us(), took = 0;
	enum step_result r = STEP_MORE;

	for (; r != STEP_FAILED && fold->step < COUNT_OF(steps); fold->step += r == STEP_DONE) {
		if (took >= store->limits.slice_us)
			break;
		r = steps[fold->step](store, fold);
		took = clock_mono_us() - start;
	}
	if (r == STEP_FAILED) {
		failed(store);
		return;
	}
	if (fold->step == COUNT_OF(steps)) {
		store_fold_stop(store);
		store_fold_consider(store);
		return;
	}
	if (loop_timer(store->loop, &store->fold_timer, 0, slice, store) != DANESTS_OK)
		failed(store);
}

static bool is_time(const struct store *store)
{
	uint64_t journals = store_journal_bytes(store);
	uint64_t snapshot = snapshot_bytes(store->snapshot);

	return store->fold_wanted || journals > store->limits.fold_max ||
	    (journals > store->limits.fold_min && journals > snapshot / store->limits.fold_part) ||
	    (journals + snapshot > store->max_bytes && journals > store->max_bytes / 16);
}

/* Whoever has just started has questions waiting. What is damaged does not wait; nor may
 * a process that is killed again and again let the journals grow to their end. */
void store_fold_soon(struct store *store)
{
	if (store->fold_wanted || store_journal_bytes(store) > 2 * store->limits.fold_max)
		store_fold_consider(store);
	else if (store->lock >= 0 && is_time(store) && loop_timer(store->loop,
	    &store->fold_timer, FOLD_SOON_MS, pause_is_over, store) != DANESTS_OK)
		store_fold_consider(store);
}

void store_fold_consider(struct store *store)
{
	struct fold *fold;

	/* Also while the disk refuses: a fold may be what it needs. */
	if (store->fold != NULL || store->fold_timer.place != 0 || store->lock < 0 ||
	    !is_time(store))
		return;
	fold = calloc(1, sizeof(*fold));
	if (fold == NULL)
		return;
	list_init(&fold->waiting);
	list_init(&fold->done);
	store->fold = fold;
	if (loop_timer(store->loop, &store->fold_timer, 0, slice, store) != DANESTS_OK)
		store_fold_stop(store);
}
