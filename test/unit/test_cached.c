/* SPDX-License-Identifier: BSD-2-Clause */
/* danests_cached(): nothing is given out that a fresh lookup would not give. */
#include "refresh_world.h"
#include "../fault/wrap.h"

#include "api/cached.h"

static bool is_cached(const char *nexthop)
{
	danests_policy *policy;

	if (!danests_cached(ctx, nexthop, &policy))
		return false;
	danests_policy_unref(policy);
	return true;
}

static danests_policy *looked_up(const char *nexthop)
{
	danests_policy *policy;

	assert_int_equal(danests_lookup(ctx, nexthop, &policy), DANESTS_OK);
	return policy;
}

static void remember(const char *nexthop)
{
	danests_policy_unref(looked_up(nexthop));
	assert_true(is_cached(nexthop));
}

static int set_up_asked(void **state)
{
	int r = set_up(state);

	assert_false(is_cached("d0.example")); /* from now on there is a table */
	return r;
}

/* ---- What is given out ---- */

static void the_policy_of_the_last_lookup_is_given_out_in_any_spelling(void **state)
{
	static const char *const same[] = { "d1.example", "D1.EXAMPLE.", "d1.example:25",
		"d1.example:smtp" };
	static const char *const others[] = { "d2.example", "d1.example:587", "[d1.example]", "",
		"[192.0.2.1]", "\xff" };
	danests_policy *policy = looked_up("d1.example"), *cached;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(same); i++) {
		assert_true(danests_cached(ctx, same[i], &cached));
		assert_ptr_equal(cached, policy);
		danests_policy_unref(cached);
	}
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_false(is_cached(others[i]));
	danests_policy_unref(policy);
	remember("d1.example:587");
	remember("[d1.example]");
	assert_true(is_cached("d1.example"));
}

static void what_nobody_asked_for_yet_is_not_remembered(void **state)
{
	(void)state;
	danests_policy_unref(looked_up("d1.example"));
	assert_false(is_cached("d1.example"));
	remember("d1.example");
}

static void what_has_more_to_tell_is_not_remembered(void **state)
{
	struct danests_done done;
	char tag;

	(void)state;
	assert_int_equal(danests_start_extra(ctx, "d1.example", DANESTS_EXTRA_TEXTS, &tag),
	    DANESTS_OK);
	while (!danests_reap(ctx, &done))
		assert_int_equal(danests_process(ctx), DANESTS_OK);
	assert_int_equal(danests_policy_answers(done.policy), 6);
	danests_policy_unref(done.policy);
	assert_false(is_cached("d1.example"));
	assert_int_equal(danests_start_extra(ctx, "d1.example", 4, &tag), DANESTS_EINVAL);
}

static void a_policy_outlives_the_context(void **state)
{
	danests_policy *policy;
	danests *other;

	(void)state;
	assert_int_equal(danests_new(&other), DANESTS_OK);
	assert_false(danests_cached(other, "d1.example", &policy));
	danests_policy_unref(NULL);
	assert_int_equal(danests_lookup(other, "d1.example", &policy), DANESTS_OK);
	danests_policy_unref(policy);
	assert_true(danests_cached(other, "d1.example", &policy));
	danests_free(other);
	assert_string_equal(danests_policy_nexthop(policy), "d1.example");
	danests_policy_unref(policy);
}

static void a_context_that_is_not_open_has_nothing_to_do(void **state)
{
	struct danests_done done;

	(void)state;
	assert_int_equal(danests_process(ctx), DANESTS_OK);
	assert_false(danests_reap(ctx, &done));
	assert_false(is_cached("d1.example"));
	assert_int_equal(danests_process(ctx), DANESTS_OK);
}

/* ---- What it costs ---- */

static void nothing_is_allocated_but_at_the_first_call(void **state)
{
	danests_policy *policy;

	(void)state;
	remember("d1.example");
	wrap_fail_from(0);
	for (int i = 0; i < 100; i++) {
		assert_true(danests_cached(ctx, "d1.example", &policy));
		danests_policy_unref(policy);
		assert_false(danests_cached(ctx, "d2.example", &policy));
	}
	assert_int_equal(wrap_counted(), 0);
}

