/* SPDX-License-Identifier: BSD-2-Clause */
/* A store in a directory of its own, a clock that obeys, and ways to harm a file. */
#ifndef STORE_HELP_H
#define STORE_HELP_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "danests.h"
#include "source/store_impl.h"
#include "test/store/truth.h"

#define MONO_STEP 10 /* us that pass each time somebody looks */

static time_t now;
static int64_t mono;

time_t clock_now(void) { return now; }
int64_t clock_mono_ms(void) { return mono / 1000; }
int64_t clock_mono_us(void) { return mono += MONO_STEP; }

static char dir[64];
static struct loop *loop;
static struct events events;
static struct store *store;
static unsigned troubles, notes;
static char told[2000];      /* texts of the events since the last opening */

static inline const char *path(const char *name)
{
	static char out[128];

	text_format(out, sizeof(out), "%s/%s", dir, name);
	return out;
}

static inline void listen(void)
{
	struct danests_event e;
	size_t len;

	while (events_next(&events, &e)) {
		troubles += e.kind == DANESTS_EVENT_CACHE_TROUBLE;
		notes += e.kind == DANESTS_EVENT_CACHE_NOTE;
		len = strlen(told);
		text_format(told + len, sizeof(told) - len, "%s\n", e.text);
	}
}

static inline int try_open(uint64_t max_bytes, char problem[STORE_PROBLEM])
{
	int r = store_open(&store, loop, &events, dir, max_bytes, problem);

	troubles = notes = 0;
	told[0] = '\0';
	listen();
	if (r != DANESTS_OK)
		store = NULL;
	return r;
}

static inline void open_max(uint64_t max_bytes)
{
	char problem[STORE_PROBLEM];

	if (try_open(max_bytes, problem) != DANESTS_OK)
		fail_msg("%s", problem);
}

static inline void open_again(void)
{
	store_close(store);
	open_max(1 << 24);
}

static inline void turn(void)
{
	while (loop_timeout(loop) == 0)
		assert_int_equal(loop_turn(loop, 0), DANESTS_OK);
	listen();
}

static inline void fold(void)
{
	uint64_t folds = store->folds;

	store->fold_wanted = true;
	store_fold_consider(store);
	turn();
	assert_int_equal(store->folds, folds + 1);
}

static inline void put(int i, unsigned version)
{
	struct policy p;

	assert_int_equal(store_put(store, policy(&p, i, version)), DANESTS_OK);
}

static inline void synced_put(int i, unsigned version)
{
	put(i, version);
	assert_int_equal(store_sync(store), DANESTS_OK);
}

/* The version that is held, to the octet; 0: none is. */
static inline unsigned held(int i)
{
	struct policy expected;
	struct record r;
	uint64_t version;

	policy(&expected, i, 0);
	if (!store_find(store, expected.domain, &r))
		return 0;
	assert_true(text_number(r.id, strlen(r.id), 0, UINT32_MAX, &version));
	assert_true(same(&r, policy(&expected, i, (unsigned)version)));
	return (unsigned)version;
}

static inline size_t entries(void)
{
	struct store_status status;

	store_status(store, &status);
	return status.entries;
}

static inline off_t size_of(const char *name)
{
	struct stat st;

	return stat(path(name), &st) == 0 ? st.st_size : -1;
}

static inline void flip(const char *name, off_t at)
{
	int fd = open(path(name), O_RDWR);
	uint8_t c;

	assert_true(fd >= 0 && pread(fd, &c, 1, at) == 1);
	c ^= 0x10;
	assert_true(pwrite(fd, &c, 1, at) == 1);
	close(fd);
}

static inline void append(const char *name, const void *data, size_t len)
{
	int fd = open(path(name), O_WRONLY | O_APPEND | O_CREAT, 0600);

	assert_true(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	close(fd);
}

static inline int setup(void **state)
{
	(void)state;
	now = TRUTH_DAY;
	truth_state = 88172645463325252u;
	text_format(dir, sizeof(dir), "/tmp/danests-store.XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(loop_new(&loop), DANESTS_OK);
	events_init(&events);
	store = NULL;
	open_again();
	return 0;
}

static inline int teardown(void **state)
{
	char command[100];

	(void)state;
	store_close(store);
	store = NULL;
	events_clear(&events);
	loop_free(loop);
	text_format(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
