/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever happens, in whatever order: what danests_cached() gives out is what a fresh
 * lookup gives, in a world where DNS is only as new as its answers' times allow.
 */
#include "refresh_world.h"

#define FEW 4
#define STEPS 30000
#define SEEDS 4

static uint32_t seed;
static unsigned hits;
static bool clock_is_right; /* and was never anything else */

static unsigned pick(unsigned below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static const char *pick_id(void)
{
	static const char *const ids[] = { "1", "2", "3" };

	return ids[pick(COUNT_OF(ids))];
}

static const char *pick_nexthop(void)
{
	static const char *const forms[] = { "d%u.example", "d%u.example:587", "[d%u.example]" };
	static char out[40];
	unsigned i = pick(FEW);

	switch (pick(COUNT_OF(forms))) {
	case 0: text_format(out, sizeof(out), "d%u.example", i); break;
	case 1: text_format(out, sizeof(out), "d%u.example:587", i); break;
	default: text_format(out, sizeof(out), "[d%u.example]", i); break;
	}
	return out;
}

static void reap_all(void)
{
	struct danests_done done;
	struct danests_event e;

	while (danests_reap(ctx, &done)) {
		assert_int_equal(done.error, DANESTS_OK);
		danests_policy_unref(done.policy);
	}
	while (danests_next_event(ctx, &e))
		continue;
}

/* ---- What happens ---- */

static void a_lookup(void)
{
	assert_int_equal(danests_start(ctx, pick_nexthop(), NULL), DANESTS_OK);
	assert_int_equal(danests_process(ctx), DANESTS_OK);
}

static void others_publish(void)
{
	static const unsigned ages[] = { 20, 90, 7200, 10 * DAY };
	static const char *const modes[] = { "enforce", "testing", "none" };
	struct place *p = &places[pick(FEW)];

	publish((unsigned)(p - places), pick(3) == 0 ? NULL : pick_id(), modes[pick(3)],
	    ages[pick(COUNT_OF(ages))]);
	p->txt_fails = pick(4) == 0;
	p->fetch_fails = pick(4) == 0;
}

static void time_goes_by(void)
{
	reap_all(); /* else there is something to do at once, for ever */
	run(pick(4) == 0 ? 1 + pick(40) : pick(3));
}

static void the_clock_is_set(void)
{
	static const int by[] = { -DAY, -HOUR, -50, -10, -1, 1, 10, 50, HOUR, DAY };

	if (!clock_is_right)
		wall_shift = pick(3) == 0 ? 0 : wall_shift + by[pick(COUNT_OF(by))];
}

static void somebody_puts(void)
{
	static const char *const texts[] = {
		"version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 7200\n",
		"version: STSv1\nmode: testing\nmx: mx.example\nmax_age: 60\n",
	};
	const char *text = texts[pick(2)];
	struct danests_held held = { .domain = name_of(pick(FEW)), .id = pick_id(),
		.text = text, .text_len = strlen(text), .fetched = clock_now() - pick(30) };

	assert_int_equal(danests_held_put(ctx, &held), DANESTS_OK);
}

static void somebody_drops(void)
{
	assert_int_equal(danests_held_drop(ctx, name_of(pick(FEW))), DANESTS_OK);
}

static void all_is_forgotten(void)
{
	int r = danests_forget(ctx);

	assert_true(r == DANESTS_OK || r == DANESTS_EBUSY);
}

static void settings_change(void)
{
	danests *model;

	new_judge = pick(2);
	assert_int_equal(danests_new(&model), DANESTS_OK);
	assert_int_equal(danests_change(ctx, model), DANESTS_OK);
	danests_free(model);
}

static void policy_hosts_answer(void)
{
	for (size_t i = 0; i < held_back_count; i++)
		fetch(held_back[i]);
	held_back_count = 0;
	assert_int_equal(danests_process(ctx), DANESTS_OK);
}

static void policy_hosts_are_slow(void)
{
	slow = !slow;
}

/* ---- The law ---- */

static void same(const danests_policy *a, const danests_policy *b)
{
	const struct danests_sts *p = danests_policy_sts(a), *q = danests_policy_sts(b);

	assert_string_equal(danests_policy_nexthop(a), danests_policy_nexthop(b));
	assert_int_equal(danests_policy_level(a), danests_policy_level(b));
	assert_int_equal(danests_policy_dane(a), danests_policy_dane(b));
	assert_int_equal(danests_policy_sts_state(a), danests_policy_sts_state(b));
	assert_int_equal(danests_policy_result(a), danests_policy_result(b));
	assert_string_equal(danests_policy_token(a), danests_policy_token(b));
	assert_string_equal(danests_policy_reason(a), danests_policy_reason(b));
	assert_true(danests_policy_expires(a) <= danests_policy_expires(b) + 1);
	assert_int_equal(p == NULL, q == NULL);
	if (p == NULL)
		return;
	assert_string_equal(p->id, q->id);
	assert_string_equal(p->text, q->text);
	assert_true(p->expires <= q->expires);
}

/* What failed is not asked again for a while (S11), and that is forgotten whenever the
 * clock is ahead: a fresh lookup may be luckier then. */
static bool may_be_luckier(const danests_policy *cached)
{
	return !clock_is_right && danests_policy_token(cached)[0] != '\0';
}

/* While a fetch is held back a fresh lookup could wait for it. */
static void the_law(void)
{
	const char *nexthop = pick_nexthop();
	danests_policy *cached, *fresh;

	if (slow || held_back_count > 0 || !danests_cached(ctx, nexthop, &cached))
		return;
	hits++;
	reap_all();
	assert_int_equal(danests_lookup(ctx, nexthop, &fresh), DANESTS_OK);
	if (!may_be_luckier(cached))
		same(cached, fresh);
	danests_policy_unref(cached);
	danests_policy_unref(fresh);
}

static void step(void)
{
	static const struct {
		unsigned often;
		void (*happens)(void);
	} things[] = {
		{ 300, the_law }, { 300, a_lookup }, { 300, time_goes_by }, { 100, others_publish },
		{ 60, policy_hosts_answer }, { 40, policy_hosts_are_slow }, { 30, somebody_puts },
		{ 20, somebody_drops }, { 10, the_clock_is_set }, { 10, reap_all },
		{ 5, all_is_forgotten }, { 5, settings_change },
	};
	unsigned sum = 0, at;

	for (size_t i = 0; i < COUNT_OF(things); i++)
		sum += things[i].often;
	at = pick(sum);
	for (size_t i = 0; i < COUNT_OF(things); i++) {
		if (at < things[i].often) {
			things[i].happens();
			return;
		}
		at -= things[i].often;
	}
}

static void what_is_cached_is_what_a_fresh_lookup_gives(void **state)
{
	for (unsigned s = 0; s < SEEDS; s++) {
		danests_policy *none;

		seed = s;
		hits = 0;
		clock_is_right = s % 2 == 0;
		remembers = true;
		assert_false(danests_cached(ctx, "d0.example", &none));
		for (unsigned i = 0; i < FEW; i++)
			publish(i, "1", "enforce", DAY);
		for (unsigned i = 0; i < STEPS; i++)
			step();
		print_message("# seed %u: %u hits\n", s, hits);
		assert_true(hits > STEPS / 50);
		(void)tear_down(state);
		assert_int_equal(set_up(state), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(what_is_cached_is_what_a_fresh_lookup_gives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
