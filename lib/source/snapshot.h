/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The snapshot: a constant database (tinycdb) of domain -> record, mapped into
 * memory, and behind it a trailer of ours. Each record has its checksum; the trailer
 * has one for the tables that lead to them. So opening reads the tables only, and
 * nothing damaged is ever given out.
 */
#ifndef SOURCE_SNAPSHOT_H
#define SOURCE_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "source/record.h"

#define SNAPSHOT_MAX UINT64_C(0xe0000000)  /* octets: a cdb counts them in 32 bits */

struct snapshot;

enum snapshot_state {
	SNAPSHOT_NONE,     /* no such file */
	SNAPSHOT_WHOLE,
	SNAPSHOT_DAMAGED,  /* cut, or changed: snapshot_next() gives what is left */
	SNAPSHOT_FOREIGN   /* of another version */
};

/* DANESTS_OK: *state says what it is, and unless NONE *out is it. DANESTS_ENOMEM;
 * DANESTS_ECACHE with errno: it cannot be read. */
int snapshot_open(struct snapshot **out, int dir, const char *name,
    enum snapshot_state *state) ATTR_MUST_CHECK;
/* The same of a file written just now: its tables are not read for a check. */
int snapshot_open_new(struct snapshot **out, int dir, const char *name,
    enum snapshot_state *state) ATTR_MUST_CHECK;
struct snapshot *snapshot_ref(struct snapshot *s);
void snapshot_unref(struct snapshot *s); /* NULL is fine */

/* To give up a large one takes the system a while: for one that only the caller holds,
 * and does not use any more, this does a piece of it; true while there is more. */
bool snapshot_retire(struct snapshot *s);

uint64_t snapshot_bytes(const struct snapshot *s);
uint64_t snapshot_count(const struct snapshot *s);
uint64_t snapshot_folded(const struct snapshot *s); /* up to this journal all is in it */
int snapshot_fd(const struct snapshot *s);

/* Only of a whole one. *out points into the mapping. *damaged: something should be
 * there, but is not what was written. */
bool snapshot_find(struct snapshot *s, const char *domain, size_t len, struct record *out,
    bool *damaged);

/* Reads the tables only. May say yes for a stranger, once in a few thousand. */
bool snapshot_has(const struct snapshot *s, const char *domain, size_t len);

/* Where a sequential reader is. Zeroed: at the beginning. */
struct snapshot_place {
	uint64_t at;
	uint64_t gap;      /* octets so far that were no record */
};

struct snapshot_item {
	struct record record;
	const uint8_t *bytes;
	size_t len;
	uint64_t offset;   /* of the bytes, in the file */
	bool key_damaged;  /* the record is whole, but snapshot_find() does not find it */
};

enum snapshot_step { SNAPSHOT_END, SNAPSHOT_RECORD, SNAPSHOT_PAUSE };

/* All records, also of a damaged one. PAUSE: a while was searched without finding one. */
enum snapshot_step snapshot_next(struct snapshot *s, struct snapshot_place *place,
    struct snapshot_item *out);

/* ---- Writing a new one, in small steps ---- */

struct snapshot_writer;

/* All: DANESTS_OK, DANESTS_ENOMEM, DANESTS_ECACHE with errno. */
int snapshot_write(struct snapshot_writer **out, int dir, const char *name) ATTR_MUST_CHECK;
int snapshot_add(struct snapshot_writer *w, const char *domain, size_t domain_len,
    const void *bytes, size_t len) ATTR_MUST_CHECK;
/* Makes durable what was written so far. */
int snapshot_flush(struct snapshot_writer *w) ATTR_MUST_CHECK;
/* One of the tables: as often as *more. */
int snapshot_table(struct snapshot_writer *w, bool *more) ATTR_MUST_CHECK;
/* Header, trailer; all of it is durable then, but not its name. */
int snapshot_finish(struct snapshot_writer *w, uint64_t folded) ATTR_MUST_CHECK;
void snapshot_writer_free(struct snapshot_writer *w); /* NULL is fine; the file stays */

uint64_t snapshot_written(const struct snapshot_writer *w); /* octets */
uint64_t snapshot_unsynced(const struct snapshot_writer *w);

/* Octets that a record costs: both lengths, and its place in a table. */
static inline uint64_t snapshot_cost(size_t domain_len, size_t len)
{
	return 8 + (uint64_t)domain_len + len + 16;
}

#endif
