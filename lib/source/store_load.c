/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies in the directory, into the index; and what to do with what is damaged. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "danests.h"
#include "source/file.h"
#include "source/store_impl.h"

#define READ_TRIES 3   /* that a disk cannot be read may pass */

/* ---- Putting aside ---- */

void store_aside_name(const struct store *store, const char *name, const char *why,
    char *out, size_t size)
{
	struct stat st;

	text_format(out, size, "%s.%s", name, why);
	for (unsigned i = 2; i < UINT_MAX; i++) {
		if (fstatat(store->dir, out, &st, AT_SYMLINK_NOFOLLOW) != 0)
			return;
		text_format(out, size, "%s.%s.%u", name, why, i);
	}
}

static void put_aside(struct store *store, const char *name, const char *why, const char *what)
{
	char aside[2 * JOURNAL_NAME_MAX];
	const char *outcome = "put aside as";

	store_aside_name(store, name, why, aside, sizeof(aside));
	if (store->lock < 0 || renameat(store->dir, name, store->dir, aside) != 0)
		outcome = "left alone, and could not be put aside as";
	events_add(store->events, DANESTS_EVENT_CACHE_TROUBLE, "", "%s/%s: %s; %s %s",
	    store->dir_name, name, what, outcome, aside);
}

static int unreadable(const struct store *store, const char *name, char problem[STORE_PROBLEM])
{
	bool other = errno == EINVAL || errno == ELOOP || errno == EMLINK;

	text_format(problem, STORE_PROBLEM, "cache_dir = %s: %s: %s", store->dir_name, name,
	    other ? "not a regular file" : strerror(errno));
	return DANESTS_ECACHE;
}

static int no_memory(char problem[STORE_PROBLEM])
{
	text_format(problem, STORE_PROBLEM, "out of memory");
	return DANESTS_ENOMEM;
}

/* ---- The snapshot ---- */

static struct slot *slot_for(struct store *store, const char *domain, size_t len)
{
	struct slot *slot = store_slot(store, domain, len);

	return slot != NULL ? slot : store_slot_new(store, domain, len);
}

/* The records of a damaged snapshot are found through the index, as if the file were
 * the very first journal, until a fold has written them anew. */
static int index_rescued(struct store *store, struct snapshot *s, struct journal *j,
    struct snapshot_place *place)
{
	struct snapshot_item item;
	enum snapshot_step step;
	struct slot *slot;

	while ((step = snapshot_next(s, place, &item)) != SNAPSHOT_END) {
		if (step == SNAPSHOT_PAUSE)
			continue;
		slot = slot_for(store, item.record.domain, strlen(item.record.domain));
		if (slot == NULL)
			return DANESTS_ENOMEM;
		store_place(store, slot, j, item.offset, item.len, false);
	}
	return DANESTS_OK;
}

