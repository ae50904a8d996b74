/* SPDX-License-Identifier: BSD-2-Clause */
/* A systemd and a worker that only note what comes, and a clock that obeys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "plugin/alive.h"
#include "plugin/daemon.h"

static int patience, pings;
static struct errand *sent;
static int64_t now = 1000000;

time_t clock_now(void) { return (time_t)(now / 1000); }
int64_t clock_mono_ms(void) { return now; }
int64_t clock_mono_us(void) { return now * 1000; }

int daemon_watchdog_ms(void) { return patience; }

void daemon_alive(void) { pings++; }

void worker_call(struct worker *worker, struct errand *errand)
{
	(void)worker;
	assert_null(sent); /* never a second one on the way */
	sent = errand;
}

static void come_back(void)
{
	struct errand *errand = sent;

	assert_non_null(errand);
	sent = NULL;
	errand->run(errand, NULL);
	errand->done(errand);
}

static void turn_for(struct loop *loop, int ms)
{
	for (int i = 0; i < ms; i++, now++)
		assert_int_equal(loop_turn(loop, 0), DANESTS_OK);
}

static struct alive *start(struct loop **loop, int ms)
{
	struct alive *alive;

	patience = ms;
	pings = 0;
	sent = NULL;
	assert_int_equal(loop_new(loop), DANESTS_OK);
	assert_int_equal(alive_start(&alive, *loop, NULL), DANESTS_OK);
	return alive;
}

static void end(struct loop *loop, struct alive *alive)
{
	alive_stop(alive);
	loop_free(loop);
	alive_free(alive);
}

static void nobody_waits_and_nothing_is_sent(void **state)
{
	struct loop *loop;
	struct alive *alive = start(&loop, 0);

	(void)state;
	assert_null(alive);
	assert_int_equal(loop_timeout(loop), -1);
	end(loop, alive);
}

static void four_times_in_the_patience_of_systemd(void **state)
{
	struct loop *loop;
	struct alive *alive = start(&loop, 400);

	(void)state;
	for (int i = 0; i < 5; i++) {
		turn_for(loop, i == 0 ? 20 : 100);
		come_back();
	}
	assert_int_equal(pings, 5);
	end(loop, alive);
}

static void a_worker_that_hangs_is_not_covered_for(void **state)
{
	struct loop *loop;
	struct alive *alive = start(&loop, 40);

	(void)state;
	turn_for(loop, 200);
	assert_int_equal(pings, 1); /* nothing was known against it then */
	come_back();
	turn_for(loop, 50);
	assert_int_equal(pings, 2);
	end(loop, alive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_waits_and_nothing_is_sent),
		cmocka_unit_test(four_times_in_the_patience_of_systemd),
		cmocka_unit_test(a_worker_that_hangs_is_not_covered_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
