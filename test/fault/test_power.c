/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The power fails at random moments, while policies come, change and go and journals
 * are folded all the time, and while the disk refuses now and then. Then: what store_sync() has said is there (S13), nothing is
 * older than that, nothing is torn, nothing is what nobody ever put.
 * Argument: how many times; and where to begin.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "danests.h"
#include "source/store_impl.h"
#include "test/fault/disk.h"
#include "test/store/truth.h"

#define STEPS 150

static const time_t now = TRUTH_DAY;
static int64_t mono;

time_t clock_now(void) { return now; }
int64_t clock_mono_ms(void) { return mono / 1000; }
int64_t clock_mono_us(void) { return mono += 50; }

static struct truth truth;
static struct toll toll;

static void die(const char *what, const char *why)
{
	printf("Bail out! %s: %s\n", what, why);
	exit(1);
}

static struct store *open_store(struct loop *loop, struct events *events, const char *dir)
{
	char problem[STORE_PROBLEM];
	struct store *store;

	if (store_open(&store, loop, events, dir, 1 << 24, problem) != DANESTS_OK)
		die("store_open", problem);
	store->limits.fold_min = 500 + chance(3000);
	store->limits.fold_part = 1;
	store->limits.fold_max = 4000;
	store->limits.slice_us = 60 + (int64_t)chance(400);
	store->limits.fold_sync = 500 + chance(2000);
	store_fold_consider(store);
	return store;
}

/* A few calls from a random one on; what was refused is tried again later. */
static void refuse_some(void)
{
	static const int errors[] = { ENOSPC, EIO, EROFS };

	disk_refuse(1 + chance(6), 1 + chance(8), errors[chance(3)], chance(2) == 0);
}

static void step(struct store *store, struct loop *loop)
{
	switch (chance(11)) {
	case 0:
	case 1:
		if (store_sync(store) != DANESTS_OK)
			return;
		truth_promise(&truth);
		return;
	case 2:
	case 3:
	case 4:
		loop_turn(loop, 0);
		return;
	case 8:
		refuse_some();
		return;
	case 9:
	case 10:
		mono += 11000000;
		loop_turn(loop, 0);
		return;
	case 5:
		store_touch(store, "d3.example.com", now + (time_t)chance(10) * 86400);
		return;
	default:
		if (!truth_change(&truth, store))
			die("store_put", "out of memory");
	}
}

static void drain(struct events *events)
{
	struct danests_event event;

	while (events_next(events, &event)) {
		if (getenv("VERBOSE") != NULL)
			printf("# %s\n", event.text);
	}
}

/* From one power cut to the next. */
static void run(const char *dir, uint64_t seed)
{
	struct events events;
	struct store *store;
	struct loop *loop;

	if (loop_new(&loop) != DANESTS_OK)
		die("loop_new", strerror(errno));
	events_init(&events);
	disk_watch(dir);
	disk_die(1 + chance(200));
	store = open_store(loop, &events, dir);
	for (int i = 0; i < STEPS; i++)
		step(store, loop);
	disk_die(1);
	store_close(store);
	disk_reboot(seed);
	store = open_store(loop, &events, dir);
	truth_check(&truth, store, &toll);
	/* Now and then a fold comes to its end. */
	for (bool quiet = chance(3) == 0; quiet && loop_timeout(loop) == 0;)
		loop_turn(loop, 0);
	store_close(store);
	drain(&events);
	events_clear(&events);
	loop_free(loop);
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/danests-power.XXXXXX", command[64];
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 3000;
	unsigned long first = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	unsigned long dead;

	if (mkdtemp(dir) == NULL)
		die("mkdtemp", strerror(errno));
	for (unsigned long i = first; i < first + rounds; i++) {
		truth_state = i * 2654435761u + 1;
		run(dir, i);
		if (toll.lost + toll.torn + toll.wrong > 0) {
			printf("# round %lu\n", i);
			break;
		}
	}
	dead = toll.lost + toll.torn + toll.wrong;
	printf("1..1\n%s 1 - S13: %lu power cuts, %lu policies checked: %lu lost, %lu torn, "
	    "%lu wrong\n", dead == 0 ? "ok" : "not ok", rounds, toll.checked, toll.lost,
	    toll.torn, toll.wrong);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return dead > 0 || system(command) != 0;
}
