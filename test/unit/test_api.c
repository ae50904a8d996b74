/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The public interface alone, with a resolver that cannot answer: a closed port on
 * loopback. What comes of real answers is shown in test/live.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "danests.h"

static char anchor[] = "/tmp/test_api.XXXXXX";

static int make_anchor(void **state)
{
	static const char ds[] = ". IN DS 20326 8 2 "
	    "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d\n";
	int fd = mkstemp(anchor);

	(void)state;
	return fd < 0 || write(fd, ds, sizeof(ds) - 1) != sizeof(ds) - 1 || close(fd) != 0;
}

static int remove_anchor(void **state)
{
	(void)state;
	return unlink(anchor);
}

static danests *context(void)
{
	danests *ctx;

	assert_int_equal(danests_new(&ctx), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "resolver", "127.0.0.1:9"), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "trust_anchor", anchor), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "dns_timeout", "300ms"), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "cache_size", "4M"), DANESTS_OK);
	return ctx;
}

static void turn(danests *ctx)
{
	struct pollfd pfd = { .fd = danests_fd(ctx), .events = POLLIN };

	assert_true(poll(&pfd, 1, danests_timeout(ctx)) >= 0);
	assert_int_equal(danests_process(ctx), DANESTS_OK);
}

static void a_bad_setting_says_what_is_wrong(void **state)
{
	static const char *const bad[][2] = {
		{ "resolvers", "127.0.0.1" }, { "dnssec", "maybe" }, { "dns_timeout", "soon" },
		{ "https_timeout", "0" }, { "cache_size", "1" }, { "max_lookups", "0" },
		{ "private_policy_hosts", "yes" }, { "refresh", "often" },
	};
	danests *ctx;

	(void)state;
	assert_int_equal(danests_new(&ctx), DANESTS_OK);
	assert_string_equal(danests_problem(ctx), "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(danests_set(ctx, bad[i][0], bad[i][1]), DANESTS_EINVAL);
		assert_non_null(strstr(danests_problem(ctx), bad[i][0]));
	}
	danests_free(ctx);
	danests_free(NULL);
}

static void settings_that_cannot_work_are_found_when_opening(void **state)
{
	danests *ctx = context();

	(void)state;
	assert_int_equal(danests_set(ctx, "trust_anchor", "/nonexistent/key"), DANESTS_OK);
	assert_int_equal(danests_open(ctx), DANESTS_ERESOLVER);
	assert_non_null(strstr(danests_problem(ctx), "/nonexistent/key"));
	/* It is not frozen then, and can be mended. */
	assert_int_equal(danests_set(ctx, "trust_anchor", anchor), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "ca_file", "/nonexistent/ca"), DANESTS_OK);
	assert_int_equal(danests_open(ctx), DANESTS_ETRUST);
	assert_int_equal(danests_set(ctx, "ca_file", ""), DANESTS_OK);
	danests_free(ctx);
}

static void N2_a_remote_resolver_is_not_believed(void **state)
{
	danests *ctx = context();

	(void)state;
	assert_int_equal(danests_set(ctx, "dnssec", "trust-ad"), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "resolver", "192.0.2.1"), DANESTS_OK);
	assert_int_equal(danests_open(ctx), DANESTS_EINVAL);
	assert_non_null(strstr(danests_problem(ctx), "N2"));
	danests_free(ctx);
}

static void what_is_no_name_is_not_looked_up(void **state)
{
	static const char *const none[] = { "", ".com", "[192.0.2.1]", "192.0.2.1", "/var/x", "a b" };
	char key[DANESTS_NEXTHOP_MAX + 1];
	danests *ctx = context();

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(danests_start(ctx, none[i], ctx), DANESTS_ENAME);
		assert_int_equal(danests_nexthop_key(none[i], strlen(none[i]), key, sizeof(key)),
		    DANESTS_ENAME);
	}
	assert_int_equal(danests_nexthop_key("[MX.Example.]:smtp", 18, key, sizeof(key)), 12);
	assert_string_equal(key, "[mx.example]");
	assert_int_equal(danests_nexthop_key("example.com", 11, key, 11), DANESTS_EINVAL);
	danests_free(ctx);
}

