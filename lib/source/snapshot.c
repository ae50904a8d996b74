/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tinycdb maps the file and finds; it takes no harm from damage, but says "not found"
 * for most of it. What is ours: to know damage when we see it, and to get past it.
 *
 * The mapping is safe as long as nobody cuts the file: we only ever rename.
 */
#include "source/snapshot.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "danests.h"
#include "source/file.h"
#include "source/snapshot_impl.h"

#define CHECK_CHUNK ((size_t)64 * 1024)   /* read at a time to check the tables */
#define FORGET_STEP ((uint64_t)1024 * 1024) /* read in sequence, then unmapped */
#define RETIRE_STEP ((uint64_t)4 * 1024 * 1024)
#define SEARCH_STEP ((uint64_t)64 * 1024) /* octets searched between two pauses */

struct snapshot {
	struct cdb cdb;
	const uint8_t *mem;
	uint64_t size;       /* of the file */
	uint64_t end;        /* of the records */
	uint64_t count, folded;
	uint64_t retired;    /* octets that are given back */
	unsigned refs;
	int fd;
	bool mapped;
};

struct snapshot *snapshot_ref(struct snapshot *s)
{
	s->refs++;
	return s;
}

void snapshot_unref(struct snapshot *s)
{
	if (s == NULL || --s->refs > 0)
		return;
	if (s->mapped)
		cdb_free(&s->cdb);
	file_close(s->fd);
	free(s);
}

bool snapshot_retire(struct snapshot *s)
{
	if (s->refs > 1 || s->retired >= s->size)
		return false;
	if (s->mapped)
		cdb_free(&s->cdb);
	s->mapped = false;
	s->mem = NULL;
	s->end = 0;
	/* The pages the system keeps of it. To close the file would free all in one go. */
	(void)!posix_fadvise(s->fd, (off_t)s->retired, (off_t)RETIRE_STEP, POSIX_FADV_DONTNEED);
	s->retired += RETIRE_STEP;
	return true;
}

/* ---- Opening ---- */

/* Reads, rather than maps: a million entries have 16 MB of tables, which need not
 * stay in our memory for that. */
static bool sum_range(int fd, uint64_t from, uint64_t to, uint8_t *chunk, uint32_t *sum)
{
	size_t want;

	for (; from < to; from += want) {
		want = to - from < CHECK_CHUNK ? (size_t)(to - from) : CHECK_CHUNK;
		if (file_read(fd, chunk, want, from) != (ssize_t)want)
			return false;
		*sum = crc32c(*sum, chunk, want);
	}
	return true;
}

static bool tables_are_whole(int fd, const struct snapshot_trailer *t, uint8_t *chunk)
{
	uint32_t sum = 0;

	return sum_range(fd, t->tables, t->length, chunk, &sum) &&
	    sum_range(fd, 0, SNAPSHOT_HEADER, chunk, &sum) && sum == t->sum;
}

/* chunk NULL: the tables need no check. */
static enum snapshot_state examine(const struct snapshot *s, struct snapshot_trailer *t,
    uint8_t *chunk)
{
	uint8_t trailer[SNAPSHOT_TRAILER];

	if (s->size < SNAPSHOT_HEADER + SNAPSHOT_TRAILER ||
	    file_read(s->fd, trailer, sizeof(trailer), s->size - sizeof(trailer)) !=
	    (ssize_t)sizeof(trailer) || !snapshot_trailer_read(t, trailer)) {
		t->folded = 0;
		return SNAPSHOT_DAMAGED;
	}
	if (t->version != SNAPSHOT_VERSION)
		return SNAPSHOT_FOREIGN;
	if (t->length != s->size - sizeof(trailer) || t->tables < SNAPSHOT_HEADER ||
	    t->tables > t->length || (chunk != NULL && !tables_are_whole(s->fd, t, chunk)))
		return SNAPSHOT_DAMAGED;
	return SNAPSHOT_WHOLE;
}

/* A file too short or too long to be mapped holds no record. */
static void map_file(struct snapshot *s)
{
	if (s->size < SNAPSHOT_HEADER || s->size > UINT32_MAX || cdb_init(&s->cdb, s->fd) != 0)
		return;
	s->mapped = true;
	s->mem = cdb_get(&s->cdb, (unsigned)s->size, 0);
	s->end = s->mem == NULL ? 0 : s->size;
}

static int examine_and_map(struct snapshot *s, bool check, enum snapshot_state *state)
{
	struct snapshot_trailer t = {0};
	uint8_t *chunk = check ? malloc(CHECK_CHUNK) : NULL;

	if (check && chunk == NULL)
		return DANESTS_ENOMEM;
	*state = examine(s, &t, chunk);
	free(chunk);
	map_file(s);
	if (*state == SNAPSHOT_WHOLE && s->mem == NULL)
		return DANESTS_ECACHE;
	if (*state == SNAPSHOT_WHOLE) {
		s->end = t.tables;
		s->count = t.count;
	}
	/* Its own checksum is right whenever it is not zero. */
	s->folded = t.folded;
	return DANESTS_OK;
}

static int open_file(struct snapshot **out, int dir, const char *name, bool check,
    enum snapshot_state *state)
{
	struct snapshot *s;
	struct stat st;
	int r, fd = file_open(dir, name, O_RDONLY);

