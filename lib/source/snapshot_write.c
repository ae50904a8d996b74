/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A writer of its own, because cdb_make_finish() writes all tables in one go: 20 ms
 * and more for a million entries, while nothing else would be done. The file is one
 * that every reader of constant databases takes.
 */
#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "danests.h"
#include "source/file.h"
#include "source/snapshot.h"
#include "source/snapshot_impl.h"

#define WRITER_BUFFER ((size_t)64 * 1024)
#define WRITER_CHUNK 255  /* places in a chunk: 2 KiB */

struct chunk {
	struct chunk *next;
	uint32_t hash[WRITER_CHUNK], at[WRITER_CHUNK];
};

struct list_of_places {
	struct chunk *first;     /* the newest, which alone may have room */
	uint32_t count;
};

struct snapshot_writer {
	int fd;
	uint8_t *buffer;
	size_t used;
	uint64_t flushed, synced;
	uint64_t count;
	uint32_t tables;         /* where they begin; 0: still adding */
	uint32_t sum;
	unsigned table;          /* the next one */
	uint8_t header[SNAPSHOT_HEADER];
	struct list_of_places places[SNAPSHOT_TABLES];
};

void snapshot_writer_free(struct snapshot_writer *w)
{
	struct chunk *chunk, *next;

	if (w == NULL)
		return;
	for (size_t i = 0; i < SNAPSHOT_TABLES; i++) {
		for (chunk = w->places[i].first; chunk != NULL; chunk = next) {
			next = chunk->next;
			free(chunk);
		}
	}
	file_close(w->fd);
	free(w->buffer);
	free(w);
}

uint64_t snapshot_written(const struct snapshot_writer *w)
{
	return w->flushed + w->used;
}

uint64_t snapshot_unsynced(const struct snapshot_writer *w)
{
	return w->flushed - w->synced;
}

static bool put_buffer(struct snapshot_writer *w)
{
	if (!file_write(w->fd, w->buffer, w->used, w->flushed))
		return false;
	w->flushed += w->used;
	w->used = 0;
	return true;
}

static bool put(struct snapshot_writer *w, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t n;

	for (; len > 0; len -= n, p += n) {
		if (w->used == WRITER_BUFFER && !put_buffer(w))
			return false;
		n = WRITER_BUFFER - w->used < len ? WRITER_BUFFER - w->used : len;
		memcpy(w->buffer + w->used, p, n);
		w->used += n;
	}
	return true;
}

int snapshot_write(struct snapshot_writer **out, int dir, const char *name)
{
	struct snapshot_writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return DANESTS_ENOMEM;
	w->fd = -1;
	w->buffer = malloc(WRITER_BUFFER);
	if (w->buffer == NULL) {
		snapshot_writer_free(w);
		return DANESTS_ENOMEM;
	}
	unlinkat(dir, name, 0); /* what an earlier attempt left */
	w->fd = file_open(dir, name, O_RDWR | O_CREAT | O_EXCL);
	/* The header is known last. */
	if (w->fd < 0 || !put(w, w->header, sizeof(w->header))) {
		snapshot_writer_free(w);
		return DANESTS_ECACHE;
	}
	*out = w;
	return DANESTS_OK;
}

static bool remember(struct snapshot_writer *w, uint32_t hash, uint32_t at)
{
	struct list_of_places *list = &w->places[hash % SNAPSHOT_TABLES];
	uint32_t i = list->count % WRITER_CHUNK;
	struct chunk *chunk = list->first;

	if (i == 0) {
		chunk = malloc(sizeof(*chunk));
		if (chunk == NULL)
			return false;
		chunk->next = list->first;
		list->first = chunk;
	}
	chunk->hash[i] = hash;
	chunk->at[i] = at;
	list->count++;
	return true;
}

int snapshot_add(struct snapshot_writer *w, const char *domain, size_t domain_len,
    const void *bytes, size_t len)
{
	uint64_t at = snapshot_written(w);
	uint8_t head[8];

	if (at + (w->count + 1) * 16 + 8 + domain_len + len > SNAPSHOT_MAX) {
		errno = EFBIG;
		return DANESTS_ECACHE;
	}
	if (!remember(w, cdb_hash(domain, (unsigned)domain_len), (uint32_t)at))
		return DANESTS_ENOMEM;
	le_set32(head, (uint32_t)domain_len);
	le_set32(head + 4, (uint32_t)len);
	if (!put(w, head, sizeof(head)) || !put(w, domain, domain_len) || !put(w, bytes, len))
		return DANESTS_ECACHE;
	w->count++;
	return DANESTS_OK;
}

int snapshot_flush(struct snapshot_writer *w)
{
	if (!put_buffer(w) || fdatasync(w->fd) != 0)
		return DANESTS_ECACHE;
	w->synced = w->flushed;
	return DANESTS_OK;
}

/* Half of the places stay empty, so that a search ends soon. */
static void fill_table(const struct list_of_places *list, uint8_t *table)
{
	uint32_t places = list->count * 2, at, n = list->count;
	const struct chunk *chunk;

	for (chunk = list->first; chunk != NULL; chunk = chunk->next) {
		do {
			n--;
			at = (chunk->hash[n % WRITER_CHUNK] >> 8) % places;
			while (le_get32(table + (size_t)at * 8 + 4) != 0)
				at = at + 1 == places ? 0 : at + 1;
			le_set32(table + (size_t)at * 8, chunk->hash[n % WRITER_CHUNK]);
			le_set32(table + (size_t)at * 8 + 4, chunk->at[n % WRITER_CHUNK]);
		} while (n % WRITER_CHUNK != 0);
	}
}

int snapshot_table(struct snapshot_writer *w, bool *more)
{
	const struct list_of_places *list = &w->places[w->table];
	size_t len = (size_t)list->count * 2 * 8;
	uint8_t *table;
	bool ok;

	if (w->tables == 0)
		w->tables = (uint32_t)snapshot_written(w);
	le_set32(w->header + (size_t)w->table * 8, (uint32_t)snapshot_written(w));
	le_set32(w->header + (size_t)w->table * 8 + 4, list->count * 2);
	*more = ++w->table < SNAPSHOT_TABLES;
	if (len == 0)
		return DANESTS_OK;
	table = calloc(1, len);
	if (table == NULL)
		return DANESTS_ENOMEM;
	fill_table(list, table);
	w->sum = crc32c(w->sum, table, len);
	ok = put(w, table, len);
	free(table);
	return ok ? DANESTS_OK : DANESTS_ECACHE;
}

int snapshot_finish(struct snapshot_writer *w, uint64_t folded)
{
	struct snapshot_trailer t = {
		.length = snapshot_written(w), .count = w->count, .folded = folded,
		.tables = w->tables, .version = SNAPSHOT_VERSION,
		.sum = crc32c(w->sum, w->header, sizeof(w->header)),
	};
	uint8_t trailer[SNAPSHOT_TRAILER];

	snapshot_trailer_write(&t, trailer);
	if (!put(w, trailer, sizeof(trailer)) || !put_buffer(w) ||
	    !file_write(w->fd, w->header, sizeof(w->header), 0) || fsync(w->fd) != 0)
		return DANESTS_ECACHE;
	w->synced = w->flushed;
	return DANESTS_OK;
}
