/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of the store, for its own files and its tests.
 *
 * The index has a slot for each domain that the journals say something of, or that
 * waits for the disk; for all others the snapshot is right. A slot knows two things:
 * its place, the last durable word, and, while it is pending, the newer one, whose
 * octets are in memory. A place stays what it is until a later word is durable: what
 * was promised once is found by a fold, or after a crash, whatever came since.
 */
#ifndef SOURCE_STORE_IMPL_H
#define SOURCE_STORE_IMPL_H

#include "base/list.h"
#include "base/map.h"
#include "source/journal.h"
#include "source/snapshot.h"
#include "source/store.h"

#define STORE_SNAPSHOT "policies.cdb"
#define STORE_SNAPSHOT_NEW "policies.cdb.tmp"
#define STORE_LOCK "lock"
#define STORE_TROUBLE 400
#define STORE_LARGE 4096  /* enforce policies beyond this go before the others */
#define STORE_MEDIUM 1024 /*     and of the others those beyond this */

/* In the order in which they are given up when the disk refuses; GONE never is. */
enum pending_class {
	PENDING_LAZY, PENDING_OTHER, PENDING_LARGE, PENDING_ENFORCE, PENDING_GONE,
	PENDING_CLASSES
};

struct slot {
	struct map_node node;
	struct list all;           /* store.all, in the order of serial */
	struct list home;          /* store.placed, or fold's, when there is a place */
	struct list pend;          /* store.pending[class] */
	uint64_t serial;

	struct journal *journal;   /* the place; NULL: there is none */
	uint64_t offset;           /* of the record */
	uint32_t len;
	bool gone;                 /* a deletion is what is durable */

	bool pending, lazy, pending_gone;
	enum pending_class class;
	char *bytes;               /* of the record that is pending */
	size_t bytes_len;

	bool in_snapshot;          /* what snapshot_has() says */
	size_t domain_len;
	char domain[];
};

struct store_limits {
	uint64_t fold_min;         /* journals are folded when they are longer than this */
	unsigned fold_part;        /*     and than this part of the snapshot */
	uint64_t fold_max;         /* or longer than this */
	uint64_t journal_max;      /* and never get longer than this */
	size_t pinned_max;         /* octets that wait for the disk */
	uint64_t fold_sync;        /* octets written by a fold between two syncs */
	int64_t slice_us;          /* of a fold, before others have their turn */
	int64_t retry_ms;          /* the disk refused: again after this */
	int64_t lazy_ms;           /* a time of use waits this long at most */
};

struct fold;

struct store {
	struct loop *loop;
	struct events *events;
	char *dir_name;
	int dir, lock;             /* lock -1: nothing may be written */
	uint32_t seen;             /* what the files were when they were read without it */
	uint64_t max_bytes;
	struct store_limits limits;

	struct snapshot *snapshot; /* or NULL */
	struct list journals;      /* in the order of number; the last one is written to */
	uint64_t folded;           /* journals up to this one were, when it was opened */
	uint64_t next_number;      /* of a journal */
	struct map map;            /* of slots */
	struct list all, placed;
	uint64_t next_serial;
	uint64_t base;             /* policies in the snapshot when they were counted last */
	int64_t delta;             /* and how many more or less the index makes of it */
	size_t slot_bytes;
	struct buf scratch;        /* of the record found last, or being put */

	struct list pending[PENDING_CLASSES];
	size_t urgent, unsynced;   /* slots pending: those not lazy, all of them */
	size_t pinned;             /* octets they hold */
	bool refused;              /* the disk did, and that is told */
	bool gave_up;              /* pending ones had to go, and that is told */
	char trouble[STORE_TROUBLE];
	struct loop_timer retry, lazy;

	struct fold *fold;         /* under way, or NULL */
	struct loop_timer fold_timer;
	int64_t fold_pause;        /* ms before the next try; 0: the last one worked */
	bool fold_wanted;          /* there is damage to get rid of */
	bool damage_told;
	bool rescued;              /* policies.cdb is damaged: to be put aside */
	struct list walks;

	uint64_t written, folds;
};

/* ---- store.c: the index ---- */

struct slot *store_slot(const struct store *store, const char *domain, size_t len);
struct slot *store_slot_new(struct store *store, const char *domain, size_t len);
void store_slot_drop(struct store *store, struct slot *slot);
/* Before and after a slot, or what the snapshot has of it, changes. */
void store_uncount(struct store *store, const struct slot *slot);
void store_count(struct store *store, const struct slot *slot);
/* What is durable now. */
void store_place(struct store *store, struct slot *slot, struct journal *journal,
    uint64_t offset, size_t len, bool gone);
void store_recount(struct store *store); /* the snapshot is another one */
bool store_slot_live(const struct slot *slot);
/* Something is not as it was written: told, and folded away soon. */
void store_tell_damage(struct store *store, const char *domain, const char *where);

/* ---- store_load.c ---- */

int store_load(struct store *store, char problem[STORE_PROBLEM]) ATTR_MUST_CHECK;
/* A free name for what is put aside: "journal.3.foreign". */
void store_aside_name(const struct store *store, const char *name, const char *why,
    char *out, size_t size);

/* ---- store_sync.c ---- */

/* Takes bytes (malloc'd, or NULL for a deletion). */
void store_pend(struct store *store, struct slot *slot, char *bytes, size_t len,
    enum pending_class class, bool lazy);
void store_unpend(struct store *store, struct slot *slot);
/* All that is pending, lazy ones too. */
int store_flush(struct store *store) ATTR_MUST_CHECK;
/* The disk refuses (errno), or works. */
void store_refused(struct store *store, const char *what);
void store_works(struct store *store);
/* A new journal to write to. DANESTS_ECACHE with errno. */
int store_new_journal(struct store *store) ATTR_MUST_CHECK;
uint64_t store_journal_bytes(const struct store *store);

/* ---- store_open.c ---- */

/* The numbers of all journals there are, in their order. False with errno. */
bool store_list_journals(const struct store *store, struct buf *out) ATTR_MUST_CHECK;
/* That could not be had at first. What another process has written meanwhile is read;
 * what waits for the disk stays. */
int store_take_late_lock(struct store *store, char problem[STORE_PROBLEM]) ATTR_MUST_CHECK;

/* ---- store_fold.c ---- */

void store_fold_consider(struct store *store); /* begins one when it is time */
void store_fold_soon(struct store *store); /* the same, a moment after the start */
void store_fold_stop(struct store *store);

/* ---- store_walk.c ---- */

/* A slot is about to leave the index. */
void store_walk_leave(struct store *store, const struct slot *slot);

#endif
