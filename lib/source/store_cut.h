/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which policies go when there are more than may be kept (S27): first those that are
 * over, then mode none, testing, enforce ones by their size: room is what is short,
 * and whoever takes it all with large ones shall lose them first. Of each kind those
 * first of whose max_age the least is left: to ask for a long one is no merit.
 */
#ifndef SOURCE_STORE_CUT_H
#define SOURCE_STORE_CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "source/record.h"

enum { CUT_KINDS = 6, CUT_SPANS = 256 };

/* Zeroed: nothing has to go. */
struct cut {
	uint64_t octets[CUT_KINDS * CUT_SPANS]; /* by rank, the first to go first */
	uint64_t total;
	unsigned rank;       /* all below go */
	uint64_t left;       /* octets of this one that have to go yet */
	uint64_t gone;       /* policies that went, but for those that are over */
	uint64_t gone_enforce;
};

void cut_measure(struct cut *cut, const struct record *r, uint64_t octets, time_t now);

/* All are measured: what has to go, so that at most max octets stay? */
void cut_set(struct cut *cut, uint64_t max);

/* Does this one go? Counts it. */
bool cut_takes(struct cut *cut, const struct record *r, uint64_t octets, time_t now);

#endif
