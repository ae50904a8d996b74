/* SPDX-License-Identifier: BSD-2-Clause */
/* One error of one recipient: when it happened, and what is known of it. */
#include <stdlib.h>

#include "tools/report/ledger_impl.h"

#define DAY_US INT64_C(86400000000)
#define TRIES 400               /* days of one error: no queue keeps mail for that long */

/* ---- What is known ---- */

static int rank(enum security s)
{
	static const int ranks[SECURITY_NAMED] = {
		[SECURITY_UNKNOWN] = 0, [SECURITY_REQUIRED] = 1, [SECURITY_EITHER] = 2,
		[SECURITY_NO_TLS] = 3, [SECURITY_TLS] = 3, [SECURITY_DANE] = 3,
		[SECURITY_STS] = 3, [SECURITY_BOTH] = 3,
	};

	return (unsigned)s < SECURITY_NAMED ? ranks[s] : 0;
}

/* By content: the order in which tries come must not matter. */
static int doubt_order(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

void record_judge(struct record *r, enum security security, enum evidence evidence,
    const char *doubt, int64_t us)
{
	int better = rank(security) - rank(r->security);

	if (better == 0)
		better = (evidence < r->evidence) - (evidence > r->evidence);
	if (better == 0)
		better = (us < r->best_us) - (us > r->best_us);
	if (better == 0)
		better = (security < r->security) - (security > r->security);
	if (better == 0)
		better = doubt_order(doubt, r->doubt) < 0;
	if (better <= 0)
		return;
	r->security = security;
	r->evidence = evidence;
	r->doubt = doubt;
	r->best_us = us;
}

/* ---- When ---- */

static bool same_day(const struct ledger *l, int64_t a, int64_t b)
{
	return !l->days || a / DAY_US == b / DAY_US;
}

static bool text_before(const struct name *a, const struct name *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int c = memcmp(a->text, b->text, len);

	return c != 0 ? c < 0 : a->len < b->len;
}

/* Takes the text. */
static void earlier(struct ledger *l, struct try *try, int64_t us, struct name *text)
{
	if (us > try->us || (us == try->us && !text_before(text, try->text))) {
		names_drop(l->names, text);
		return;
	}
	names_drop(l->names, try->text);
	*try = (struct try){ us, text };
}

static bool more_tries(struct ledger *l, struct record *r)
{
	size_t room = r->room == 0 ? 1 : r->room * 2;
	struct try *tries;

	if (r->count < r->room)
		return true;
	tries = realloc(r->tries, room * sizeof(*tries));
	if (tries == NULL)
		return false;
	l->bytes += (room - r->room) * sizeof(*tries);
	r->tries = tries;
	r->room = room;
	return true;
}

/* Days that are forged fill no more than that: the first one stays, and so does the last. */
static void drop_second(struct ledger *l, struct record *r)
{
	names_drop(l->names, r->tries[1].text);
	r->count--;
	memmove(&r->tries[1], &r->tries[2], (r->count - 1) * sizeof(*r->tries));
}

/* Takes the text, also when it fails. */
static bool add_try(struct ledger *l, struct record *r, int64_t us, struct name *text)
{
	size_t i = r->count;

	while (i > 0 && r->tries[i - 1].us > us && !same_day(l, r->tries[i - 1].us, us))
		i--;
	if (i > 0 && same_day(l, r->tries[i - 1].us, us)) {
		earlier(l, &r->tries[i - 1], us, text);
		return true;
	}
	if (!more_tries(l, r)) {
		names_drop(l->names, text);
		return false;
	}
	memmove(&r->tries[i + 1], &r->tries[i], (r->count - i) * sizeof(*r->tries));
	r->tries[i] = (struct try){ us, text };
	r->count++;
	if (r->count > TRIES)
		drop_second(l, r);
	return true;
}

bool record_failed(struct ledger *l, struct record *r, int64_t us, struct slice text)
{
	struct name *name;

	/* The usual case, a later try of a day that is there already. */
	if (r->count > 0 && us > r->tries[r->count - 1].us &&
	    same_day(l, us, r->tries[r->count - 1].us))
		return true;
	if (text.len > TRY_TEXT)
		text.len = TRY_TEXT;
	name = names_get(l->names, text);
	return name != NULL && add_try(l, r, us, name);
}

/* ---- Two that are one ---- */

void record_merge(struct ledger *l, struct record *into, struct record *from)
{
	into->final = into->final || from->final;
	if (from->last_us > into->last_us)
		into->last_us = from->last_us;
	for (size_t i = 0; i < from->count; i++)
		if (!add_try(l, into, from->tries[i].us, from->tries[i].text))
			l->out_of_memory = true;
	from->count = 0;
}

/* ---- Out of the period ---- */

void record_drop(struct ledger *l, struct record *r, int64_t before_us)
{
	size_t n = 0;

	while (n < r->count && r->tries[n].us < before_us)
		names_drop(l->names, r->tries[n++].text);
	if (n == 0)
		return;
	r->count -= n;
	memmove(r->tries, r->tries + n, r->count * sizeof(*r->tries));
}

void record_free(struct ledger *l, struct record *r)
{
	record_drop(l, r, INT64_MAX);
	l->bytes -= sizeof(*r) + r->shown + r->room * sizeof(*r->tries);
	l->records--;
	free(r->tries);
	free(r);
}
