/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads that probe: all jobs come back, no address is flooded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <time.h>

#include "base/attr.h"
#include "tools/check.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int under_way[8], most[8], all, most_at_all;

/* Instead of tools/probe.c: which address is the low octet. */
void probe_run(struct probe *probe)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&probe->addr;
	unsigned int at = ntohl(v4->sin_addr.s_addr) & 7;
	struct timespec pause = { 0, 2000000 };

	pthread_mutex_lock(&lock);
	under_way[at]++;
	all++;
	if (under_way[at] > most[at])
		most[at] = under_way[at];
	if (all > most_at_all)
		most_at_all = all;
	pthread_mutex_unlock(&lock);
	nanosleep(&pause, NULL);
	pthread_mutex_lock(&lock);
	under_way[at]--;
	all--;
	pthread_mutex_unlock(&lock);
	probe->ms = 7;
}

static void set(struct check_address *a, unsigned int at)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&a->probe.addr;

	v4->sin_family = AF_INET;
	v4->sin_addr.s_addr = htonl(0x7f000000 + at);
	a->probe.addr_len = sizeof(*v4);
}

static size_t take_all(struct check_pool *pool, size_t count)
{
	struct pollfd fd = { .fd = check_pool_fd(pool), .events = POLLIN };
	struct check_job *job;
	size_t taken = 0;

	while (taken < count && poll(&fd, 1, 10000) == 1)
		while ((job = check_pool_take(pool)) != NULL) {
			assert_int_equal(job->address->probe.ms, 7);
			taken++;
		}
	return taken;
}

enum { JOBS = 200 };

static void every_job_comes_back_and_no_address_has_more_than_two(void **state)
{
	static struct check_address addresses[JOBS];
	static struct check_job jobs[JOBS];
	struct check_pool *pool = check_pool_new();

	(void)state;
	assert_non_null(pool);
	assert_null(check_pool_take(pool));
	for (size_t i = 0; i < JOBS; i++) {
		set(&addresses[i], i % 8);
		jobs[i].address = &addresses[i];
		assert_int_equal(check_pool_put(pool, &jobs[i]), DANESTS_OK);
	}
	assert_int_equal(take_all(pool, JOBS), JOBS);
	assert_null(check_pool_take(pool));
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(most[i], 2);
	assert_true(most_at_all > 2 && most_at_all <= 16);
	check_pool_free(pool);
}

static void one_busy_address_does_not_hold_up_the_others(void **state)
{
	static struct check_address addresses[40];
	static struct check_job jobs[40];
	struct check_pool *pool = check_pool_new();
	struct pollfd fd = { .fd = check_pool_fd(pool), .events = POLLIN };
	struct check_job *job = NULL;
	size_t before = 0;

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		set(&addresses[i], i < 39 ? 1 : 2);
		jobs[i].address = &addresses[i];
		assert_int_equal(check_pool_put(pool, &jobs[i]), DANESTS_OK);
	}
	while (job != &jobs[39] && poll(&fd, 1, 10000) == 1)
		while (job != &jobs[39] && (job = check_pool_take(pool)) != NULL)
			before++;
	assert_ptr_equal(job, &jobs[39]);
	assert_true(before < 39); /* one by one, in pairs, they would all have come before */
	assert_int_equal(take_all(pool, 40 - before), 40 - before);
	check_pool_free(pool);
}

static void what_waits_in_the_queue_at_the_end_is_dropped(void **state)
{
	static struct check_address addresses[20];
	static struct check_job jobs[20];
	struct check_pool *pool = check_pool_new();

	(void)state;
	for (size_t i = 0; i < 20; i++) {
		set(&addresses[i], 3);
		jobs[i].address = &addresses[i];
		assert_int_equal(check_pool_put(pool, &jobs[i]), DANESTS_OK);
	}
	check_pool_free(pool);
	check_pool_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_comes_back_and_no_address_has_more_than_two),
		cmocka_unit_test(one_busy_address_does_not_hold_up_the_others),
		cmocka_unit_test(what_waits_in_the_queue_at_the_end_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