/* N3, N6: and so never "no policy". */
static void without_dns_the_policy_is_to_wait(void **state)
{
	const struct danests_postfix options = {0};
	danests_policy *policy = NULL;
	danests *ctx = context();
	char reply[300];
	size_t len;

	(void)state;
	assert_int_equal(danests_lookup(ctx, "example.com", &policy), DANESTS_OK);
	assert_int_equal(danests_policy_level(policy), DANESTS_LEVEL_DEFER);
	assert_string_equal(danests_policy_token(policy), "dns-query-failed");
	assert_true(strlen(danests_policy_reason(policy)) > 0);
	len = danests_postfix_reply(policy, &options, reply, sizeof(reply) - 1);
	reply[len] = '\0';
	assert_memory_equal(reply, "TEMP example.com: MX example.com: ", 34);
	danests_policy_unref(danests_policy_ref(policy));
	assert_string_equal(danests_policy_domain(policy), "example.com");
	danests_policy_unref(policy);
	danests_policy_unref(NULL);
	assert_int_equal(danests_set(ctx, "max_lookups", "9"), DANESTS_EBUSY);
	danests_free(ctx);
}

static void each_lookup_is_reaped_once_with_its_tag(void **state)
{
	struct danests_done done;
	danests *ctx = context();
	unsigned seen[2] = { 0, 0 }; /* two questions for one domain, one for another */
	char a, b;

	(void)state;
	assert_int_equal(danests_start(ctx, "example.com", &a), DANESTS_OK);
	assert_int_equal(danests_start(ctx, "example.com", &a), DANESTS_OK);
	assert_int_equal(danests_start(ctx, "example.net", &b), DANESTS_OK);
	while (seen[0] + seen[1] < 3) {
		turn(ctx);
		while (danests_reap(ctx, &done)) {
			assert_int_equal(done.error, DANESTS_OK);
			assert_true(done.tag == &a || done.tag == &b);
			seen[done.tag == &b]++;
			danests_policy_unref(done.policy);
		}
	}
	assert_int_equal(seen[0], 2);
	assert_false(danests_reap(ctx, &done));
	danests_free(ctx);
}

static void a_cancelled_lookup_is_never_reaped(void **state)
{
	struct danests_status status;
	struct danests_done done;
	danests *ctx = context();
	char a, b;

	(void)state;
	assert_int_equal(danests_start(ctx, "example.com", &a), DANESTS_OK);
	assert_int_equal(danests_start(ctx, "example.net", &b), DANESTS_OK);
	danests_cancel(ctx, &a);
	do {
		turn(ctx);
		danests_get_status(ctx, &status);
	} while (status.lookups > 0);
	assert_true(danests_reap(ctx, &done));
	assert_ptr_equal(done.tag, &b);
	danests_policy_unref(done.policy);
	assert_false(danests_reap(ctx, &done));
	danests_free(ctx);
}

static void more_lookups_than_allowed_are_refused(void **state)
{
	danests *ctx = context();
	char tag;

	(void)state;
	assert_int_equal(danests_set(ctx, "max_lookups", "2"), DANESTS_OK);
	assert_int_equal(danests_start(ctx, "a.example", &tag), DANESTS_OK);
	assert_int_equal(danests_start(ctx, "b.example", &tag), DANESTS_OK);
	assert_int_equal(danests_start(ctx, "c.example", &tag), DANESTS_EBUSY);
	danests_free(ctx); /* with both of them under way */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bad_setting_says_what_is_wrong),
		cmocka_unit_test(settings_that_cannot_work_are_found_when_opening),
		cmocka_unit_test(N2_a_remote_resolver_is_not_believed),
		cmocka_unit_test(what_is_no_name_is_not_looked_up),
		cmocka_unit_test(without_dns_the_policy_is_to_wait),
		cmocka_unit_test(each_lookup_is_reaped_once_with_its_tag),
		cmocka_unit_test(a_cancelled_lookup_is_never_reaped),
		cmocka_unit_test(more_lookups_than_allowed_are_refused),
	};

	return cmocka_run_group_tests(tests, make_anchor, remove_anchor);
}
