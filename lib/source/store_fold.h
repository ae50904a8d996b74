/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of a fold: its steps, each called until it is done, then the next. */
#ifndef SOURCE_STORE_FOLD_H
#define SOURCE_STORE_FOLD_H

#include "source/store_cut.h"
#include "source/store_impl.h"

#define FOLD_PAUSE_FIRST 10000  /* ms after a fold that failed; doubled each time */
#define FOLD_PAUSE_LAST 600000

enum step_result { STEP_MORE, STEP_DONE, STEP_FAILED };

typedef enum step_result step_fn(struct store *store, struct fold *fold);

struct fold {
	size_t step;
	struct snapshot_writer *writer;
	uint64_t upto;               /* journals up to this one are folded */
	struct snapshot_place place;
	struct snapshot *old;        /* that was folded, when the new one is in use */
	struct list waiting, done;   /* slots: to be looked at, and looked at */
	time_t now;
	bool full;                   /* there is more than may be kept */
	struct cut cut;
};

static inline uint64_t fold_fitting(const struct store *store)
{
	return store->max_bytes - store->max_bytes / 8;
}

/* store_fold_copy.c */
step_fn fold_measure_snapshot;
step_fn fold_measure_slots;
step_fn fold_copy_snapshot;
step_fn fold_copy_slots;
step_fn fold_write_tables;

#endif
