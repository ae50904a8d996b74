/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DNS source with the real libunbound and a resolver that never answers: the
 * end must be clean whatever is under way. Once ub_ctx_delete(), which answers what
 * is open, armed a timer in memory just freed.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "source/dns.h"

#define ASKS 40

static char anchor[] = "/tmp/test_dns_end.XXXXXX", conf_file[] = "/tmp/test_dns_end.XXXXXX";

static int write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	return f == NULL || fputs(text, f) < 0 || fclose(f) != 0;
}

static int make_files(void **state)
{
	int a = mkstemp(anchor), c = mkstemp(conf_file);

	(void)state;
	if (a < 0 || c < 0 || close(a) != 0 || close(c) != 0)
		return -1;
	return write_file(anchor, ". IN DS 20326 8 2 "
	    "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d\n");
}

static int remove_files(void **state)
{
	(void)state;
	return unlink(anchor) != 0 || unlink(conf_file) != 0;
}

/* Somebody who takes every question and says nothing; *port 0: at any. -1: may not. */
static int silent_resolver(const char *address, uint16_t *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(*port) };
	socklen_t len = sizeof(to);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(inet_pton(AF_INET, address, &to.sin_addr), 1);
	if (bind(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		close(fd);
		return -1;
	}
	assert_int_equal(getsockname(fd, (struct sockaddr *)&to, &len), 0);
	*port = ntohs(to.sin_port);
	return fd;
}

struct world {
	struct loop *loop;
	struct dns *dns;
	struct list arrivals;
	struct ask ask[ASKS];
	size_t asked;
};

static void open_world(struct world *w, const char *resolver, int timeout_ms)
{
	struct dns_conf conf = { .resolver = resolver, .resolv_conf = conf_file,
	    .trust_anchor = anchor, .timeout_ms = timeout_ms, .cache_bytes = 1 << 20 };
	char problem[DNS_PROBLEM];

	memset(w, 0, sizeof(*w));
	list_init(&w->arrivals);
	assert_int_equal(loop_new(&w->loop), DANESTS_OK);
	assert_int_equal(dns_new(&w->dns, w->loop, &conf, problem), DANESTS_OK);
}

/* The same with a silent resolver of its own, which the caller closes. */
static int open_silent_world(struct world *w)
{
	char resolver[32];
	uint16_t port = 0;
	int fd = silent_resolver("127.0.0.1", &port);

	assert_true(fd >= 0);
	snprintf(resolver, sizeof(resolver), "127.0.0.1:%u", (unsigned)port);
	open_world(w, resolver, 400);
	return fd;
}

static void ask_some(struct world *w, size_t count)
{
	for (; count > 0; count--, w->asked++) {
		struct ask *ask = &w->ask[w->asked];

		ask->q.kind = QUESTION_MX;
		snprintf(ask->q.name.name, sizeof(ask->q.name.name), "n%zu.example", w->asked);
		list_init(&ask->arrived);
		ask->arrivals = &w->arrivals;
		(void)dns_ask(w->dns, ask);
	}
}

static void turn_for(struct world *w, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;

	while (clock_mono_ms() < end)
		assert_int_equal(loop_turn(w->loop, 10), DANESTS_OK);
}

/* However long that takes. */
static void turn_until_answered(struct world *w)
{
	for (size_t i = 0; i < w->asked; i++)
		while (w->ask[i].answer == NULL)
			assert_int_equal(loop_turn(w->loop, 10), DANESTS_OK);
}

static void close_world(struct world *w)
{
	dns_free(w->dns);
	for (size_t i = 0; i < w->asked; i++)
		answer_unref(w->ask[i].answer);
	loop_free(w->loop);
}

static void the_end_with_questions_and_the_self_test_under_way(void **state)
{
	struct world w;
	int fd = open_silent_world(&w);

	(void)state;
	ask_some(&w, 10);
	turn_for(&w, 50);
	close_world(&w);
	close(fd);
}

static void the_end_after_the_self_test_failed(void **state)
{
	struct world w;
	int fd = open_silent_world(&w);

	(void)state;
	turn_for(&w, 500);
	ask_some(&w, 10);
	turn_for(&w, 50);
	close_world(&w);
	close(fd);
}

