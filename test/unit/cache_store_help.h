/* SPDX-License-Identifier: BSD-2-Clause */
/* A cache over a store in a folder of its own. */
#ifndef CACHE_STORE_HELP_H
#define CACHE_STORE_HELP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cache_help.h"

#include "base/loop.h"
#include "source/events.h"
#include "source/store.h"

#define DAY 86400
#define ROOM (1 << 20)

static char dir[] = "/tmp/test_cache.XXXXXX";
static struct loop *loop;
static struct events events;
static struct store *store;
static struct cache *cache;

static inline void empty_dir(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[512];

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		assert_int_equal(unlink(path), 0);
	}
	closedir(d);
}

static inline void open_store(size_t room)
{
	char problem[STORE_PROBLEM];

	assert_int_equal(store_open(&store, loop, &events, dir, 64 << 20, problem), DANESTS_OK);
	assert_int_equal(cache_new(&cache, room), DANESTS_OK);
	cache_connect(cache, store, &events);
}

static inline void close_store(void)
{
	cache_free(cache);
	store_close(store);
}

/* As after a restart. */
static inline void reopen(void)
{
	close_store();
	open_store(ROOM);
}

static inline int set_up(void **state)
{
	(void)state;
	now = 1767225600;
	if (mkdtemp(dir) == NULL || loop_new(&loop) != DANESTS_OK)
		return -1;
	events_init(&events);
	open_store(ROOM);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	close_store();
	events_clear(&events);
	loop_free(loop);
	empty_dir();
	if (rmdir(dir) != 0)
		return -1;
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
	return 0;
}

static inline struct record record_of(const char *domain)
{
	struct record r;

	assert_true(cache_held_get(cache, domain, &r));
	return r;
}

/* The next event; its text, or NULL: there is none. */
static inline const char *event(enum danests_event_kind kind, const char *domain)
{
	struct danests_event e;

	if (!events_next(&events, &e))
		return NULL;
	assert_int_equal(e.kind, kind);
	assert_string_equal(e.domain, domain);
	return e.text;
}

static inline void no_event(void)
{
	struct danests_event e;

	assert_false(events_next(&events, &e));
}

#define WITH_STORE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
