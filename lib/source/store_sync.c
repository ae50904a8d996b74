/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From memory to the disk. Whatever was put since the last sync that worked is kept
 * until one works: a sync that failed may have dropped any of it. So a retry writes
 * all of it again, behind what is known to be durable.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "danests.h"
#include "source/store_impl.h"

#define FRAMES_MAX ((size_t)8 * 1024 * 1024)  /* written at once */

/* ---- What waits ---- */

void store_unpend(struct store *store, struct slot *slot)
{
	if (!slot->pending)
		return;
	list_remove(&slot->pend);
	store->unsynced--;
	store->urgent -= !slot->lazy;
	store->pinned -= slot->bytes_len;
	free(slot->bytes);
	slot->bytes = NULL;
	slot->bytes_len = 0;
	slot->pending = slot->lazy = slot->pending_gone = false;
}

/* The oldest that may be given up; NULL: none may. */
static struct slot *oldest(const struct store *store)
{
	for (int class = 0; class < PENDING_GONE; class++) {
		if (!list_empty(&store->pending[class]))
			return CONTAINER_OF(store->pending[class].next, struct slot, pend);
	}
	return NULL;
}

static void pend(struct store *store, struct slot *slot, char *bytes, size_t len,
    enum pending_class class, bool lazy)
{
	store_uncount(store, slot);
	store_unpend(store, slot);
	slot->bytes = bytes;
	slot->bytes_len = len;
	slot->class = class;
	slot->pending = true;
	slot->pending_gone = bytes == NULL;
	slot->lazy = lazy;
	list_append(&store->pending[class], &slot->pend);
	store->unsynced++;
	store->urgent += !lazy;
	store->pinned += len;
	store_count(store, slot);
}

/* What is durable of it, if anything, counts again; but not one that was taken back by
 * a newer one of mode none or testing: that it is over costs no memory to remember. */
static void give_up(struct store *store, struct slot *slot)
{
	if (!store->gave_up)
		events_add(store->events, DANESTS_EVENT_CACHE_TROUBLE, "",
		    "%s: more policies wait for the disk than memory is set aside for: the "
		    "oldest are given up, enforce policies last", store->dir_name);
	store->gave_up = true;
	if (slot->class == PENDING_OTHER &&
	    (slot->journal == NULL ? slot->in_snapshot : !slot->gone)) {
		pend(store, slot, NULL, 0, PENDING_GONE, false);
		return;
	}
	store_uncount(store, slot);
	store_unpend(store, slot);
	store_count(store, slot);
	if (slot->journal == NULL)
		store_slot_drop(store, slot);
}

/* Many were put without a sync, or the disk refuses. */
static void bound(struct store *store)
{
	struct slot *slot;

	if (store->pinned <= store->limits.pinned_max)
		return;
	if (!store->refused && store_flush(store) == DANESTS_OK)
		return;
	while (store->pinned > store->limits.pinned_max && (slot = oldest(store)) != NULL)
		give_up(store, slot);
}

static void lazy_is_over(void *arg)
{
	struct store *store = arg;

	if (!store->refused)
		(void)!store_flush(store);
}

void store_pend(struct store *store, struct slot *slot, char *bytes, size_t len,
    enum pending_class class, bool lazy)
{
	pend(store, slot, bytes, len, class, lazy);
	/* Without memory for a timer it goes with the next sync. */
	if (lazy && store->lazy.place == 0)
		(void)!loop_timer(store->loop, &store->lazy, store->limits.lazy_ms, lazy_is_over,
		    store);
	bound(store);
}

/* ---- Trouble ---- */

static void try_again(void *arg)
{
	struct store *store = arg;
	char problem[STORE_PROBLEM];

	if (store->lock < 0 && store_take_late_lock(store, problem) != DANESTS_OK)
		errno = EBUSY;
	if (store->lock < 0)
		store_refused(store, STORE_LOCK);
	else if (store_flush(store) == DANESTS_OK)
		store_works(store);
	else
		store_fold_consider(store);
}

void store_refused(struct store *store, const char *what)
{
	text_format(store->trouble, sizeof(store->trouble),
	    "%s/%s: %s: policies are applied, but would not survive a restart",
	    store->dir_name, what, strerror(errno));
	if (!store->refused)
		events_add(store->events, DANESTS_EVENT_CACHE_TROUBLE, "", "%s", store->trouble);
	store->refused = true;
	(void)!loop_timer(store->loop, &store->retry, store->limits.retry_ms, try_again, store);
}

