/* SPDX-License-Identifier: BSD-2-Clause */
/* A table that Postfix reads itself, while it is made. */
#ifndef CACHE_TABLE_H
#define CACHE_TABLE_H

#include <stdbool.h>

#include "tools/cache.h"

struct table {
	struct cache *cache;
	json_t *names;     /* to be asked for: an object, each with when its policy expires */
	json_t *again;     /* of those, the ones that had no answer */
	json_t *rows;      /* key: what Postfix is told */
	const char *first; /* when the first of them expires; or NULL */
	size_t absent;     /* without a policy, or with one that says so */
};

/* Complain, as an exit code. */
int table_complain(const struct table *table, int code);

/* As text, or in the format of cdb. EX_OK, or errno tells. */
int table_write_text(const struct table *table, int fd);
int table_write_cdb(const struct table *table, int fd);

#endif
