/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages with deliveries of which nothing was logged, at more than one place: whether
 * these are of one type is known at the end only, when each place is.
 */
#include <stdlib.h>

#include "tools/report/tally_impl.h"

bool mixed_add(struct tally *t, const struct once *o)
{
	struct mixed *m = &t->mixed;
	size_t room = m->room == 0 ? 64 : m->room * 2;
	struct once *all;

	if (m->count == TALLY_MIXED)
		return false;
	if (m->count == m->room) {
		all = realloc(m->all, room * sizeof(*all));
		if (all == NULL) {
			t->counted.out_of_memory = true;
			return false;
		}
		m->all = all;
		m->room = room;
	}
	m->all[m->count] = *o;
	if (o->name != NULL)
		(void)name_ref(o->name);
	m->count++;
	return true;
}

static int order(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* The same row of the same message side by side, the last delivery first. */
static int compare(const void *pa, const void *pb)
{
	const struct once *a = pa, *b = pb;
	int c = order(a->message, b->message);

	if (c == 0)
		c = order((uintptr_t)a->name, (uintptr_t)b->name);
	if (c == 0)
		c = (a->row > b->row) - (a->row < b->row);
	if (c == 0)
		c = order(a->what, b->what);
	return c != 0 ? c : (a->slot < b->slot) - (a->slot > b->slot);
}

static bool same_row(const struct once *a, const struct once *b)
{
	return a->message == b->message && a->name == b->name && a->row == b->row &&
	    a->what == b->what;
}

void mixed_end(struct tally *t)
{
	struct mixed *m = &t->mixed;

	for (size_t i = 0; i < m->count; i++)
		m->all[i].what = (uint32_t)tally_type(t, m->all[i].what);
	if (m->count > 0)
		qsort(m->all, m->count, sizeof(*m->all), compare);
	for (size_t i = 0; i < m->count; i++) {
		if (m->all[i].name != NULL && m->all[i].what != SECURITY_NO_TLS)
			continue;
		if (i == 0 || !same_row(&m->all[i - 1], &m->all[i]))
			once_add(t, &m->all[i]);
	}
}

void mixed_free(struct tally *t)
{
	for (size_t i = 0; i < t->mixed.count; i++)
		names_drop(&t->names, t->mixed.all[i].name);
	free(t->mixed.all);
	t->mixed = (struct mixed){0};
}
