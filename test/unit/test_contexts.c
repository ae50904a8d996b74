/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What danests.h promises to programs with threads: a context in each of them, policies
 * that any of them may hold, and lint and certificates without a context. Under
 * ThreadSanitizer (--enable-sanitizers=thread) this proves it; without, that it works.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "danests.h"

enum { THREADS = 4, LOOKUPS = 8, SHELF = 16 };

/* Policies that lie here belong to whoever comes by. */
static struct {
	pthread_mutex_t lock;
	danests_policy *slot[SHELF];
} shelf = { .lock = PTHREAD_MUTEX_INITIALIZER };

static char anchor[] = "/tmp/test_contexts.XXXXXX";
static char resolver[64];
static int deaf;

/* Puts one down, and takes up what lay there. */
static danests_policy *swap(size_t i, danests_policy *policy)
{
	danests_policy *before;

	pthread_mutex_lock(&shelf.lock);
	before = shelf.slot[i % SHELF];
	shelf.slot[i % SHELF] = policy;
	pthread_mutex_unlock(&shelf.lock);
	return before;
}

static bool read_all(const danests_policy *policy)
{
	const struct danests_postfix plain = {0};
	struct danests_answer answer;
	char reply[512];

	for (size_t i = 0; i < danests_policy_answers(policy); i++) {
		if (!danests_policy_answer(policy, i, &answer) || answer.kind[0] == '\0')
			return false;
	}
	return danests_postfix_reply(policy, &plain, reply, sizeof(reply)) > 0 &&
	    danests_policy_domain(policy)[0] != '\0';
}

static bool look(danests *ctx, size_t thread)
{
	char nexthop[64];
	size_t done = 0;
	struct danests_done reaped;
	struct pollfd pfd = { .fd = danests_fd(ctx), .events = POLLIN };

	for (size_t i = 0; i < LOOKUPS; i++) {
		snprintf(nexthop, sizeof(nexthop), "d%zu-%zu.example.com", thread, i);
		if (danests_start(ctx, nexthop, NULL) != DANESTS_OK)
			return false;
	}
	while (done < LOOKUPS) {
		poll(&pfd, 1, danests_timeout(ctx));
		if (danests_process(ctx) != DANESTS_OK)
			return false;
		for (; danests_reap(ctx, &reaped); done++) {
			danests_policy *found;

			if (reaped.error != DANESTS_OK)
				return false;
			danests_policy_ref(reaped.policy);
			found = swap(thread + done, reaped.policy);
			if (!read_all(reaped.policy) || (found != NULL && !read_all(found)))
				return false;
			danests_policy_unref(found);
			danests_policy_unref(reaped.policy);
		}
	}
	return true;
}

static bool lint(void)
{
	const struct danests_text txt = { "v=STSv1; id=20260101;", 21 };
	danests_lint *found;
	bool good = danests_lint_sts_record(&found, &txt, 1) == DANESTS_OK &&
	    danests_lint_good(found);

	danests_lint_free(found);
	return good;
}

static void *thread_main(void *arg)
{
	size_t thread = (size_t)(uintptr_t)arg;
	danests *ctx = NULL;
	bool good = danests_new(&ctx) == DANESTS_OK &&
	    danests_set(ctx, "resolver", resolver) == DANESTS_OK &&
	    danests_set(ctx, "trust_anchor", anchor) == DANESTS_OK &&
	    danests_set(ctx, "dns_timeout", "1s") == DANESTS_OK &&
	    danests_open(ctx) == DANESTS_OK && look(ctx, thread) && lint();

	danests_free(ctx);
	return good ? arg : NULL;
}

static void threads_with_a_context_each_share_policies(void **state)
{
	pthread_t threads[THREADS];
	void *result;

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, thread_main,
		    (void *)(uintptr_t)(i + 1)), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_non_null(result);
	}
	for (size_t i = 0; i < SHELF; i++)
		danests_policy_unref(swap(i, NULL));
}

/* A resolver that never answers: each lookup ends by itself, as one that waits. */
static int setup(void **state)
{
	static const char key[] = ". IN DS 20326 8 2 "
	    "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n";
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = mkstemp(anchor);

	(void)state;
	if (fd < 0 || write(fd, key, sizeof(key) - 1) != (ssize_t)sizeof(key) - 1)
		return -1;
	close(fd);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	deaf = socket(AF_INET, SOCK_DGRAM, 0);
	if (deaf < 0 || bind(deaf, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    getsockname(deaf, (struct sockaddr *)&at, &len) != 0)
		return -1;
	snprintf(resolver, sizeof(resolver), "127.0.0.1:%u", (unsigned)ntohs(at.sin_port));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(deaf);
	return unlink(anchor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_with_a_context_each_share_policies),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
