/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Other settings for a context at work, through the public interface: two resolvers
 * on loopback take questions and never answer, so that what is under way at a change
 * is known.
 */
#include "change_help.h"

#define LOOKUPS 12

static void change(danests *ctx, danests *model)
{
	assert_int_equal(danests_change(ctx, model), DANESTS_OK);
	assert_string_equal(danests_problem(ctx), "");
	danests_free(model);
}

/* Lookup i of a batch; two of a batch ask for the same. */
static void start(danests *ctx, char *tags, size_t i)
{
	char name[32];

	snprintf(name, sizeof(name), "d%zu.example", i / 2);
	assert_int_equal(danests_start(ctx, name, &tags[i]), DANESTS_OK);
}

/* Each tag comes back once, whatever happened on the way. */
static void reap_all(danests *ctx, char *tags, size_t count)
{
	struct danests_done done;
	size_t left = count;

	while (left > 0) {
		turn(ctx);
		while (danests_reap(ctx, &done)) {
			char *tag = done.tag;

			assert_in_range(tag - tags, 0, count - 1);
			assert_int_equal(*tag, 0);
			assert_int_equal(done.error, DANESTS_OK);
			assert_int_equal(danests_policy_level(done.policy), DANESTS_LEVEL_DEFER);
			danests_policy_unref(done.policy);
			*tag = 1;
			left--;
		}
	}
	assert_int_equal(status(ctx).lookups, 0);
	assert_int_equal(status(ctx).queries, 0);
}

static void lookups_under_way_end_once_each_and_new_ones_ask_the_new_resolver(void **state)
{
	char tags[3 * LOOKUPS] = {0};
	danests *ctx = context(0);

	(void)state;
	for (size_t i = 0; i < LOOKUPS; i++)
		start(ctx, tags, i);
	assert_non_null(strstr(status(ctx).resolver_text, resolver[0]));
	change(ctx, context(1));
	assert_non_null(strstr(status(ctx).resolver_text, resolver[1]));
	for (size_t i = 0; i < LOOKUPS; i++)
		start(ctx, tags + LOOKUPS, i); /* the same names */
	turn(ctx);
	change(ctx, context(0));
	for (size_t i = 0; i < LOOKUPS; i++)
		start(ctx, tags + 2 * LOOKUPS, i);
	/* Nobody joined a question to a resolver that is out of favour. */
	assert_int_equal(status(ctx).queries % 3, 0);
	assert_true(status(ctx).queries >= 3 * LOOKUPS / 2);
	reap_all(ctx, tags, sizeof(tags));
	danests_free(ctx);
}

static void a_change_to_the_same_resolver_lets_new_lookups_join(void **state)
{
	char tags[2 * LOOKUPS] = {0};
	danests *ctx = context(0);
	size_t queries;

	(void)state;
	for (size_t i = 0; i < LOOKUPS; i++)
		start(ctx, tags, i);
	queries = status(ctx).queries;
	assert_true(queries >= LOOKUPS / 2);
	change(ctx, context(0));
	for (size_t i = 0; i < LOOKUPS; i++)
		start(ctx, tags + LOOKUPS, i);
	assert_int_equal(status(ctx).queries, queries);
	reap_all(ctx, tags, sizeof(tags));
	danests_free(ctx);
}

static void look_up(danests *ctx)
{
	danests_policy *policy = NULL;

	assert_int_equal(danests_lookup(ctx, "example.com", &policy), DANESTS_OK);
	danests_policy_unref(policy);
}

static void what_another_resolver_said_is_forgotten_and_only_then(void **state)
{
	danests *ctx = context(0);
	uint64_t asked;

	(void)state;
	look_up(ctx);
	asked = status(ctx).queries_done;
	assert_true(asked > 0);
	assert_int_equal(status(ctx).queries_failed, asked);
	change(ctx, context(0));
	look_up(ctx);
	assert_int_equal(status(ctx).queries_done, asked); /* failures are kept 15 s */
	change(ctx, context(1));
	look_up(ctx);
	assert_int_equal(status(ctx).queries_done, 2 * asked);
	danests_free(ctx);
}

