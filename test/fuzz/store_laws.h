/* SPDX-License-Identifier: BSD-2-Clause */
/* A directory with a file of any octets in it, opened as a store. */
#ifndef STORE_LAWS_H
#define STORE_LAWS_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "danests.h"
#include "source/store_impl.h"

/* What is given out is a record that could have been written, of that domain. */
static inline void law_record(struct store *store, const struct record *r)
{
	char domain[DOMAIN_MAX + 1];
	struct buf b = {0};
	struct record again;

	if (record_write(&b, r) != DANESTS_OK)
		abort();
	buf_free(&b);
	snprintf(domain, sizeof(domain), "%s", r->domain);
	if (store_find(store, domain, &again) && strcmp(again.domain, domain) != 0)
		abort();
}

/* As many as the walk shows; none twice is for the unit tests. */
static inline size_t law_walk(struct store *store)
{
	struct store_walk *walk = store_walk_new(store);
	enum store_step step;
	struct record r;
	size_t n = 0;

	if (walk == NULL)
		abort();
	while ((step = store_walk_next(walk, &r)) != STORE_END) {
		if (step == STORE_RECORD) {
			law_record(store, &r);
			n++;
		}
	}
	store_walk_free(walk);
	return n;
}

static inline void law_write(const char *path, const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

/* Opens, walks, folds, walks: what was there before is there after. */
static inline void law_store(const char *dir)
{
	struct events events;
	struct store *store;
	struct loop *loop;
	char problem[STORE_PROBLEM];
	size_t before, after;

	events_init(&events);
	if (loop_new(&loop) != DANESTS_OK ||
	    store_open(&store, loop, &events, dir, 1 << 24, problem) != DANESTS_OK)
		abort();
	before = law_walk(store);
	store->fold_wanted = true;
	store_fold_consider(store);
	while (loop_timeout(loop) == 0)
		(void)!loop_turn(loop, 0);
	after = law_walk(store);
	if (store->folds != 1 || after < before)
		abort();
	store_close(store);
	events_clear(&events);
	loop_free(loop);
}

/* A new directory, in memory where the system has such a place: a fuzzer is in a hurry. */
static inline void law_dir(char out[32])
{
	snprintf(out, 32, "%s/danests-fuzz.XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(out) == NULL)
		abort();
}

static inline void law_clean(const char *dir)
{
	struct dirent *entry;
	DIR *stream = opendir(dir);

	if (stream == NULL)
		abort();
	while ((entry = readdir(stream)) != NULL)
		(void)!unlinkat(dirfd(stream), entry->d_name, 0);
	closedir(stream);
	if (rmdir(dir) != 0)
		abort();
}

#endif
