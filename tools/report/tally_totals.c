/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages by type, each once: where its last delivery of that type is, so that what is left
 * when the front of the period is cut off is the number of messages in it. Numbers of
 * messages grow and are our own: nobody chooses where they fall in the table.
 */
#include <stdlib.h>

#include "tools/report/tally_impl.h"

#define TOTALS_MIN 1024
#define TOTALS_FEW 16 /* types of one message that are taken out at a time */

/* Two of these may be the same type once all is known. */
bool once_is_open(uint32_t what)
{
	return what >= WHAT_PLACE || what == SECURITY_NO_TLS || what == SECURITY_UNKNOWN;
}

/* ---- Where one counts ---- */

void once_add(struct tally *t, const struct once *o)
{
	struct count *count;
	struct cell *cell;

	if (o->name != NULL) {
		cell = cells_at(&t->no_tls, name_slice(o->name), tally_slot_day(t, o->slot),
		    o->what);
		if (cell != NULL)
			cell->messages++;
		return;
	}
	count = counts_at(&t->counts, o->slot, o->what);
	if (count != NULL && o->row == ONCE_TOTAL)
		count->messages++;
	else if (count != NULL)
		count->rows++;
}

static void less(uint64_t *n)
{
	if (*n > 0)
		(*n)--;
}

/* What was dropped meanwhile needs no change. */
void once_take_back(struct tally *t, const struct once *o)
{
	struct count *count;
	struct cell *cell;

	if (o->name != NULL) {
		cell = cells_find(&t->no_tls, o->name, tally_slot_day(t, o->slot), o->what);
		if (cell != NULL)
			less(&cell->messages);
		return;
	}
	count = counts_find(&t->counts, o->slot, o->what);
	if (count != NULL)
		less(o->row == ONCE_TOTAL ? &count->messages : &count->rows);
}

void once_move(struct tally *t, struct once *o, int32_t slot)
{
	if (slot <= o->slot)
		return;
	once_take_back(t, o);
	o->slot = slot;
	once_add(t, o);
}

/* ---- The table ---- */

static size_t home_of(const struct totals *s, uint64_t message)
{
	return (size_t)((message * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & (s->room - 1);
}

static void place_entry(struct totals *s, const struct totals_entry *entry)
{
	size_t i = home_of(s, entry->message);

	while (s->entries[i].what != 0)
		i = (i + 1) & (s->room - 1);
	s->entries[i] = *entry;
	s->count++;
}

/* Into a table of that size, without messages of a lower number. */
static bool rebuild(struct tally *t, size_t room, uint64_t least)
{
	struct totals *s = &t->totals, old = *s;
	struct totals_entry *entries = calloc(room, sizeof(*entries));

	if (entries == NULL) {
		t->counted.out_of_memory = true;
		return false;
	}
	*s = (struct totals){ entries, room, 0 };
	for (size_t i = 0; i < old.room; i++) {
		if (old.entries[i].what == 0)
			continue;
		if (old.entries[i].message >= least)
			place_entry(s, &old.entries[i]);
		else
			t->counted.forgotten_messages++;
	}
	free(old.entries);
	return true;
}

/* Messages that are never told to be gone are forgotten, the oldest first. */
static bool make_room(struct tally *t, uint64_t newest)
{
	struct totals *s = &t->totals;
	uint64_t keep = TALLY_TOTALS / 4;

	if (s->room > 0 && s->count < s->room / 2)
		return true;
	if (s->room < 2 * (size_t)TALLY_TOTALS)
		return rebuild(t, s->room == 0 ? TOTALS_MIN : s->room * 2, 0);
	if (!rebuild(t, s->room, newest > keep ? newest - keep : 0))
		return false;
	return s->count < s->room / 2 || rebuild(t, s->room, UINT64_MAX);
}

void totals_take(struct tally *t, uint64_t message, struct count *count)
{
	struct totals *s = &t->totals;
	uint32_t mark = count->key.what + 1;
	struct totals_entry *e;
	struct once o;
	size_t i;

	if ((s->room == 0 || s->count >= s->room / 2) && !make_room(t, message))
		return;
	for (i = home_of(s, message); s->entries[i].what != 0; i = (i + 1) & (s->room - 1)) {
		e = &s->entries[i];
		if (e->message != message || e->what != mark)
			continue;
		o = (struct once){ message, NULL, ONCE_TOTAL, e->slot, count->key.what };
		once_move(t, &o, count->key.slot);
		e->slot = o.slot;
		return;
	}
	s->entries[i] = (struct totals_entry){ message, mark, count->key.slot };
	s->count++;
	count->messages++;
}

/* Closes the gap, so that no search ends too early. */
static void erase(struct totals *s, size_t gap)
{
	size_t i = gap, home;

	for (;;) {
		i = (i + 1) & (s->room - 1);
		if (s->entries[i].what == 0)
			break;
		home = home_of(s, s->entries[i].message);
		if (((i - home) & (s->room - 1)) < ((i - gap) & (s->room - 1)))
			continue;
		s->entries[gap] = s->entries[i];
		gap = i;
	}
	s->entries[gap].what = 0;
	s->count--;
}

/* At most so many of a message's entries, out of the table; how many there were. */
static size_t pull(struct totals *s, uint64_t message, struct once out[TOTALS_FEW])
{
	size_t i = home_of(s, message), n = 0;

	while (s->entries[i].what != 0 && n < TOTALS_FEW) {
		if (s->entries[i].message != message) {
			i = (i + 1) & (s->room - 1);
			continue;
		}
		out[n++] = (struct once){ message, NULL, ONCE_TOTAL, s->entries[i].slot,
			s->entries[i].what - 1 };
		erase(s, i);
	}
	return n;
}

void totals_gone(struct tally *t, uint64_t message)
{
	struct once all[TOTALS_FEW];
	size_t n, open;

	if (t->totals.count == 0)
		return;
	do {
		n = pull(&t->totals, message, all);
		open = 0;
		for (size_t i = 0; i < n; i++)
			open += once_is_open(all[i].what);
		for (size_t i = 0; i < n && open > 1; i++)
			if (once_is_open(all[i].what) && mixed_add(t, &all[i]))
				once_take_back(t, &all[i]);
	} while (n == TOTALS_FEW);
}

void totals_end(struct tally *t)
{
	/* Entries move towards the begin of what is left, never to a place passed already,
	 * but for those that wrap around to the end. */
	for (size_t i = 0; i < t->totals.room; i++)
		while (t->totals.entries[i].what != 0)
			totals_gone(t, t->totals.entries[i].message);
}

void totals_free(struct totals *s)
{
	free(s->entries);
	*s = (struct totals){0};
}