/* How many events said that replies of all domains have to be forgotten. */
static unsigned forgotten(danests *ctx)
{
	struct danests_event e;
	unsigned n = 0;

	while (danests_next_event(ctx, &e))
		n += e.kind == DANESTS_EVENT_CHANGED && e.domain[0] == '\0';
	return n;
}

static int write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	return f == NULL || fputs(text, f) < 0 || fclose(f) != 0;
}

static void a_trust_anchor_is_what_the_file_says(void **state)
{
#define DIGEST "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8"
	static const char *const texts[] = {
		". IN DS 20326 8 2 " DIGEST "d\n", "; a remark\n. 60 IN DS 20326 8 2 " DIGEST "d",
		". IN DS 20326 8 2 " DIGEST "e\n", ". IN DS 20326 8 2 " DIGEST "e\n",
		". IN DS 20326 8 2 " DIGEST "d\n",
	};
	danests *ctx = context(0);

	(void)state;
	assert_int_equal(danests_open(ctx), DANESTS_OK);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(write_text(anchor, texts[i]), 0);
		change(ctx, context(0));
		assert_int_equal(forgotten(ctx), i == 2 || i == 4);
	}
	danests_free(ctx);
}

static void to_forget_says_when_it_has_not(void **state)
{
	char tags[64] = {0};
	danests *ctx = context(0);
	int r = DANESTS_OK;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tags) && r == DANESTS_OK; i++) {
		start(ctx, tags, i);
		/* What changes nothing takes no place. */
		change(ctx, context(0));
		r = danests_forget(ctx);
	}
	assert_int_equal(r, DANESTS_EBUSY);
	assert_int_equal(i, 33);
	assert_true(strlen(danests_problem(ctx)) > 0);
	reap_all(ctx, tags, i);
	assert_int_equal(danests_forget(ctx), DANESTS_OK);
	danests_free(ctx);
}

static void what_the_old_resolver_says_later_is_not_kept(void **state)
{
	danests *ctx = context(0);
	char tags[2] = {0};
	uint64_t asked;

	(void)state;
	start(ctx, tags, 0);
	start(ctx, tags, 1);
	change(ctx, context(1));
	reap_all(ctx, tags, 2);
	asked = status(ctx).queries_done;
	assert_int_equal(danests_start(ctx, "d0.example", tags), DANESTS_OK);
	assert_true(status(ctx).queries > 0);
	tags[0] = 0;
	reap_all(ctx, tags, 1);
	assert_true(status(ctx).queries_done > asked);
	danests_free(ctx);
}

static void a_change_that_fails_changes_nothing(void **state)
{
	static const struct {
		const char *name, *value;
		int error;
	} bad[] = {
		{ "trust_anchor", "/nonexistent/key", DANESTS_ERESOLVER },
		{ "resolver", "not an address", DANESTS_EINVAL },
		{ "ca_file", "/nonexistent/ca", DANESTS_ETRUST },
		{ "cache_dir", "/nonexistent/danests", DANESTS_EINVAL },
	};
	char tags[LOOKUPS] = {0};
	danests *ctx = context(0);

	(void)state;
	for (size_t i = 0; i < LOOKUPS; i++)
		start(ctx, tags, i);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		danests *model = context(1);

		set(model, bad[i].name, bad[i].value);
		set(model, "max_lookups", "1");
		assert_int_equal(danests_change(ctx, model), bad[i].error);
		assert_true(strlen(danests_problem(ctx)) > 0);
		danests_free(model);
		assert_non_null(strstr(status(ctx).resolver_text, resolver[0]));
	}
	reap_all(ctx, tags, sizeof(tags));
	start(ctx, tags, 0);
	start(ctx, tags, 2); /* max_lookups is what it was */
	danests_free(ctx);
}

static void cache_dir_needs_a_restart_and_says_so(void **state)
{
	danests *ctx = context(0), *model = context(0);

	(void)state;
	assert_int_equal(danests_open(ctx), DANESTS_OK);
	set(model, "cache_dir", "/nonexistent/danests");
	assert_int_equal(danests_change(ctx, model), DANESTS_EINVAL);
	assert_non_null(strstr(danests_problem(ctx), "cache_dir"));
	assert_non_null(strstr(danests_problem(ctx), "restart"));
	danests_free(model);
	danests_free(ctx);
}

