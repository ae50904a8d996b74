/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file of local decisions, danestsd.conf(5): what Postfix is told of a name,
 * whatever its owner has published; or which of the two mechanisms is left out.
 */
#ifndef PLUGIN_OVERRIDES_H
#define PLUGIN_OVERRIDES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OVERRIDES_PROBLEM 512

enum override_kind {
	OVERRIDE_REPLY,  /* this is the answer, and nothing is looked up */
	OVERRIDE_SWITCH  /* looked up as ever; one mechanism is left out */
};

struct override {
	enum override_kind kind;
	bool no_dane, no_sts;  /* OVERRIDE_SWITCH: at least one; never both */
	const char *level;     /* OVERRIDE_REPLY: its word for the log: "dane-only", "NOTFOUND" */
	const char *reply;     /* OVERRIDE_REPLY: a payload: "OK dane-only", "NOTFOUND " */
	size_t reply_len;
	uint32_t line;         /* of overrides_path() */
};

struct overrides;

/* A file, read whole and checked whole. On false problem[] says "file:line: what". */
bool overrides_read(struct overrides **out, const char *path, char problem[OVERRIDES_PROBLEM]);

/* The text of a whole file; path is its name in messages. */
bool overrides_parse(struct overrides **out, const char *path, const char *text, size_t len,
    char problem[OVERRIDES_PROBLEM]);

void overrides_free(struct overrides *overrides); /* NULL is fine */

/* At most so many entries of it. False: that was all, and it is gone. */
bool overrides_free_some(struct overrides *overrides, size_t count);

/* overrides_read() in pieces of about a millisecond, for a thread with other things to
 * do. On false, and on BAD, problem[] is filled in. DONE: *out is there. Whatever came of
 * it, the reader is the caller's to free; at any time. */
struct overrides_reader;
enum overrides_step { OVERRIDES_MORE, OVERRIDES_DONE, OVERRIDES_BAD };
bool overrides_begin(struct overrides_reader **out, const char *path,
    char problem[OVERRIDES_PROBLEM]);
enum overrides_step overrides_go_on(struct overrides_reader *reader, struct overrides **out,
    char problem[OVERRIDES_PROBLEM]);
void overrides_reader_free(struct overrides_reader *reader); /* NULL is fine */

/* A fingerprint of the file's text: the same one, the same overrides. NULL: 0, as that of
 * no other. */
uint64_t overrides_print(const struct overrides *overrides);

size_t overrides_count(const struct overrides *overrides); /* NULL: 0 */
const char *overrides_path(const struct overrides *overrides);

/* All of them, in no order: start with *cursor = 0 and after NULL, then after = the one
 * got last, until NULL. Key is as the file's left side, ".example.com" too; no NUL. */
const struct override *overrides_next(const struct overrides *overrides, size_t *cursor,
    const struct override *after, const char **key, size_t *key_len);

/*
 * What was decided for a nexthop, in the one spelling of danests_nexthop_key(): the
 * most specific entry, or NULL. One look-up in a table for each label at most, and
 * none at all without entries. It lives as long as overrides; NULL has none.
 */
const struct override *overrides_find(const struct overrides *overrides, const char *key,
    size_t key_len);

#endif
