/* SPDX-License-Identifier: BSD-2-Clause */
/* The directory, its lock, and the end. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc.h"
#include "base/text.h"
#include "danests.h"
#include "source/file.h"
#include "source/store_impl.h"

#define MIB (UINT64_C(1024) * 1024)

static const struct store_limits usual = {
	.fold_min = 4 * MIB, .fold_part = 4, .fold_max = 8 * MIB, .journal_max = 64 * MIB,
	.pinned_max = 16 * MIB, .fold_sync = MIB, .slice_us = 1000, .retry_ms = 10000,
	.lazy_ms = 60000,
};

static struct map_key slot_key(const struct map_node *node)
{
	const struct slot *slot = CONTAINER_OF(node, struct slot, node);

	return (struct map_key){ slot->domain, slot->domain_len };
}

static struct store *store_new(struct loop *loop, struct events *events, const char *dir,
    uint64_t max_bytes)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->dir_name = strdup(dir);
	if (store->dir_name == NULL) {
		free(store);
		return NULL;
	}
	store->loop = loop;
	store->events = events;
	store->max_bytes = max_bytes < SNAPSHOT_MAX ? max_bytes : SNAPSHOT_MAX;
	store->limits = usual;
	store->dir = store->lock = -1;
	map_init(&store->map, slot_key);
	list_init(&store->journals);
	list_init(&store->all);
	list_init(&store->placed);
	list_init(&store->walks);
	for (int class = 0; class < PENDING_CLASSES; class++)
		list_init(&store->pending[class]);
	return store;
}

static void drop_all(struct store *store)
{
	while (!list_empty(&store->all))
		store_slot_drop(store, CONTAINER_OF(store->all.next, struct slot, all));
	while (!list_empty(&store->journals))
		journal_free(CONTAINER_OF(store->journals.next, struct journal, node));
	snapshot_unref(store->snapshot);
	map_free(&store->map);
	buf_free(&store->scratch);
}

static void store_free(struct store *store)
{
	store_fold_stop(store);
	loop_untimer(store->loop, &store->retry);
	loop_untimer(store->loop, &store->lazy);
	loop_untimer(store->loop, &store->fold_timer);
	drop_all(store);
	file_close(store->lock);
	file_close(store->dir);
	free(store->dir_name);
	free(store);
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	/* The last try, also when the disk refused so far; that was told. */
	if (store->lock >= 0)
		(void)!store_flush(store);
	store_free(store);
}

/* ---- Directory and lock ---- */

static int open_dir(struct store *store, char problem[STORE_PROBLEM])
{
	if (mkdir(store->dir_name, 0700) != 0 && errno != EEXIST && errno != EROFS &&
	    errno != EACCES && errno != EISDIR) {
		text_format(problem, STORE_PROBLEM, "cache_dir = %s: cannot be made: %s",
		    store->dir_name, strerror(errno));
		return DANESTS_ECACHE;
	}
	store->dir = open(store->dir_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->dir >= 0)
		return DANESTS_OK;
	text_format(problem, STORE_PROBLEM, "cache_dir = %s: %s", store->dir_name, strerror(errno));
	return DANESTS_ECACHE;
}

/* Why it could not be had (errno). */
static int lock_problem(const struct store *store, int fd, char problem[STORE_PROBLEM])
{
	char pid[24] = "";
	size_t digits = 0;
	ssize_t n;

	if (errno != EWOULDBLOCK) {
		text_format(problem, STORE_PROBLEM, "cache_dir = %s: %s: %s", store->dir_name,
		    STORE_LOCK, strerror(errno));
		return DANESTS_ECACHE;
	}
	n = file_read(fd, pid, sizeof(pid) - 1, 0);
	while (n > 0 && digits < (size_t)n && text_is_digit(pid[digits]))
		digits++;
	pid[digits] = '\0';
	text_format(problem, STORE_PROBLEM, "cache_dir = %s: in use by another process (pid %s)",
	    store->dir_name, digits > 0 ? pid : "unknown");
	return DANESTS_EBUSY;
}

/* For whoever finds the directory locked; it works without, on a full disk. */
static void leave_pid(int fd)
{
	char pid[24];

	text_format(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) != 0 || !file_write(fd, pid, strlen(pid), 0))
		errno = 0;
}

static int take_lock(struct store *store, char problem[STORE_PROBLEM])
{
	bool readonly = false;
	int r, fd = file_open(store->dir, STORE_LOCK, O_RDWR | O_CREAT), saved = errno;

	if (fd < 0) {
		readonly = true;
		fd = file_open(store->dir, STORE_LOCK, O_RDONLY);
	}
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		r = lock_problem(store, fd, problem);
		file_close(fd);
		return r;
	}
	if (fd >= 0 && !readonly) {
		leave_pid(fd);
		store->lock = fd;
		return DANESTS_OK;
	}
	/* To read it is enough to know that nobody writes just now. */
	file_close(fd);
	errno = saved;
	store_refused(store, STORE_LOCK);
	return DANESTS_OK;
}

