/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One journal file: frames behind a header, each with a checksum, replayed from the
 * first to the last. Every file has a random number of its own in all its checksums:
 * what an older file left on the disk is never taken for a frame of this one.
 */
#ifndef SOURCE_JOURNAL_H
#define SOURCE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/list.h"
#include "source/record.h"

#define JOURNAL_NAME_MAX 32
#define JOURNAL_HEADER 64u     /* octets: the same 32 twice, for one may be damaged */
#define JOURNAL_FRAME 13u      /* octets of a frame before its payload */

struct journal {
	struct list node;      /* the store's, in the order of number */
	int fd;
	uint64_t number;
	uint32_t salt;
	uint64_t size;         /* durable octets: the next frame goes here */
	bool readonly;         /* nothing more is to be added */
	bool unread;           /* not all of it could be read: it must not be removed */
};

enum journal_type { JOURNAL_PUT = 1, JOURNAL_DEL = 2 };

/* A frame: of a PUT the bytes of a record, of a DEL a domain. */
struct journal_frame {
	enum journal_type type;
	const uint8_t *payload;
	size_t len;
	uint64_t offset;       /* of the payload */
};

/* "journal.7", and back: false for any other name. */
void journal_name(char out[JOURNAL_NAME_MAX], uint64_t number);
bool journal_number(const char *name, uint64_t *number);

/*
 * A new file, whose header and name are durable. DANESTS_OK; DANESTS_ECACHE with
 * errno, and no file; DANESTS_ENOMEM. Free it with journal_free().
 */
int journal_create(struct journal **out, int dir, uint64_t number) ATTR_MUST_CHECK;

/* Takes fd over. DANESTS_ENOMEM leaves it. Then journal_replay(). */
int journal_adopt(struct journal **out, int fd, uint64_t number, bool readonly) ATTR_MUST_CHECK;
void journal_free(struct journal *j); /* closes the file; NULL is fine */

enum journal_state {
	JOURNAL_WHOLE,    /* though perhaps with gaps and a cut end: see the damage */
	JOURNAL_EMPTY,    /* nothing was ever promised of it */
	JOURNAL_DAMAGED,  /* both headers are */
	JOURNAL_FOREIGN   /* of another program or version */
};

struct journal_damage {
	uint64_t gap;     /* octets between frames that are none */
	unsigned gaps;
	uint64_t tail;    /* octets after the last whole frame */
	bool tail_zero;   /* all of them 0: no data ever came */
	int error;        /* errno: it could not be read to the end */
};

/* false: the payload is none; it then counts as a gap. */
typedef bool journal_fn(void *arg, const struct journal_frame *frame);

/* Gives out all whole frames and sets salt and size. Changes nothing on disk.
 * DANESTS_OK or DANESTS_ENOMEM. */
int journal_replay(struct journal *j, journal_fn *fn, void *arg, enum journal_state *state,
    struct journal_damage *damage) ATTR_MUST_CHECK;

/* Adds a frame to bytes that are to be written to this journal. */
void journal_add(const struct journal *j, struct buf *out, enum journal_type type,
    const void *payload, size_t len);

/* Octets that a payload of this length takes. */
static inline size_t journal_cost(size_t len) { return JOURNAL_FRAME + len; }

/*
 * Write them and make them durable. DANESTS_OK; DANESTS_ECACHE with errno: then
 * nothing of it counts, the file ends where it did, or else is readonly now.
 */
int journal_append(struct journal *j, const struct buf *bytes) ATTR_MUST_CHECK;

/* len octets from there, or fewer where the file ends, into out, which is emptied
 * first. DANESTS_OK, DANESTS_ENOMEM, DANESTS_ECACHE with errno: the disk refuses. */
int journal_read(const struct journal *j, uint64_t offset, size_t len,
    struct buf *out) ATTR_MUST_CHECK;

#endif