	if (fd < 0) {
		*state = SNAPSHOT_NONE;
		return errno == ENOENT ? DANESTS_OK : DANESTS_ECACHE;
	}
	s = calloc(1, sizeof(*s));
	if (s == NULL || fstat(fd, &st) != 0) {
		free(s);
		file_close(fd);
		return s == NULL ? DANESTS_ENOMEM : DANESTS_ECACHE;
	}
	s->fd = fd;
	s->refs = 1;
	s->size = (uint64_t)st.st_size;
	r = examine_and_map(s, check, state);
	if (r != DANESTS_OK) {
		snapshot_unref(s);
		return r;
	}
	*out = s;
	return DANESTS_OK;
}

int snapshot_open(struct snapshot **out, int dir, const char *name, enum snapshot_state *state)
{
	return open_file(out, dir, name, true, state);
}

int snapshot_open_new(struct snapshot **out, int dir, const char *name,
    enum snapshot_state *state)
{
	return open_file(out, dir, name, false, state);
}

uint64_t snapshot_bytes(const struct snapshot *s)
{
	return s == NULL ? 0 : s->size;
}

uint64_t snapshot_count(const struct snapshot *s)
{
	return s == NULL ? 0 : s->count;
}

uint64_t snapshot_folded(const struct snapshot *s)
{
	return s == NULL ? 0 : s->folded;
}

int snapshot_fd(const struct snapshot *s)
{
	return s->fd;
}

/* ---- Finding ---- */

/* Where the record is that the tables name for this hash; 0: none. */
static uint32_t place_of(const struct snapshot *s, uint32_t hash)
{
	const uint8_t *head = s->mem + hash % SNAPSHOT_TABLES * 8, *p;
	uint32_t table = le_get32(head), places = le_get32(head + 4);
	uint32_t at = places == 0 ? 0 : (hash >> 8) % places;

	if (table < s->end || (uint64_t)table + (uint64_t)places * 8 > s->size)
		return 0;
	for (uint32_t i = 0; i < places; i++) {
		p = s->mem + table + (size_t)at * 8;
		if (le_get32(p + 4) == 0 || le_get32(p) == hash)
			return le_get32(p + 4);
		at = at + 1 == places ? 0 : at + 1;
	}
	return 0;
}

bool snapshot_has(const struct snapshot *s, const char *domain, size_t len)
{
	return s != NULL && place_of(s, cdb_hash(domain, (unsigned)len)) != 0;
}

/* Is the key there not even one that belongs there? */
static bool key_is_damaged(const struct snapshot *s, uint32_t hash)
{
	uint64_t at = place_of(s, hash), key_len;

	if (at == 0)
		return false;
	if (at + 8 > s->end)
		return true;
	key_len = le_get32(s->mem + at);
	return at + 8 + key_len > s->end || cdb_hash(s->mem + at + 8, (unsigned)key_len) != hash;
}

bool snapshot_find(struct snapshot *s, const char *domain, size_t len, struct record *out,
    bool *damaged)
{
	struct record r;
	int found;

	*damaged = false;
	if (s == NULL)
		return false;
	found = cdb_find(&s->cdb, domain, (unsigned)len);
	if (found == 0) {
		*damaged = key_is_damaged(s, cdb_hash(domain, (unsigned)len));
		return false;
	}
	if (found < 0 ||
	    record_read(&r, cdb_getdata(&s->cdb), cdb_datalen(&s->cdb)) != DANESTS_OK ||
	    strlen(r.domain) != len || memcmp(r.domain, domain, len) != 0) {
		*damaged = true;
		return false;
	}
	*out = r;
	return true;
}

/* ---- One after the other ---- */

/* The key may be damaged: the value names its domain, too, under its checksum. */
static bool item_at(const struct snapshot *s, uint64_t at, struct snapshot_item *out)
{
	const uint8_t *p = s->mem + at;
	uint32_t key_len, len;

	if (s->end - at < 8)
		return false;
	key_len = le_get32(p);
	len = le_get32(p + 4);
	if (key_len < 1 || key_len > DOMAIN_MAX || len < RECORD_HEAD || len > RECORD_MAX ||
	    s->end - at < 8 + (uint64_t)key_len + len)
		return false;
	out->bytes = p + 8 + key_len;
	out->len = len;
	out->offset = at + 8 + key_len;
	if (record_read(&out->record, out->bytes, len) != DANESTS_OK ||
	    strlen(out->record.domain) != key_len)
		return false;
	out->key_damaged = memcmp(p + 8, out->record.domain, key_len) != 0;
	return true;
}

/* What was read in sequence need not stay mapped: it would count as ours. */
static void forget_behind(const struct snapshot *s, const struct snapshot_place *place,
    uint64_t before)
{
	uint64_t from = before / FORGET_STEP * FORGET_STEP;
	uint64_t to = place->at / FORGET_STEP * FORGET_STEP;

	if (to > from)
		madvise((void *)(uintptr_t)(s->mem + from), (size_t)(to - from), MADV_DONTNEED);
}

enum snapshot_step snapshot_next(struct snapshot *s, struct snapshot_place *place,
    struct snapshot_item *out)
{
	uint64_t stop, before = place->at;

	if (place->at < SNAPSHOT_HEADER)
		place->at = SNAPSHOT_HEADER;
	stop = place->at + SEARCH_STEP;
	for (; s != NULL && place->at < s->end; place->at++, place->gap++) {
		if (item_at(s, place->at, out)) {
			place->at = out->offset + out->len;
			forget_behind(s, place, before);
			return SNAPSHOT_RECORD;
		}
		if (place->at >= stop)
			return SNAPSHOT_PAUSE;
	}
	return SNAPSHOT_END;
}