void store_works(struct store *store)
{
	loop_untimer(store->loop, &store->retry);
	store->trouble[0] = '\0';
	if (!store->refused)
		return;
	store->refused = store->gave_up = false;
	events_add(store->events, DANESTS_EVENT_CACHE_NOTE, "",
	    "%s: policies can be stored again; all that are held are durable now",
	    store->dir_name);
}

/* ---- Writing ---- */

static struct journal *last_journal(const struct store *store)
{
	struct journal *j;

	if (list_empty(&store->journals))
		return NULL;
	j = CONTAINER_OF(store->journals.prev, struct journal, node);
	return j->readonly ? NULL : j;
}

int store_new_journal(struct store *store)
{
	struct journal *j;
	int r = journal_create(&j, store->dir, store->next_number);

	/* The name may be there, left by a file system that lost more than we did. */
	if (r == DANESTS_ECACHE && errno == EEXIST)
		r = journal_create(&j, store->dir, ++store->next_number);
	if (r != DANESTS_OK)
		return r;
	store->next_number++;
	store->written += j->size;
	list_append(&store->journals, &j->node);
	return DANESTS_OK;
}

static void add_slot(const struct journal *j, struct buf *out, const struct slot *slot)
{
	if (slot->pending_gone)
		journal_add(j, out, JOURNAL_DEL, slot->domain, slot->domain_len);
	else
		journal_add(j, out, JOURNAL_PUT, slot->bytes, slot->bytes_len);
}

/* The first ones, up to FRAMES_MAX octets; how many that are. */
static size_t gather(const struct store *store, const struct journal *j, struct buf *out)
{
	const struct list *head, *node;
	size_t n = 0;

	for (int class = 0; class < PENDING_CLASSES; class++) {
		head = &store->pending[class];
		for (node = head->next; node != head && out->len < FRAMES_MAX; node = node->next) {
			add_slot(j, out, CONTAINER_OF(node, const struct slot, pend));
			n++;
		}
	}
	return n;
}

/* The same ones: they are durable, and lie one behind the other from there. */
static void settle(struct store *store, struct journal *j, uint64_t offset, size_t n)
{
	struct slot *slot;
	size_t len;
	bool gone;

	for (int class = 0; class < PENDING_CLASSES; class++) {
		while (n > 0 && !list_empty(&store->pending[class])) {
			slot = CONTAINER_OF(store->pending[class].next, struct slot, pend);
			gone = slot->pending_gone;
			len = gone ? slot->domain_len : slot->bytes_len;
			store_uncount(store, slot);
			store_unpend(store, slot);
			store_count(store, slot);
			store_place(store, slot, j, offset + JOURNAL_FRAME, len, gone);
			offset += journal_cost(len);
			n--;
		}
	}
}

static int write_some(struct store *store, struct journal *j)
{
	struct buf frames = {0};
	uint64_t offset = j->size;
	size_t n = gather(store, j, &frames);
	int r = frames.bad ? DANESTS_ENOMEM : DANESTS_OK;

	errno = ENOMEM;
	if (r == DANESTS_OK &&
	    store_journal_bytes(store) + frames.len > store->limits.journal_max) {
		errno = EFBIG; /* folds fail, or are not fast enough */
		r = DANESTS_ECACHE;
	}
	if (r == DANESTS_OK)
		r = journal_append(j, &frames);
	if (r == DANESTS_OK) {
		store->written += frames.len;
		settle(store, j, offset, n);
	}
	buf_free(&frames);
	return r;
}

int store_flush(struct store *store)
{
	char name[JOURNAL_NAME_MAX];
	struct journal *j;

	journal_name(name, store->next_number);
	while (store->unsynced > 0) {
		errno = EROFS;
		if (store->lock < 0 ||
		    (last_journal(store) == NULL && store_new_journal(store) != DANESTS_OK)) {
			store_refused(store, name);
			return DANESTS_ECACHE;
		}
		j = last_journal(store);
		journal_name(name, j->number);
		if (write_some(store, j) != DANESTS_OK) {
			store_refused(store, name);
			return DANESTS_ECACHE;
		}
	}
	loop_untimer(store->loop, &store->lazy);
	store_fold_consider(store);
	return DANESTS_OK;
}

int store_sync(struct store *store)
{
	if (store->urgent == 0)
		return DANESTS_OK;
	/* The timer tries again; not each of thousands of lookups. */
	return store->refused ? DANESTS_ECACHE : store_flush(store);
}