/* ---- What is there ---- */

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

bool store_list_journals(const struct store *store, struct buf *out)
{
	/* A directory stream wants a descriptor of its own. */
	int fd = openat(store->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	uint64_t number;
	int error;

	if (dir == NULL) {
		file_close(fd);
		return false;
	}
	/* One that is left out would be older than those that are read, and be removed. */
	for (errno = 0; (entry = readdir(dir)) != NULL; errno = 0) {
		if (journal_number(entry->d_name, &number))
			buf_add(out, &number, sizeof(number));
	}
	error = errno != 0 ? errno : out->bad ? ENOMEM : 0;
	closedir(dir);
	if (out->len > 0)
		qsort(out->data, out->len / sizeof(number), sizeof(number), by_number);
	errno = error;
	return error == 0;
}

/* ---- A lock that is had later ---- */

static void add_file(const struct store *store, const char *name, uint32_t *sum)
{
	struct stat st;
	uint64_t facts[4] = {0};

	if (fstatat(store->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		facts[0] = (uint64_t)st.st_ino;
		facts[1] = (uint64_t)st.st_size;
		facts[2] = (uint64_t)st.st_mtim.tv_sec;
		facts[3] = (uint64_t)st.st_mtim.tv_nsec;
	}
	*sum = crc32c(crc32c(*sum, name, strlen(name)), facts, sizeof(facts));
}

/* Another one whenever somebody has written; 0: not known. */
static uint32_t state_of_files(const struct store *store)
{
	struct buf numbers = {0};
	char name[JOURNAL_NAME_MAX];
	uint64_t number;
	uint32_t sum = 0;

	if (store_list_journals(store, &numbers)) {
		add_file(store, STORE_SNAPSHOT, &sum);
		for (size_t i = 0; i < numbers.len; i += sizeof(number)) {
			memcpy(&number, numbers.data + i, sizeof(number));
			journal_name(name, number);
			add_file(store, name, &sum);
		}
	}
	buf_free(&numbers);
	return sum;
}

/* But for what waits for the disk. */
static void forget_files(struct store *store)
{
	struct list *node, *next;
	struct slot *slot;

	for (node = store->all.next; node != &store->all; node = next) {
		next = node->next;
		slot = CONTAINER_OF(node, struct slot, all);
		if (!slot->pending) {
			store_slot_drop(store, slot);
			continue;
		}
		list_remove(&slot->home);
		slot->journal = NULL;
		slot->gone = false;
	}
	while (!list_empty(&store->journals))
		journal_free(CONTAINER_OF(store->journals.next, struct journal, node));
	snapshot_unref(store->snapshot);
	store->snapshot = NULL;
	store->rescued = store->damage_told = false;
	store_recount(store);
}

int store_take_late_lock(struct store *store, char problem[STORE_PROBLEM])
{
	int r = take_lock(store, problem);

	if (r != DANESTS_OK || store->lock < 0 ||
	    (store->seen != 0 && state_of_files(store) == store->seen))
		return r;
	events_add(store->events, DANESTS_EVENT_CACHE_NOTE, "",
	    "%s: another process has written here meanwhile: it is read again",
	    store->dir_name);
	forget_files(store);
	r = store_load(store, problem);
	store_recount(store);
	if (r != DANESTS_OK) {
		store->seen = 0;
		file_close(store->lock);
		store->lock = -1;
	}
	return r;
}

int store_open(struct store **out, struct loop *loop, struct events *events, const char *dir,
    uint64_t max_bytes, char problem[STORE_PROBLEM])
{
	struct store *store = store_new(loop, events, dir, max_bytes);
	int r;

	problem[0] = '\0';
	if (store == NULL) {
		text_format(problem, STORE_PROBLEM, "out of memory");
		return DANESTS_ENOMEM;
	}
	r = open_dir(store, problem);
	if (r == DANESTS_OK)
		r = take_lock(store, problem);
	if (r == DANESTS_OK && store->lock < 0)
		store->seen = state_of_files(store);
	if (r == DANESTS_OK)
		r = store_load(store, problem);
	if (r != DANESTS_OK) {
		store_free(store);
		return r;
	}
	if (store->lock >= 0)
		unlinkat(store->dir, STORE_SNAPSHOT_NEW, 0);
	store_fold_soon(store);
	*out = store;
	return DANESTS_OK;
}
