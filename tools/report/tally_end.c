/* SPDX-License-Identifier: BSD-2-Clause */
/* All is there: the period is known, and which places log TLS. */
#include <stdlib.h>

#include "danests.h"
#include "tools/report/tally_impl.h"

/* ---- Places ---- */

void tally_place(struct tally *t, unsigned place, enum logged logged)
{
	size_t room = t->places_count;
	uint8_t *places;

	if (logged == LOGGED_UNKNOWN)
		return;
	while (room <= place)
		room = room == 0 ? 64 : room * 2;
	if (room > t->places_count) {
		places = realloc(t->places, room);
		if (places == NULL) {
			t->counted.out_of_memory = true;
			return;
		}
		memset(places + t->places_count, LOGGED_UNKNOWN, room - t->places_count);
		t->places = places;
		t->places_count = room;
	}
	t->places[place] = (uint8_t)logged;
}

enum security tally_type(const struct tally *t, uint32_t what)
{
	size_t place;

	if (what < WHAT_PLACE)
		return (enum security)what;
	place = what - WHAT_PLACE;
	return place < t->places_count && t->places[place] == LOGGED_YES ? SECURITY_NO_TLS :
	    SECURITY_UNKNOWN;
}

static enum evidence of_place(const struct tally *t, size_t place)
{
	const enum logged logged = place < t->places_count ? (enum logged)t->places[place] :
	    LOGGED_UNKNOWN;

	return logged == LOGGED_YES ? EVIDENCE_SILENCE :
	    logged == LOGGED_CUT ? EVIDENCE_CUT : EVIDENCE_NONE;
}

/* ---- The period ---- */

static bool has_span(const struct tally *t, int64_t begin, int64_t seconds)
{
	return t->since < t->until && begin + seconds > t->since && begin < t->until;
}

bool tally_has_slot(const struct tally *t, int32_t slot)
{
	return has_span(t, (int64_t)slot * t->unit, t->unit);
}

bool tally_has_day(const struct tally *t, int32_t day)
{
	return has_span(t, (int64_t)day * TALLY_DAY, TALLY_DAY);
}

static bool is_sent(uint32_t what)
{
	return what < SECURITY_SENT || what >= WHAT_PLACE;
}

/* Where it was left open it ends where the data does. */
static void set_period(struct tally *t, int64_t first_us, int64_t last_us)
{
	bool none = last_us == LINE_NO_TIME;
	int64_t first = none ? 0 : bucket_begin(BUCKET_DAY, first_us / TALLY_SECOND);
	int64_t last = none ? PERIOD_OPEN_SINCE : last_us / TALLY_SECOND;

	period_resolve(&t->view->period, last, &t->since, &t->until);
	t->counted.since = t->since;
	t->counted.until = t->until;
	if (t->until == PERIOD_OPEN_UNTIL)
		t->counted.until = none ? 0 :
		    bucket_next(BUCKET_DAY, bucket_begin(BUCKET_DAY, last));
	if (t->view->period.since == PERIOD_OPEN_SINCE && (none || first > t->counted.since))
		t->counted.since = !none && first < t->counted.until ? first : t->counted.until;
}

/* ---- Sums ---- */

static void sum_count(struct tally *t, const struct count *c)
{
	enum security type;

	if (!tally_has_slot(t, c->key.slot))
		return;
	if (c->key.what == WHAT_NO_DNSSEC)
		t->counted.no_dnssec = true;
	if (c->key.what >= WHAT_EVIDENCE && c->key.what < WHAT_NO_DNSSEC)
		t->counted.evidence[c->key.what - WHAT_EVIDENCE] += c->n;
	if (c->key.what == WHAT_SMARTHOST) {
		t->counted.smarthost += c->n;
		t->counted.smarthost_messages += c->messages;
	}
	if (!is_sent(c->key.what))
		return;
	type = tally_type(t, c->key.what);
	if (!t->type_passes[type])
		return;
	t->counted.sent[type] += c->n;
	t->counted.sent_messages[type] += c->messages;
	if (c->key.what >= WHAT_PLACE)
		t->counted.evidence[of_place(t, c->key.what - WHAT_PLACE)] += c->n;
}

static void sum_counts(struct tally *t)
{
	const struct map_node *node = NULL;
	size_t cursor = 0;

	while ((node = map_next(&t->counts.map, &cursor, (struct map_node *)node)) != NULL)
		sum_count(t, (const struct count *)(const void *)node);
}

struct walk {
	struct tally *t;
	uint64_t last; /* message; what there is of one comes together */
};

static void sum_blocked(void *arg, const struct ledger_row *row)
{
	struct walk *walk = arg;
	struct tally *t = walk->t;

	if (!tally_shows(t, row->security, row->fault, row->final))
		return;
	if (!t->view->messages || row->message != walk->last)
		t->counted.blocked++;
	walk->last = row->message;
	if (row->evidence < EVIDENCE_COUNT)
		t->counted.evidence[row->evidence]++;
}

static void sum_late(struct tally *t)
{
	struct late_walk walk = {0};

	while (late_next(t, &walk))
		t->counted.dropped_blocked += walk.cell->n;
}

void tally_end(struct tally *t, int64_t first_us, int64_t last_us)
{
	struct walk walk = { t, UINT64_MAX };

	totals_end(t);
	marks_end(t);
	mixed_end(t);
	ledger_end(t->ledger);
	set_period(t, first_us, last_us);
	sum_counts(t);
	ledger_walk(t->ledger, tally_us(t->since), tally_us(t->until), sum_blocked, &walk);
	sum_late(t);
	t->counted.weakest = EVIDENCE_FEATURE;
	for (unsigned i = 0; i < EVIDENCE_COUNT; i++)
		if (t->counted.evidence[i] > 0)
			t->counted.weakest = (enum evidence)i;
	t->counted.out_of_memory = t->counted.out_of_memory || t->counts.out_of_memory ||
	    t->no_tls.out_of_memory || t->troubles.out_of_memory || t->late.out_of_memory ||
	    ledger_lost(t->ledger);
}

const struct tally_counts *tally_counts(const struct tally *t)
{
	return &t->counted;
}
