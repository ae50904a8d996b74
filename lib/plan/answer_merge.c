/* SPDX-License-Identifier: BSD-2-Clause */
/* Two address families, one answer: spec.md section 4, rules.md 5.13. */
#include "plan/answer.h"

enum half { SECURE, INSECURE, ABSENT_S, ABSENT_I, FAILED, BOGUS, HALVES };

/* Which half gives the answer its state, alias and failure. */
enum pick { P_A, P_6, P_BOTH };

/*
 * Rows: A; columns: AAAA. A failed half never makes "there is none" out of the
 * other one's denial (N3), and bogus is never outweighed (N8). Two denials are
 * as secure as the weaker one (N9).
 */
static const unsigned char table[HALVES][HALVES] = {
	/*              SECURE  INSECURE ABSENT_S ABSENT_I FAILED  BOGUS */
	[SECURE]   = { P_BOTH, P_A,     P_A,     P_A,     P_A,    P_6 },
	[INSECURE] = { P_6,    P_BOTH,  P_A,     P_A,     P_A,    P_6 },
	[ABSENT_S] = { P_6,    P_6,     P_BOTH,  P_6,     P_6,    P_6 },
	[ABSENT_I] = { P_6,    P_6,     P_A,     P_BOTH,  P_6,    P_6 },
	[FAILED]   = { P_6,    P_6,     P_A,     P_A,     P_BOTH, P_6 },
	[BOGUS]    = { P_A,    P_A,     P_A,     P_A,     P_A,    P_BOTH },
};

static enum half half_of(const struct answer *a)
{
	if (a->state == ANSWER_FAILED)
		return a->failure == FAILURE_BOGUS ? BOGUS : FAILED;
	return (enum half)a->state;
}

static bool has_data(const struct answer *a)
{
	return a->state == ANSWER_SECURE || a->state == ANSWER_INSECURE;
}

static int take_addresses(struct answer *out, const struct answer *half)
{
	if (!has_data(half))
		return DANESTS_OK;
	for (size_t i = 0; i < half->count; i++) {
		int r = answer_add_addr(out, half->addr[i].family, half->addr[i].bytes);

		if (r != DANESTS_OK)
			return r;
	}
	return DANESTS_OK;
}

/* A failed half does not shorten what the good one says: it changes nothing in
 * it. Everything else is used. */
static time_t merged_expiry(const struct answer *main, const struct answer *other)
{
	if (other->state == ANSWER_FAILED && main->state != ANSWER_FAILED)
		return main->expires;
	return main->expires < other->expires ? main->expires : other->expires;
}

struct answer *answer_merge_addr(const struct answer *a, const struct answer *aaaa)
{
	enum pick pick = (enum pick)table[half_of(a)][half_of(aaaa)];
	const struct answer *main = pick == P_6 ? aaaa : a, *other = pick == P_6 ? a : aaaa;
	const char *alias = main->alias;
	struct answer *out = answer_new(QUESTION_ADDR, main->state, merged_expiry(main, other));

	if (out == NULL)
		goto fail;
	out->failure = main->failure;
	out->nxdomain = main->nxdomain && other->nxdomain;
	if (alias == NULL && pick == P_BOTH)
		alias = other->alias;
	if (answer_set_alias(out, alias) != DANESTS_OK ||
	    answer_set_reason(out, main->reason) != DANESTS_OK)
		goto fail;
	if (has_data(main) && (take_addresses(out, aaaa) != DANESTS_OK ||
	    take_addresses(out, a) != DANESTS_OK))
		goto fail;
	return out;
fail:
	answer_unref(out);
	return answer_failed(QUESTION_ADDR, FAILURE_LOCAL, 0, "out of memory");
}
