/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the library said of a nexthop, until what that rests on expires: the memo
 * of a pure function, so that a warm question costs one look-up in a table.
 *
 * Most domains have no policy. Such an entry is one allocation of some fifty
 * octets and the key; replies that are the same for everybody are not stored.
 */
#ifndef PLUGIN_MEMO_H
#define PLUGIN_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/map.h"
#include "plugin/changes.h"

/* A client asks in one of two forms, and may get two replies. */
enum { MEMO_PLAIN, MEMO_TLSRPT, MEMO_FORMS };

/* What a value is worth when memory is short: the lowest goes first. */
enum memo_worth {
	MEMO_NOTHING, /* no policy: the next question finds out again */
	MEMO_FAILURE, /* asking again soon would trouble servers in trouble */
	MEMO_DANE,
	MEMO_STS      /* a fetch, and perhaps one that would fail today */
};

/* What part a local decision has in a value. */
enum memo_override {
	MEMO_FREE,     /* none */
	MEMO_SWITCHED, /* one mechanism is left out */
	MEMO_DECIDED   /* all of it: nothing was looked up */
};

/* A value with all its texts; they belong to whoever filled it. */
struct memo_value {
	time_t expires;
	struct changes_mark mark; /* of the domain, before it was found out; not in memo_read() */
	uint32_t ms;       /* how long the lookup took */
	uint16_t hosts;
	uint8_t worth;     /* enum memo_worth */
	uint8_t dane, sts; /* enum danests_dane, enum danests_sts_state */
	uint8_t settled;   /* dane, or what it was before it could not be known */
	uint8_t override;  /* enum memo_override */
	const char *level[MEMO_FORMS];  /* static: its level word */
	const char *token, *sts_id, *reason; /* "" when there is none */
	struct memo_reply {
		const char *data; /* framed, ready to be sent */
		size_t len;
	} reply[MEMO_FORMS];
};

struct memo_entry;

struct memo {
	struct map map;
	size_t bytes, limit; /* entries, as malloc(3) counts them; and tables */
	uint64_t random;
	const struct changes *changes;
};

/* What has changed since it was put holds no longer. changes stays the caller's. */
void memo_init(struct memo *memo, size_t limit, const struct changes *changes);
void memo_free(struct memo *memo);

/* What holds at this time; NULL when nothing does. Valid until memo_put(). */
struct memo_entry *memo_get(const struct memo *memo, const char *key, size_t len, time_t now);

/* What the table knows of a key, even when it holds no longer: for comparison. */
struct memo_entry *memo_known(const struct memo *memo, const char *key, size_t len);

/*
 * Remember value instead of what was known. The entry, or NULL when there is no
 * room for it: what is worth more is not given up for it. At most a fixed number
 * of other entries are looked at.
 */
struct memo_entry *memo_put(struct memo *memo, const char *key, size_t len,
    const struct memo_value *value, time_t now);

/* The reply of an entry. */
struct memo_reply memo_reply(const struct memo_entry *entry, int form);

/* Of that reply: enum level. */
uint8_t memo_level(const struct memo_entry *entry, int form);

/* Of that entry: enum memo_override. */
uint8_t memo_override(const struct memo_entry *entry);

/* All of an entry; the texts live as long as the entry does. */
void memo_read(const struct memo_entry *entry, struct memo_value *out);

/* When this was last written to the log. */
time_t memo_logged(const struct memo_entry *entry);
void memo_set_logged(struct memo_entry *entry, time_t when);

size_t memo_bytes(const struct memo *memo);

#endif
