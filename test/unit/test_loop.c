/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/loop.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "danests.h"

struct end {
	struct loop *loop;
	struct loop_watch watch;
	struct end *other;
	int calls, events, fds[2];
};

static int loop_setup(void **state)
{
	struct loop *loop;

	if (loop_new(&loop) != DANESTS_OK)
		return -1;
	*state = loop;
	return 0;
}

static int loop_teardown(void **state)
{
	loop_free(*state);
	return 0;
}

static void count(void *arg, int events)
{
	struct end *end = arg;

	end->calls++;
	end->events = events;
}

static void count_and_clear_other(void *arg, int events)
{
	struct end *end = arg;

	count(arg, events);
	loop_unwatch(end->loop, &end->other->watch);
}

/* A pipe whose read end is watched. */
static void end_open(struct end *end, struct loop *loop, loop_watch_fn *fn)
{
	*end = (struct end){ .loop = loop };
	assert_int_equal(pipe(end->fds), 0);
	assert_int_equal(loop_watch(loop, &end->watch, end->fds[0], LOOP_READ, fn, end), 0);
}

static void end_close(struct end *end)
{
	loop_unwatch(end->loop, &end->watch);
	close(end->fds[0]);
	close(end->fds[1]);
}

static bool readable(const struct loop *loop)
{
	struct pollfd pfd = { .fd = loop_fd(loop), .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

static void the_one_descriptor_tells_readiness(void **state)
{
	struct loop *loop = *state;
	struct end end;

	end_open(&end, loop, count);
	assert_false(readable(loop));
	assert_int_equal(write(end.fds[1], "x", 1), 1);
	assert_true(readable(loop));
	assert_int_equal(loop_turn(loop, -1), DANESTS_OK);
	assert_int_equal(end.calls, 1);
	assert_int_equal(end.events, LOOP_READ);
	end_close(&end);
	assert_false(readable(loop));
}

static void unread_data_is_reported_again(void **state)
{
	struct loop *loop = *state;
	struct end end;

	end_open(&end, loop, count);
	assert_int_equal(write(end.fds[1], "x", 1), 1);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(loop_turn(loop, 0), DANESTS_OK);
		assert_int_equal(end.calls, i);
	}
	end_close(&end);
}

static void a_hang_up_is_reported(void **state)
{
	struct loop *loop = *state;
	struct end end;

	end_open(&end, loop, count);
	close(end.fds[1]);
	assert_int_equal(loop_turn(loop, 0), DANESTS_OK);
	assert_int_equal(end.calls, 1);
	assert_int_equal(end.events, LOOP_READ);
	loop_unwatch(loop, &end.watch);
	close(end.fds[0]);
}

static void what_is_watched_can_change(void **state)
{
	struct loop *loop = *state;
	struct end end;

	end_open(&end, loop, count);
	loop_unwatch(loop, &end.watch);
	assert_int_equal(loop_watch(loop, &end.watch, end.fds[1], LOOP_WRITE, count, &end), 0);
	assert_int_equal(loop_turn(loop, 0), DANESTS_OK);
	assert_int_equal(end.events, LOOP_WRITE);
	/* Another descriptor in the same watch: the old one is forgotten. */
	assert_int_equal(loop_watch(loop, &end.watch, end.fds[0], LOOP_READ, count, &end), 0);
	assert_int_equal(loop_turn(loop, 0), DANESTS_OK);
	assert_int_equal(end.calls, 1);
	end_close(&end);
}

static void a_watch_cleared_by_another_in_the_same_turn_stays_silent(void **state)
{
	struct loop *loop = *state;
	struct end a, b;

	end_open(&a, loop, count_and_clear_other);
	end_open(&b, loop, count_and_clear_other);
	a.other = &b;
	b.other = &a;
	assert_int_equal(write(a.fds[1], "x", 1), 1);
	assert_int_equal(write(b.fds[1], "x", 1), 1);
	assert_int_equal(loop_turn(loop, 0), DANESTS_OK);
	assert_int_equal(a.calls + b.calls, 1);
	end_close(&a);
	end_close(&b);
}

static void a_bad_descriptor_leaves_the_watch_idle(void **state)
{
	struct loop_watch w = {0};

	assert_int_equal(loop_watch(*state, &w, 100000, LOOP_READ, count, NULL), DANESTS_ESYSTEM);
	assert_int_equal(w.events, 0);
	loop_unwatch(*state, &w);
}

/* ---- Timers ---- */

#define TIMERS 300

struct tick {
	struct loop *loop;
	struct loop_timer timer;
	struct tick *victim;
	int64_t fired;
	int calls;
};

static void tick(void *arg)
{
	struct tick *t = arg;

	t->calls++;
	t->fired = clock_mono_ms();
	if (t->victim != NULL)
		loop_untimer(t->loop, &t->victim->timer);
}

static void timers_fire_once_in_order_and_never_early(void **state)
{
	struct loop *loop = *state;
	struct tick *ticks = calloc(TIMERS, sizeof(*ticks));
	int64_t due[TIMERS], start = clock_mono_ms();

	assert_non_null(ticks);
	for (int i = 0; i < TIMERS; i++) {
		due[i] = start + (i * 37) % 50;
		assert_int_equal(loop_timer(loop, &ticks[i].timer, due[i] - start, tick,
		    &ticks[i]), 0);
	}
	for (int i = 0; i < TIMERS; i += 3)
		loop_untimer(loop, &ticks[i].timer);
	assert_in_range(loop_timeout(loop), 0, 50);
	while (loop_timeout(loop) >= 0)
		assert_int_equal(loop_turn(loop, -1), DANESTS_OK);
	for (int i = 0; i < TIMERS; i++) {
		assert_int_equal(ticks[i].calls, i % 3 != 0);
		if (ticks[i].calls == 1)
			assert_true(ticks[i].fired >= due[i]);
	}
	free(ticks);
}

static void a_set_timer_moves(void **state)
{
	struct loop *loop = *state;
	struct tick a = {0}, b = {0};

	assert_int_equal(loop_timer(loop, &a.timer, 100000, tick, &a), 0);
	assert_int_equal(loop_timer(loop, &b.timer, 1, tick, &b), 0);
	assert_int_equal(loop_timer(loop, &a.timer, 0, tick, &a), 0);
	assert_int_equal(loop_timer(loop, &b.timer, 200000, tick, &b), 0);
	assert_int_equal(loop_timeout(loop), 0);
	assert_int_equal(loop_turn(loop, -1), DANESTS_OK);
	assert_int_equal(a.calls, 1);
	assert_int_equal(b.calls, 0);
	assert_in_range(loop_timeout(loop), 100000, 200000);
	loop_untimer(loop, &b.timer);
	loop_untimer(loop, &b.timer);
	assert_int_equal(loop_timeout(loop), -1);
}

static void a_timer_cleared_by_another_stays_silent(void **state)
{
	struct loop *loop = *state;
	struct tick a = { .loop = loop }, b = { .loop = loop };

	a.victim = &b;
	b.victim = &a;
	assert_int_equal(loop_timer(loop, &a.timer, 0, tick, &a), 0);
	assert_int_equal(loop_timer(loop, &b.timer, 0, tick, &b), 0);
	assert_int_equal(loop_turn(loop, 0), DANESTS_OK);
	assert_int_equal(loop_turn(loop, 0), DANESTS_OK);
	assert_int_equal(a.calls + b.calls, 1);
}

static void again(void *arg)
{
	struct tick *t = arg;

	t->calls++;
	assert_int_equal(loop_timer(t->loop, &t->timer, 0, again, t), 0);
}

static void a_timer_that_sets_itself_does_not_keep_the_turn(void **state)
{
	struct loop *loop = *state;
	struct tick t = { .loop = loop };

	assert_int_equal(loop_timer(loop, &t.timer, 0, again, &t), 0);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(loop_turn(loop, -1), DANESTS_OK);
		assert_int_equal(t.calls, i);
	}
	loop_untimer(loop, &t.timer);
}

