/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The policies on disk: what RFC 8461 asks a sender to remember (S13), through a
 * kill at any instant.
 *
 *	DIR/policies.cdb   the snapshot: domain -> record, a constant database
 *	DIR/journal.N      what is newer; checksummed, replayed in the order of N
 *	DIR/lock           held by the one process that may write
 *
 * A put is durable when store_sync() has said so. A journal that has grown is folded
 * into a new snapshot, a slice at a time on the loop, written aside, synced and
 * renamed; what is put meanwhile goes to the next journal. Readers never lock, and
 * nothing is ever written over. Memory holds the index of the journals and what the
 * disk has refused, not the policies.
 *
 * Damage is found by checksums, costs the record it is in and no other, and is told.
 * Files that are not ours, or too damaged, are put aside, never deleted.
 *
 * One thread at a time.
 */
#ifndef SOURCE_STORE_H
#define SOURCE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/loop.h"
#include "source/events.h"
#include "source/record.h"

struct store;
struct store_walk;

#define STORE_PROBLEM 256

/*
 * Opens dir, which is made when only its last part is missing. max_bytes bounds the
 * files: when a fold finds more, policies go in this order: expired ones, mode none,
 * testing, large enforce ones, then the others, those first of whose max_age the
 * least is left. While a fold runs its old and new file are both there.
 *
 * DANESTS_OK: it works, though perhaps only in part (read-only, full, damaged: then
 * events tells). DANESTS_EBUSY: another process has it; DANESTS_ECACHE: dir is no
 * directory, or there is none and it cannot be made, or nothing in it can be read;
 * DANESTS_ENOMEM. problem[] then says what is wrong, with the path.
 * loop and events stay the caller's and must live longer.
 */
int store_open(struct store **out, struct loop *loop, struct events *events, const char *dir,
    uint64_t max_bytes, char problem[STORE_PROBLEM]) ATTR_MUST_CHECK;

/* Syncs what is not durable yet. NULL is fine. */
void store_close(struct store *store);

/* True: *out is what was put last, expired or not; valid until the next call. A
 * record found damaged is told and not there. */
bool store_find(struct store *store, const char *domain, struct record *out);

/* Both: in force at once, durable after the next store_sync(). DANESTS_OK,
 * DANESTS_EINVAL (breaks a bound), DANESTS_ENOMEM. */
int store_put(struct store *store, const struct record *r) ATTR_MUST_CHECK;
int store_del(struct store *store, const char *domain) ATTR_MUST_CHECK;

/* As store_put() with another time of use; need not be durable soon. */
void store_touch(struct store *store, const char *domain, time_t used);

/*
 * Make all of it durable; costs nothing when there is nothing. DANESTS_OK;
 * DANESTS_ECACHE: the disk refuses: what was put stays in force, is kept in memory
 * (up to a bound) and tried again, on the loop, until it works; both are told.
 */
int store_sync(struct store *store) ATTR_MUST_CHECK;

struct store_status {
	size_t entries;          /* policies, expired ones included */
	uint64_t snapshot_bytes, journal_bytes;
	uint64_t written;        /* octets since it was opened, folds included */
	uint64_t folds;
	size_t unsaved;          /* policies that the disk has refused so far */
	size_t memory;           /* octets of memory held, mappings not included */
	bool writable;
	bool folding;
	const char *trouble;     /* in words, or ""; valid until the next call */
};
void store_status(const struct store *store, struct store_status *out);

/*
 * All policies, in no order, each once, as they are at the moment they are given
 * out; what comes or changes its name while the walk is under way may be missed or
 * not. It holds the snapshot it began with, also when that is folded meanwhile, and
 * must be freed before the store is closed. Each step is short: PAUSE means that
 * there was nothing to give out yet.
 */
enum store_step { STORE_END, STORE_RECORD, STORE_PAUSE };
struct store_walk *store_walk_new(struct store *store); /* NULL without memory */
enum store_step store_walk_next(struct store_walk *walk, struct record *out);
void store_walk_free(struct store_walk *walk); /* NULL is fine */

#endif