static void without_memory_nothing_is_cached_and_later_it_is(void **state)
{
	(void)state;
	wrap_fail_from(1);
	assert_false(is_cached("d1.example"));
	wrap_fail_from(0);
	danests_policy_unref(looked_up("d1.example"));
	assert_false(is_cached("d1.example"));
	remember("d1.example");
}

static void it_holds_a_fixed_number_of_policies(void **state)
{
	unsigned found = 0;

	(void)state;
	for (unsigned i = 0; i < 6000; i++)
		look_up(i);
	assert_true(is_cached("d5999.example"));
	for (unsigned i = 0; i < 6000; i++)
		found += is_cached(name_of(i));
	assert_in_range(found, CACHED_SETS * CACHED_WAYS / 2, CACHED_SETS * CACHED_WAYS);
}

/* cache_size counts for it, too: strangers publish 64 KiB. */
static void it_holds_a_fixed_number_of_octets(void **state)
{
	static char text[60000] = "version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 86400\n";
	struct danests_held held = { .id = "1", .text = text };
	unsigned found = 0;

	(void)state;
	while (strlen(text) < sizeof(text) - 20)
		memcpy(text + strlen(text), "filling: it up\n", 16);
	held.text_len = strlen(text);
	assert_int_equal(danests_set(ctx, "cache_size", "4M"), DANESTS_OK);
	for (unsigned i = 0; i < 20; i++) {
		held.domain = name_of(i);
		held.fetched = clock_now();
		assert_int_equal(danests_held_put(ctx, &held), DANESTS_OK);
		look_up(i);
		assert_true(is_cached(name_of(i)));
	}
	for (unsigned i = 0; i < 20; i++)
		found += is_cached(name_of(i));
	assert_in_range(found, 1, (4 << 20) / 8 / sizeof(text)); /* an eighth of it */
}

/* ---- How long ---- */

static void it_ends_with_what_it_rests_on(void **state)
{
	(void)state;
	remember("d1.example");
	run(59);
	assert_true(is_cached("d1.example"));
	run(1);
	assert_false(is_cached("d1.example"));
}

static void a_clock_that_is_put_back_makes_nothing_live_longer(void **state)
{
	(void)state;
	remember("d1.example");
	run(30);
	wall_shift = -20;
	assert_false(is_cached("d1.example"));
	remember("d1.example");
	wall_shift = -100; /* before it was found out */
	assert_false(is_cached("d1.example"));
	wall_shift = 5 * DAY; /* wrong, and put right */
	remember("d1.example");
	wall_shift = 0;
	assert_false(is_cached("d1.example"));
}

static struct danests_held held_of(const char *domain, const char *id)
{
	static const char text[] = "version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 86400\n";

	return (struct danests_held){ .domain = domain, .id = id, .text = text,
		.text_len = strlen(text), .fetched = clock_now() };
}

static void S13_what_is_put_or_dropped_counts_at_once_for_all_ports(void **state)
{
	struct danests_held held = held_of("d1.example", "9");
	danests_policy *policy;

	(void)state;
	remember("d1.example");
	remember("d1.example:587");
	remember("d2.example");
	assert_int_equal(danests_held_put(ctx, &held), DANESTS_OK);
	assert_false(is_cached("d1.example"));
	assert_false(is_cached("d1.example:587"));
	assert_true(is_cached("d2.example"));
	policy = looked_up("d1.example");
	assert_int_equal(danests_policy_sts_state(policy), DANESTS_STS_ENFORCE);
	danests_policy_unref(policy);
	assert_true(is_cached("d1.example"));
	assert_int_equal(danests_held_drop(ctx, "d1.example"), DANESTS_OK);
	assert_false(is_cached("d1.example"));
	assert_true(is_cached("d2.example"));
}