static void the_new_settings_are_in_force(void **state)
{
	danests *ctx = context(0), *model = context(0);
	char tags[4] = {0};

	(void)state;
	start(ctx, tags, 0);
	set(model, "max_lookups", "2");
	change(ctx, model);
	start(ctx, tags, 2);
	assert_int_equal(danests_start(ctx, "d9.example", tags), DANESTS_EBUSY);
	danests_free(ctx);
}

static void a_context_that_is_not_open_is_opened_with_them(void **state)
{
	danests *ctx, *model = context(1);

	(void)state;
	assert_int_equal(danests_new(&ctx), DANESTS_OK);
	set(ctx, "resolver", "nonsense");
	set(model, "trust_anchor", "/nonexistent/key");
	assert_int_equal(danests_change(ctx, model), DANESTS_ERESOLVER);
	assert_int_equal(danests_open(ctx), DANESTS_EINVAL); /* as before */
	set(model, "trust_anchor", anchor);
	change(ctx, model);
	assert_int_equal(danests_set(ctx, "max_lookups", "9"), DANESTS_EBUSY);
	assert_non_null(strstr(status(ctx).resolver_text, resolver[1]));
	danests_free(ctx);
}

static void a_model_must_not_be_open(void **state)
{
	danests *ctx = context(0), *model = context(1);

	(void)state;
	assert_int_equal(danests_open(ctx), DANESTS_OK);
	assert_int_equal(danests_open(model), DANESTS_OK);
	assert_int_equal(danests_change(ctx, model), DANESTS_EINVAL);
	assert_true(strlen(danests_problem(ctx)) > 0);
	assert_int_equal(danests_change(ctx, ctx), DANESTS_EINVAL);
	danests_free(model);
	danests_free(ctx);
}

/* Each change leaves a pair of sources with something under way behind. */
static void changes_without_end_are_refused_until_the_old_ones_are_over(void **state)
{
	char tags[64] = {0};
	danests *ctx = context(0);
	size_t i;
	int r = DANESTS_OK;

	(void)state;
	for (i = 0; i < sizeof(tags) && r == DANESTS_OK; i++) {
		danests *model = context((unsigned)(i + 1) % 2);

		start(ctx, tags, i);
		r = danests_change(ctx, model);
		danests_free(model);
	}
	assert_int_equal(r, DANESTS_EBUSY);
	assert_true(strlen(danests_problem(ctx)) > 0);
	reap_all(ctx, tags, i);
	change(ctx, context(1));
	danests_free(ctx);
}

static void a_context_can_be_freed_with_former_sources_at_work(void **state)
{
	char tags[LOOKUPS] = {0};
	danests *ctx = context(0);

	(void)state;
	for (size_t i = 0; i < LOOKUPS; i++) {
		start(ctx, tags, i);
		if (i % 4 == 3)
			change(ctx, context((unsigned)(i / 4 + 1) % 2));
	}
	danests_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookups_under_way_end_once_each_and_new_ones_ask_the_new_resolver),
		cmocka_unit_test(a_change_to_the_same_resolver_lets_new_lookups_join),
		cmocka_unit_test(what_another_resolver_said_is_forgotten_and_only_then),
		cmocka_unit_test(a_trust_anchor_is_what_the_file_says),
		cmocka_unit_test(to_forget_says_when_it_has_not),
		cmocka_unit_test(what_the_old_resolver_says_later_is_not_kept),
		cmocka_unit_test(a_change_that_fails_changes_nothing),
		cmocka_unit_test(cache_dir_needs_a_restart_and_says_so),
		cmocka_unit_test(the_new_settings_are_in_force),
		cmocka_unit_test(a_context_that_is_not_open_is_opened_with_them),
		cmocka_unit_test(a_model_must_not_be_open),
		cmocka_unit_test(changes_without_end_are_refused_until_the_old_ones_are_over),
		cmocka_unit_test(a_context_can_be_freed_with_former_sources_at_work),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
