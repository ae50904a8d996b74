/* SPDX-License-Identifier: BSD-2-Clause */
/* Random deliveries of some days, for the laws of the tally. */
#ifndef TEST_REPORT_TALLY_WORLD_H
#define TEST_REPORT_TALLY_WORLD_H

#include "base/attr.h"
#include "test/unit/report_tally_help.h"

#define MANY 1500
#define MESSAGES 300
#define SPAN 10     /* days: what is older is stale, wherever it stands */
#define LIFE 5      /* days of a message */
#define PLACES 4
#define ROUNDS 60

static uint64_t seed;

static inline unsigned dice(unsigned sides)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)((seed >> 33) % sides);
}

static const char *const domains[] = { "a.example", "b.example", "c.example", "d.example",
	"e.example", "long.name.of.a.domain.example" };
static const char *const tokens[] = { "tlsa-invalid", "starttls-not-supported", "cert-not-verified",
	"sts-cert-expired", "certificate-expired", "sts-policy-invalid", "dns-query-failed" };
static const char *const texts[] = { "Server certificate not verified", "Cannot start TLS",
	"TLS is required, but was not offered by host mx" };

struct drop {
	struct delivery d;
	struct verdict v;
	char recipient[40];
	bool last;         /* in the world: gone afterwards */
};

struct world {
	struct drop drops[MANY];
	bool expired[MESSAGES];
	bool logged[PLACES];
};

static inline void make_drop(struct drop *drop)
{
	const char *domain = domains[dice(COUNT_OF(domains))];
	bool sent = dice(3) > 0;
	uint64_t hour;

	/* Who got it is not tried again. */
	*drop = (struct drop){0};
	(void)snprintf(drop->recipient, sizeof(drop->recipient), "%c@%s",
	    sent ? 'c' : "ab"[dice(2)], domain);
	drop->d.message = dice(MESSAGES) + 1;
	hour = drop->d.message * ((SPAN - LIFE) * 24) / MESSAGES + dice(LIFE * 24);
	drop->d.us = (DAY0 + (int64_t)hour * HOURS) * 1000000 + dice(3600000);
	drop->d.domain = text_slice(domain);
	drop->d.sender = SLICE("s@x.example");
	if (drop->d.message % 3 == 0)
		drop->d.sender = (struct slice){ NULL, 0 };
	drop->d.message_id = SLICE("i@x.example");
	drop->d.place = dice(PLACES);
	drop->d.text = text_slice(texts[dice(COUNT_OF(texts))]);
	drop->v.evidence = (enum evidence)dice(EVIDENCE_COUNT);
	if (sent) {
		drop->v.kind = VERDICT_SENT;
		drop->v.security = dice(3) == 0 ? SECURITY_UNLOGGED :
		    (enum security)dice(SECURITY_SENT);
		drop->v.doubt = dice(5) == 0 ? "a doubt" : NULL;
		return;
	}
	drop->v.kind = VERDICT_BLOCKED;
	drop->v.security = dice(2) == 0 ? SECURITY_UNKNOWN : (enum security)dice(2);
	drop->v.fault = danests_fault(tokens[dice(COUNT_OF(tokens))]);
	drop->d.bounced = dice(10) == 0;
	drop->v.doubt = dice(5) == 0 ? "another doubt" : NULL;
}

static inline int by_time(const void *a, const void *b)
{
	int64_t x = ((const struct drop *)a)->d.us, y = ((const struct drop *)b)->d.us;

	return x < y ? -1 : x > y;
}

static inline struct world *make_world(uint64_t number)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	seed = number;
	for (size_t i = 0; i < MANY; i++)
		make_drop(&w->drops[i]);
	qsort(w->drops, MANY, sizeof(w->drops[0]), by_time);
	for (size_t i = 0; i < MESSAGES; i++)
		w->expired[i] = dice(4) == 0;
	for (size_t i = 0; i < PLACES; i++)
		w->logged[i] = dice(2) == 0;
	return w;
}

static inline void shuffle(struct world *w)
{
	for (size_t i = MANY - 1; i > 0; i--) {
		size_t j = dice((unsigned)i + 1);
		struct drop kept = w->drops[i];

		w->drops[i] = w->drops[j];
		w->drops[j] = kept;
	}
}

/* Each message is gone after the last of its deliveries. */
static inline void mark_last(struct world *w)
{
	bool seen[MESSAGES] = {0};

	for (size_t i = MANY; i-- > 0;) {
		size_t m = (size_t)w->drops[i].d.message - 1;

		w->drops[i].last = !seen[m] && m % 5 != 0; /* and some never */
		seen[m] = true;
	}
}

static inline struct tally *run(struct world *w, const struct view *view)
{
	struct tally *t = tally_new(view, NULL);
	int64_t first = INT64_MAX, last = LINE_NO_TIME;

	assert_non_null(t);
	mark_last(w);
	for (size_t i = 0; i < MANY; i++) {
		struct drop *drop = &w->drops[i];
		uint64_t m = drop->d.message;

		drop->d.recipient = text_slice(drop->recipient);
		tally_take(t, &drop->d, &drop->v);
		if (drop->d.us < first)
			first = drop->d.us;
		if (drop->d.us > last)
			last = drop->d.us;
		if (drop->last)
			tally_gone(t, m, w->expired[m - 1], drop->d.us);
	}
	for (unsigned i = 0; i < PLACES; i++)
		tally_place(t, i, w->logged[i] ? LOGGED_YES : LOGGED_UNKNOWN);
	tally_end(t, first, last);
	assert_false(tally_counts(t)->out_of_memory);
	return t;
}

#endif