/* The queue of events is full for long. */
static void S13_so_it_does_when_nobody_reads_the_events(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		struct danests_held held = held_of(name_of(i % 2), i % 4 < 2 ? "1" : "2");

		remember(held.domain);
		assert_int_equal(danests_held_put(ctx, &held), DANESTS_OK);
		assert_false(is_cached(held.domain));
	}
}

static void S14_a_policy_that_is_refreshed_counts_at_once(void **state)
{
	(void)state;
	hold(1, "testing", 10 * DAY);
	remember("d0.example");
	publish(0, "1", "enforce", 10 * DAY); /* behind the same id */
	while (places[0].fetches == 1) {
		danests_policy_unref(looked_up("d0.example"));
		run(20);
	}
	assert_false(is_cached("d0.example"));
}

static void forgetting_and_changing_forget_all(void **state)
{
	danests *model;

	(void)state;
	remember("d1.example");
	assert_int_equal(danests_forget(ctx), DANESTS_OK);
	assert_false(is_cached("d1.example"));
	remember("d1.example");
	assert_int_equal(danests_new(&model), DANESTS_OK);
	assert_int_equal(danests_change(ctx, model), DANESTS_OK);
	danests_free(model);
	assert_false(is_cached("d1.example"));
}

static void release(void)
{
	slow = false;
	for (size_t i = 0; i < held_back_count; i++)
		fetch(held_back[i]);
	held_back_count = 0;
	assert_int_equal(danests_process(ctx), DANESTS_OK);
}

static void reap_all(void)
{
	struct danests_done done;

	while (danests_reap(ctx, &done))
		danests_policy_unref(done.policy);
}

/* What it learnt at its beginning holds no longer at its end. */
static void a_lookup_under_way_meanwhile_is_not_remembered(void **state)
{
	struct danests_held held = held_of("d1.example", "9");

	(void)state;
	publish(1, "1", "enforce", DAY);
	publish(2, "1", "enforce", DAY);
	places[1].fetch_fails = places[2].fetch_fails = true;
	slow = true;
	assert_int_equal(danests_start(ctx, "d1.example", NULL), DANESTS_OK);
	assert_int_equal(danests_start(ctx, "d2.example", NULL), DANESTS_OK);
	assert_int_equal(danests_held_put(ctx, &held), DANESTS_OK);
	release();
	assert_false(is_cached("d1.example"));
	assert_true(is_cached("d2.example"));
	reap_all();
	publish(3, "1", "enforce", DAY);
	slow = true;
	assert_int_equal(danests_start(ctx, "d3.example", NULL), DANESTS_OK);
	assert_int_equal(danests_forget(ctx), DANESTS_OK);
	places[3].fetch_fails = true;
	release();
	reap_all();
	assert_false(is_cached("d3.example"));
}

int main(void)
{
#define ASKED(f) cmocka_unit_test_setup_teardown(f, set_up_asked, tear_down)
	const struct CMUnitTest tests[] = {
		ASKED(the_policy_of_the_last_lookup_is_given_out_in_any_spelling),
		IN_WORLD(what_nobody_asked_for_yet_is_not_remembered),
		ASKED(what_has_more_to_tell_is_not_remembered),
		ASKED(a_policy_outlives_the_context),
		IN_WORLD(a_context_that_is_not_open_has_nothing_to_do),
		ASKED(nothing_is_allocated_but_at_the_first_call),
		IN_WORLD(without_memory_nothing_is_cached_and_later_it_is),
		ASKED(it_holds_a_fixed_number_of_policies),
		ASKED(it_holds_a_fixed_number_of_octets),
		ASKED(it_ends_with_what_it_rests_on),
		ASKED(a_clock_that_is_put_back_makes_nothing_live_longer),
		ASKED(S13_what_is_put_or_dropped_counts_at_once_for_all_ports),
		ASKED(S13_so_it_does_when_nobody_reads_the_events),
		ASKED(S14_a_policy_that_is_refreshed_counts_at_once),
		ASKED(forgetting_and_changing_forget_all),
		ASKED(a_lookup_under_way_meanwhile_is_not_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