static int rescue(struct store *store, struct snapshot *s, char problem[STORE_PROBLEM])
{
	struct snapshot_place place = {0};
	struct journal *j;
	int fd = fcntl(snapshot_fd(s), F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return unreadable(store, STORE_SNAPSHOT, problem);
	if (journal_adopt(&j, fd, 0, true) != DANESTS_OK) {
		file_close(fd);
		return no_memory(problem);
	}
	j->size = snapshot_bytes(s);
	list_append(&store->journals, &j->node);
	if (index_rescued(store, s, j, &place) != DANESTS_OK)
		return no_memory(problem);
	if (store->map.count == 0) {
		journal_free(j);
		put_aside(store, STORE_SNAPSHOT, "foreign", "there is no policy in it");
		return DANESTS_OK;
	}
	store->rescued = store->fold_wanted = true;
	events_add(store->events, DANESTS_EVENT_CACHE_TROUBLE, "",
	    "%s/%s is damaged: %zu policies in it are whole and stay in force; a new one is "
	    "written", store->dir_name, STORE_SNAPSHOT, store->map.count);
	return DANESTS_OK;
}

static int load_snapshot(struct store *store, char problem[STORE_PROBLEM])
{
	enum snapshot_state state;
	struct snapshot *s;
	int r = snapshot_open(&s, store->dir, STORE_SNAPSHOT, &state);

	if (r == DANESTS_ENOMEM)
		return no_memory(problem);
	if (r != DANESTS_OK)
		return unreadable(store, STORE_SNAPSHOT, problem);
	store->folded = 0;
	if (state == SNAPSHOT_NONE)
		return DANESTS_OK;
	if (state != SNAPSHOT_FOREIGN)
		store->folded = snapshot_folded(s);
	if (state == SNAPSHOT_WHOLE) {
		store->snapshot = s;
		store->base = snapshot_count(s);
		return DANESTS_OK;
	}
	if (state == SNAPSHOT_DAMAGED)
		r = rescue(store, s, problem);
	else
		put_aside(store, STORE_SNAPSHOT, "foreign", "of another version of this program");
	snapshot_unref(s);
	return r;
}

/* ---- Journals ---- */

struct replay {
	struct store *store;
	struct journal *journal;
	bool no_memory;
};

static bool index_frame(void *arg, const struct journal_frame *frame)
{
	struct replay *replay = arg;
	char domain[DOMAIN_MAX + 1] = "";
	struct slot *slot;
	struct record r;

	if (frame->type == JOURNAL_PUT) {
		if (record_view(&r, frame->payload, frame->len) != DANESTS_OK)
			return false;
		text_format(domain, sizeof(domain), "%s", r.domain);
	} else if (frame->type == JOURNAL_DEL && frame->len <= DOMAIN_MAX) {
		memcpy(domain, frame->payload, frame->len);
		if (record_domain(domain) != frame->len)
			return false;
	} else {
		return false;
	}
	slot = slot_for(replay->store, domain, strlen(domain));
	if (slot == NULL)
		replay->no_memory = true;
	else
		store_place(replay->store, slot, replay->journal, frame->offset, frame->len,
		    frame->type == JOURNAL_DEL);
	return true;
}

/* What follows the last whole frame was being written when the power went, or the
 * process was killed; or the file was cut. */
static void cut_tail(struct store *store, struct journal *j, const char *name,
    const struct journal_damage *damage)
{
	if (damage->tail == 0)
		return;
	if (!j->readonly && ftruncate(j->fd, (off_t)j->size) != 0)
		j->readonly = true;
	if (!damage->tail_zero)
		events_add(store->events, DANESTS_EVENT_CACHE_NOTE, "",
		    "%s/%s: the last %llu octets are no whole record and are cut off: something "
		    "was being written when it ended", store->dir_name, name,
		    (unsigned long long)damage->tail);
}

static void tell_damage(struct store *store, struct journal *j, const char *name,
    const struct journal_damage *damage)
{
	if (damage->gaps > 0) {
		store->fold_wanted = true;
		events_add(store->events, DANESTS_EVENT_CACHE_TROUBLE, "",
		    "%s/%s is damaged: %llu octets in %u places are lost; all other policies in "
		    "it stay in force", store->dir_name, name, (unsigned long long)damage->gap,
		    damage->gaps);
	}
	if (damage->error != 0) {
		j->readonly = j->unread = true;
		events_add(store->events, DANESTS_EVENT_CACHE_TROUBLE, "",
		    "%s/%s cannot be read to its end: %s", store->dir_name, name,
		    strerror(damage->error));
		return;
	}
	cut_tail(store, j, name, damage);
}

/* The last one was being made when it ended. Another was so when making it failed, and
 * to remove it; or something has cut it. */
static void remove_empty(struct store *store, const char *name, bool last)
{
	if (!last)
		events_add(store->events, DANESTS_EVENT_CACHE_TROUBLE, "",
		    "%s/%s ends before its first record: if it had any, they are lost",
		    store->dir_name, name);
	if (store->lock >= 0)
		unlinkat(store->dir, name, 0);
}

/* Once more does no harm: the same words come again. */
static int replay_journal(struct store *store, struct journal *j, enum journal_state *state,
    struct journal_damage *damage)
{
	struct replay replay = { .store = store, .journal = j };
	struct journal_damage again;
	enum journal_state other;
	int r = journal_replay(j, index_frame, &replay, state, damage);

	for (int i = 1; r == DANESTS_OK && damage->error != 0 && i < READ_TRIES; i++) {
		r = journal_replay(j, index_frame, &replay, &other, &again);
		if (r == DANESTS_OK && (other == JOURNAL_WHOLE || *state != JOURNAL_WHOLE)) {
			*state = other;
			*damage = again;
		}
	}
	return r == DANESTS_OK && replay.no_memory ? DANESTS_ENOMEM : r;
}

static int take_journal(struct store *store, struct journal *j, const char *name, bool last,
    char problem[STORE_PROBLEM])
{
	struct journal_damage damage;
	enum journal_state state;

	if (replay_journal(store, j, &state, &damage) != DANESTS_OK)
		return no_memory(problem);
	if (state == JOURNAL_WHOLE) {
		tell_damage(store, j, name, &damage);
		return DANESTS_OK;
	}
	/* Nothing of it is known, and what it says may be the last word. */
	if (damage.error != 0) {
		errno = damage.error;
		return unreadable(store, name, problem);
	}
	if (state == JOURNAL_FOREIGN)
		put_aside(store, name, "foreign", "not a journal of this version of this program");
	else if (state == JOURNAL_DAMAGED)
		put_aside(store, name, "damaged", "its beginning is damaged");
	else
		remove_empty(store, name, last);
	journal_free(j);
	return DANESTS_OK;
}

static int load_journal(struct store *store, uint64_t number, bool last, char problem[STORE_PROBLEM])
{
	char name[JOURNAL_NAME_MAX];
	struct journal *j;
	bool readonly;
	int fd;

	journal_name(name, number);
	/* A fold that was published, but ended before it had tidied up. */
	if (number <= store->folded) {
		if (store->lock >= 0)
			unlinkat(store->dir, name, 0);
		return DANESTS_OK;
	}
	fd = file_open_any(store->dir, name, &readonly);
	if (fd < 0)
		return unreadable(store, name, problem);
	if (journal_adopt(&j, fd, number, readonly || store->lock < 0) != DANESTS_OK) {
		file_close(fd);
		return no_memory(problem);
	}
	list_append(&store->journals, &j->node);
	return take_journal(store, j, name, last, problem);
}

int store_load(struct store *store, char problem[STORE_PROBLEM])
{
	struct buf numbers = {0};
	uint64_t number;
	size_t n;
	int r = load_snapshot(store, problem);

	if (r == DANESTS_OK && !store_list_journals(store, &numbers))
		r = unreadable(store, ".", problem);
	n = numbers.len / sizeof(number);
	store->next_number = store->folded + 1;
	for (size_t i = 0; r == DANESTS_OK && i < n; i++) {
		memcpy(&number, numbers.data + i * sizeof(number), sizeof(number));
		r = load_journal(store, number, i + 1 == n, problem);
		if (number >= store->next_number)
			store->next_number = number + 1;
	}
	buf_free(&numbers);
	return r;
}