static void waiting_ends_at_the_next_timer(void **state)
{
	struct loop *loop = *state;
	struct tick t = {0}, later = {0};
	int64_t start = clock_mono_ms();

	assert_int_equal(loop_timer(loop, &later.timer, 100000, tick, &later), 0);
	assert_int_equal(loop_timer(loop, &t.timer, 20, tick, &t), 0);
	while (t.calls == 0)
		assert_int_equal(loop_turn(loop, -1), DANESTS_OK);
	assert_true(t.fired - start >= 20);
	assert_int_equal(later.calls, 0);
	loop_untimer(loop, &later.timer);
}

int main(void)
{
#define LOOP_TEST(f) cmocka_unit_test_setup_teardown(f, loop_setup, loop_teardown)
	const struct CMUnitTest tests[] = {
		LOOP_TEST(the_one_descriptor_tells_readiness),
		LOOP_TEST(unread_data_is_reported_again),
		LOOP_TEST(a_hang_up_is_reported),
		LOOP_TEST(what_is_watched_can_change),
		LOOP_TEST(a_watch_cleared_by_another_in_the_same_turn_stays_silent),
		LOOP_TEST(a_bad_descriptor_leaves_the_watch_idle),
		LOOP_TEST(timers_fire_once_in_order_and_never_early),
		LOOP_TEST(a_set_timer_moves),
		LOOP_TEST(a_timer_cleared_by_another_stays_silent),
		LOOP_TEST(a_timer_that_sets_itself_does_not_keep_the_turn),
		LOOP_TEST(waiting_ends_at_the_next_timer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