/* Resolvers in resolv.conf have no port but 53: only root can be a silent one. */
static void the_end_with_questions_on_a_replaced_engine(void **state)
{
	struct world w;
	uint16_t port = 53;
	int fd = silent_resolver("127.0.53.77", &port);

	(void)state;
	if (fd < 0)
		skip();
	assert_int_equal(write_file(conf_file, "nameserver 127.0.53.77\n"), 0);
	open_world(&w, "system", 1500);
	turn_for(&w, 1600); /* the self-test is over: questions go out now */
	ask_some(&w, 10);
	assert_int_equal(write_file(conf_file, "# another\nnameserver 127.0.53.78\n"), 0);
	turn_for(&w, 1050); /* the file is looked at once a second */
	ask_some(&w, 10);
	turn_for(&w, 30);
	close_world(&w);
	close(fd);
}

static void N3_every_question_to_a_silent_resolver_fails(void **state)
{
	struct world w;
	int fd = open_silent_world(&w);

	(void)state;
	ask_some(&w, 20);
	turn_until_answered(&w);
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(w.ask[i].answer->state, ANSWER_FAILED);
	close_world(&w);
	close(fd);
}

static void resolvers_of_the_system_that_moved_are_others(void **state)
{
	struct dns_conf conf = { .resolver = "system", .resolv_conf = conf_file,
	    .trust_anchor = anchor, .timeout_ms = 400, .cache_bytes = 1 << 20 };
	char problem[DNS_PROBLEM];
	struct world w, other;
	bool same = false;
	FILE *f;

	(void)state;
	open_world(&w, "system", 400);
	assert_int_equal(dns_like(w.dns, &conf, &same, problem), DANESTS_OK);
	assert_true(same);
	f = fopen(conf_file, "a");
	assert_non_null(f);
	assert_true(fputs("nameserver 127.0.0.9\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(dns_like(w.dns, &conf, &same, problem), DANESTS_OK);
	assert_false(same);
	open_world(&other, "system", 400);
	assert_false(dns_same_judge(w.dns, other.dns));
	/* Once it has found out by itself its answers are of both. */
	turn_for(&w, 1100);
	ask_some(&w, 1);
	assert_int_equal(dns_like(w.dns, &conf, &same, problem), DANESTS_OK);
	assert_false(same);
	assert_false(dns_same_judge(w.dns, other.dns));
	close_world(&other);
	close_world(&w);
}

static void root_hints_are_what_the_file_says(void **state)
{
	char path[] = "/tmp/test_dns_hints.XXXXXX", problem[DNS_PROBLEM];
	struct dns_conf conf = { .resolver = "recursive", .root_hints = path,
	    .trust_anchor = anchor, .timeout_ms = 400, .cache_bytes = 1 << 20 };
	FILE *f = fdopen(mkstemp(path), "w");
	struct dns *dns = NULL;
	struct loop *loop;
	bool same = false;

	(void)state;
	assert_true(fputs(". 60 NS a.example.\na.example. 60 A 127.0.0.1\n", f) >= 0);
	assert_int_equal(fflush(f), 0);
	assert_int_equal(loop_new(&loop), DANESTS_OK);
	assert_int_equal(dns_new(&dns, loop, &conf, problem), DANESTS_OK);
	assert_int_equal(dns_like(dns, &conf, &same, problem), DANESTS_OK);
	assert_true(same);
	assert_true(fputs("a.example. 60 A 127.0.0.2\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(dns_like(dns, &conf, &same, problem), DANESTS_OK);
	assert_false(same);
	unlink(path);
	assert_int_equal(dns_like(dns, &conf, &same, problem), DANESTS_ERESOLVER);
	dns_free(dns);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_with_questions_and_the_self_test_under_way),
		cmocka_unit_test(the_end_after_the_self_test_failed),
		cmocka_unit_test(the_end_with_questions_on_a_replaced_engine),
		cmocka_unit_test(resolvers_of_the_system_that_moved_are_others),
		cmocka_unit_test(root_hints_are_what_the_file_says),
		cmocka_unit_test(N3_every_question_to_a_silent_resolver_fails),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
