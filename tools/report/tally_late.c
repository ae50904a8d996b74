/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocked messages beyond the ledger's bound: counted by day, domain, type and error, without
 * their details. Fingerprints keep later tries from counting again, as long as they have
 * room; one counts on the day of its first try.
 */
#include <stdlib.h>

#include "tools/report/tally_impl.h"

void late_init(struct tally *t)
{
	t->late_seed[0] = t->late.map.seed[0];
	t->late_seed[1] = t->late.map.seed[1];
}

/* True: it was there. When the table is half full, it is emptied. */
static bool was_seen(struct tally *t, uint64_t print)
{
	size_t i = print & (TALLY_LATE - 1);

	if (t->late_seen == NULL || t->late_count >= TALLY_LATE / 2) {
		free(t->late_seen);
		t->late_count = 0;
		t->late_seen = calloc(TALLY_LATE, sizeof(*t->late_seen));
	}
	if (t->late_seen == NULL) {
		t->counted.out_of_memory = true;
		return false;
	}
	print |= 1; /* 0 is an empty place */
	for (; t->late_seen[i] != 0; i = (i + 1) & (TALLY_LATE - 1))
		if (t->late_seen[i] == print)
			return true;
	t->late_seen[i] = print;
	t->late_count++;
	return false;
}

static uint64_t print_of(const struct tally *t, const struct delivery *d, size_t fault)
{
	uint64_t parts[3] = { d->message, fault,
		map_hash(t->late_seed, d->recipient.p, d->recipient.len) };

	return map_hash(t->late_seed, parts, sizeof(parts));
}

static uint32_t pack(const struct late *late)
{
	return (uint32_t)late->fault << 8 | (uint32_t)late->security << 1 | late->final;
}

static struct late late_of(const struct cell *cell)
{
	uint32_t what = cell->key.what;

	return (struct late){ (enum security)(what >> 1 & 0x7f), what >> 8, (what & 1) != 0 };
}

bool late_next(const struct tally *t, struct late_walk *w)
{
	while ((w->node = map_next(&t->late.map, &w->cursor, w->node)) != NULL) {
		w->cell = cell_of(w->node);
		w->late = late_of(w->cell);
		w->fault = danests_fault_at(w->late.fault);
		if (tally_has_day(t, w->cell->key.day) &&
		    tally_shows(t, w->late.security, w->fault, w->late.final))
			return true;
	}
	return false;
}

void late_take(struct tally *t, const struct delivery *d, const struct verdict *v)
{
	struct late late = { v->security, tally_fault_index(v->fault), d->bounced };
	struct cell *cell;

	if (was_seen(t, print_of(t, d, late.fault)))
		return;
	cell = cells_at(&t->late, d->domain, t->day, pack(&late));
	if (cell != NULL)
		cell->n++;
	else
		t->counted.dropped_cells++;
}
