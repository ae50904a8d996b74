/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/store_cut.h"

#include "source/store_impl.h"

/* In the order in which they go. */
enum kind { KIND_OVER, KIND_NONE, KIND_TESTING, KIND_LARGE, KIND_MEDIUM, KIND_ENFORCE };

static enum kind kind_of(const struct record *r, time_t now)
{
	static const enum kind by_mode[] = {
		[STSBODY_NONE] = KIND_NONE, [STSBODY_TESTING] = KIND_TESTING,
		[STSBODY_ENFORCE] = KIND_ENFORCE,
	};

	if (r->expires <= now)
		return KIND_OVER;
	if (r->mode == STSBODY_ENFORCE && r->text_len > STORE_LARGE)
		return KIND_LARGE;
	if (r->mode == STSBODY_ENFORCE && r->text_len > STORE_MEDIUM)
		return KIND_MEDIUM;
	return by_mode[r->mode];
}

static unsigned rank_of(const struct record *r, time_t now)
{
	uint64_t left = r->expires <= now ? 0 : (uint64_t)(r->expires - now);
	unsigned span = CUT_SPANS - 1;

	/* More than all is left when the clock is behind. */
	if (left < r->max_age)
		span = (unsigned)(left * CUT_SPANS / r->max_age);
	return (unsigned)kind_of(r, now) * CUT_SPANS + span;
}

void cut_measure(struct cut *cut, const struct record *r, uint64_t octets, time_t now)
{
	cut->octets[rank_of(r, now)] += octets;
	cut->total += octets;
}

void cut_set(struct cut *cut, uint64_t max)
{
	uint64_t excess = cut->total > max ? cut->total - max : 0;

	while (excess > 0 && cut->rank < CUT_KINDS * CUT_SPANS - 1 &&
	    cut->octets[cut->rank] <= excess)
		excess -= cut->octets[cut->rank++];
	cut->left = excess;
}

bool cut_takes(struct cut *cut, const struct record *r, uint64_t octets, time_t now)
{
	unsigned rank = rank_of(r, now);

	if (rank > cut->rank || (rank == cut->rank && cut->left == 0))
		return false;
	if (rank == cut->rank)
		cut->left -= octets < cut->left ? octets : cut->left;
	cut->gone += rank >= CUT_SPANS;
	cut->gone_enforce += rank >= KIND_LARGE * CUT_SPANS;
	return true;
}
