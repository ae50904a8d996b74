/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of danests cache share. */
#ifndef CACHE_H
#define CACHE_H

#include <sys/types.h>
#include <time.h>

#include "tools/control.h"

/* A call of danests cache: what options and arguments said. */
struct cache {
	struct control control;
	bool json, all, replace, partial;
	const char *mode;   /* or NULL */
	const char *format; /* of export: "json", "postfix" or "cdb" */
	const char *out;    /* of export: a file; NULL: stdout */
	char **args;        /* up to NULL */
	char **own;         /* the same, where they are domains and ours to free; or NULL */
};

/* Each with the service connected; an exit code. */
int cache_list(struct cache *cache);
int cache_get(struct cache *cache);
int cache_purge(struct cache *cache);
int cache_export(struct cache *cache);
int cache_table(struct cache *cache); /* export, for Postfix */
int cache_import(struct cache *cache);

/* Every line of an answer but the last; a code that is not EX_OK ends it. The last line
 * is the caller's when out is not NULL. */
typedef int cache_line_fn(void *arg, const json_t *line);
int cache_lines(struct cache *cache, json_t *request, cache_line_fn *fn, void *arg, json_t **out);

/* list or export, with the options that choose policies. */
json_t *cache_request(const struct cache *cache, const char *what);

/*
 * A file that is not there before it is whole: written aside, synced, renamed. One that
 * is replaced leaves its mode and, where that is allowed, its owner to the new one; a
 * symbolic link stays, and what it leads to is replaced. What is no regular file, such
 * as a device or a pipe, is written to.
 */
struct aside {
	char *path;      /* where no symbolic link is left; NULL: written to directly */
	char *temporary; /* NULL: there is none */
	int fd;
};
/* mode is for a file that is new. EX_OK, EX_CANTCREAT: errno */
int aside_open(struct aside *aside, const char *path, mode_t mode);
int aside_commit(struct aside *aside);                  /* EX_OK, EX_IOERR: errno */
void aside_abort(struct aside *aside);                  /* after a commit too */

/* Times as people say them: "6d 23h", "in 5m", "3h ago". Both at most 12 long. */
#define CACHE_WORDS 16
void cache_span(char out[CACHE_WORDS], int64_t seconds);
void cache_when(char out[CACHE_WORDS], const char *moment, time_t now);

#endif
