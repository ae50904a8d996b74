/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that puts, deletes, syncs and folds all the time is killed at a random
 * moment, again and again. What store_sync() had said by then is there (S13).
 * Argument: how many times.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "danests.h"
#include "source/store_impl.h"
#include "test/store/truth.h"

#define LONGEST_US 8000  /* that a writer lives */

/* The policies are of that day. */
time_t clock_now(void) { return TRUTH_DAY; }

int64_t clock_mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_mono_ms(void) { return clock_mono_us() / 1000; }

struct world {
	struct loop *loop;
	struct events events;
	struct store *store;
};

static void die(const char *what, const char *why)
{
	printf("Bail out! %s: %s\n", what, why);
	exit(1);
}

static void world_open(struct world *w, const char *dir)
{
	char problem[STORE_PROBLEM];

	if (loop_new(&w->loop) != DANESTS_OK)
		die("loop_new", strerror(errno));
	events_init(&w->events);
	if (store_open(&w->store, w->loop, &w->events, dir, 1 << 24, problem) != DANESTS_OK)
		die("store_open", problem);
	w->store->limits.fold_min = 1000 + chance(6000);
	w->store->limits.fold_part = 1;
	w->store->limits.fold_max = 8000;
	w->store->limits.slice_us = 20 + (int64_t)chance(200);
	w->store->limits.fold_sync = 2000 + chance(4000);
}

static void world_close(struct world *w)
{
	struct danests_event event;

	store_close(w->store);
	while (events_next(&w->events, &event)) {
		if (event.kind == DANESTS_EVENT_CACHE_TROUBLE)
			printf("# %s\n", event.text);
	}
	events_clear(&w->events);
	loop_free(w->loop);
}

/* Until it is killed. */
static void write_on(struct truth *truth, const char *dir)
{
	struct world w;

	world_open(&w, dir);
	for (;;) {
		for (uint64_t n = chance(6); n > 0; n--) {
			if (!truth_change(truth, w.store))
				_exit(1);
		}
		if (chance(3) > 0 && store_sync(w.store) == DANESTS_OK)
			truth_promise(truth);
		if (loop_turn(w.loop, 0) != DANESTS_OK)
			_exit(1);
	}
}

static void one_round(struct truth *truth, struct toll *toll, const char *dir,
    uint64_t *folded)
{
	struct timespec wait = { .tv_nsec = (long)chance(LONGEST_US) * 1000 };
	struct world w;
	int how = 0;
	pid_t pid = fork();

	if (pid < 0)
		die("fork", strerror(errno));
	if (pid == 0)
		write_on(truth, dir);
	nanosleep(&wait, NULL);
	kill(pid, SIGKILL);
	if (waitpid(pid, &how, 0) != pid || !WIFSIGNALED(how))
		die("the writer", "ended by itself");
	world_open(&w, dir);
	truth_check(truth, w.store, toll);
	*folded = snapshot_folded(w.store->snapshot);
	world_close(&w);
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/danests-kill.XXXXXX", command[64];
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 300;
	struct toll toll = {0};
	struct truth *truth = mmap(NULL, sizeof(*truth), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t folded = 0;
	bool ok;

	if (truth == MAP_FAILED || mkdtemp(dir) == NULL)
		die("mmap, mkdtemp", strerror(errno));
	truth_state = (uint64_t)clock_mono_us() | 1;
	for (unsigned long i = 0; i < rounds; i++) {
		chance(2); /* the child must not repeat what the last one did */
		one_round(truth, &toll, dir, &folded);
	}
	ok = toll.lost + toll.torn + toll.wrong == 0 && truth->versions > rounds;
	printf("1..1\n%s 1 - S13: %lu rounds, %u changes, %llu journals folded, ",
	    ok ? "ok" : "not ok", rounds, truth->versions, (unsigned long long)folded);
	printf("%lu policies checked, %lu lost, %lu torn, %lu wrong\n", toll.checked, toll.lost,
	    toll.torn, toll.wrong);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return !ok || system(command) != 0;
}
