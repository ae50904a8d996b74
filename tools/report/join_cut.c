/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A log that somebody cut, by rotation for example, begins in the middle of deliveries; what it
 * does not say of their sessions it may have said before. A log that was chosen from, such as all
 * lines of smtp, looks the same: what tells them apart may come after the delivery.
 */
#include <stdlib.h>

#include "base/attr.h"
#include "base/text.h"
#include "tools/report/join_impl.h"
#include "tools/report/seconds.h"

#define DELAY_MAX (INT64_C(1000000) * SECOND_US)

void join_cut_init(struct join *j, const struct join_bounds *bounds)
{
	keep_init(&j->cuts.lived, sizeof(struct keep_node), bounds->wheres,
	    &j->counts.forgotten_places);
	j->cuts.max = bounds->places;
}

void join_cut_free(struct join *j)
{
	keep_free(&j->cuts.lived);
	free(j->cuts.list);
}

/* Past the bound each host is taken for one that has them. */
void join_lived(struct join *j, const struct heard *h)
{
	struct cuts *cuts = &j->cuts;
	const uint64_t root = h->where->root;

	if (cuts->too_many || (cuts->any && cuts->last == root))
		return;
	cuts->any = true;
	cuts->last = root;
	if (keep_get(&cuts->lived, root) != NULL)
		return;
	if (cuts->lived.count == cuts->lived.max)
		cuts->too_many = true;
	else if (keep_add(&cuts->lived, root) == NULL)
		j->counts.out_of_memory = true;
}

/* Of the last two of delays=a/b/c/d: connecting, and the rest. */
static int64_t since_connecting(struct slice delays)
{
	int64_t sum = 0, unit = SECOND_US, part = 0;
	unsigned parts = 0;

	for (size_t i = 0; i < delays.len && parts < 4; i++) {
		const char c = delays.p[i];

		if (c == '/') {
			sum += parts >= 2 ? part : 0;
			parts++;
			part = 0;
			unit = SECOND_US;
		} else if (c == '.') {
			unit = SECOND_US / 10;
		} else if (!text_is_digit(c)) {
			return 0;
		} else if (unit < SECOND_US) {
			part += (c - '0') * unit;
			unit /= 10;
		} else if (part < DELAY_MAX) {
			part = part * 10 + (c - '0') * SECOND_US;
		}
	}
	return sum + (parts == 3 ? part : 0);
}

/* Not so where the message is known to have been taken up within the log. */
bool join_is_cut(const struct join *j, const struct heard *h, const struct delivery *d)
{
	int64_t begin;

	if (d->session || d->sender.p != NULL || d->message_id.p != NULL ||
	    d->status != STATUS_SENT)
		return false;
	begin = j->us - since_connecting(h->event->delivery.delays);
	if (j->us % SECOND_US == 0) /* the stamp has no fraction */
		begin -= SECOND_US;
	if (seconds(begin) != h->where->first)
		return seconds(begin) < h->where->first;
	/* In the second of its first line: the data's first line may be of another host. */
	return seconds(j->counts.first_us) != h->where->first || begin <= j->counts.first_us;
}

/* At "may?" the line about a session that is used again is logged in any case. */
static enum cut_kind kind_of(const struct feature *tls)
{
	enum level level = tls->downgrade != LEVEL_ABSENT ? tls->downgrade : tls->level;

	return level == LEVEL_MAY && tls->open ? CUT_ALWAYS : CUT_LOGGED;
}

static unsigned number(const struct cuts *cuts, size_t place, enum cut_kind kind)
{
	return (unsigned)(cuts->max * (1 + (size_t)kind) + place);
}

bool join_cut_place(struct join *j, const struct heard *h, struct delivery *d)
{
	const enum cut_kind kind = kind_of(&d->tls);
	struct cuts *cuts = &j->cuts;
	size_t count = j->places.count;
	struct cut *list, *cut;

	if (cuts->count < count) {
		list = realloc(cuts->list, count * sizeof(*list));
		if (list == NULL)
			return false;
		memset(list + cuts->count, 0, (count - cuts->count) * sizeof(*list));
		cuts->list = list;
		cuts->count = count;
	}
	cut = &cuts->list[d->place];
	cut->mixed |= (cut->used[0] || cut->used[1]) && cut->root != h->where->root;
	cut->root = h->where->root;
	cut->used[kind] = true;
	d->place = number(cuts, d->place, kind);
	return true;
}

void join_cut_end(struct join *j)
{
	struct cuts *cuts = &j->cuts;
	bool chosen, logged;

	for (size_t i = 0; i < cuts->count; i++) {
		chosen = !cuts->too_many && !cuts->list[i].mixed &&
		    keep_get(&cuts->lived, cuts->list[i].root) == NULL;
		logged = places_logged(&j->places, (unsigned)i);
		for (int kind = 0; kind < CUT_KINDS; kind++) {
			if (!cuts->list[i].used[kind])
				continue;
			j->next.place(j->next.arg, number(cuts, i, (enum cut_kind)kind),
			    !chosen ? LOGGED_CUT :
			    kind == CUT_ALWAYS || logged ? LOGGED_YES : LOGGED_UNKNOWN);
		}
	}
}
