/* SPDX-License-Identifier: BSD-2-Clause */
/* A line of the control socket, checked: see ctl/proto.h. */
#ifndef CTL_REQUEST_H
#define CTL_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "danests.h"

#define REQUEST_PROBLEM 256

enum request_do {
	REQUEST_STATUS, REQUEST_LIST, REQUEST_EXPORT, REQUEST_GET, REQUEST_PURGE, REQUEST_IMPORT,
	REQUEST_SYNC, REQUEST_OVERRIDES, REQUEST_EXPLAIN, REQUEST_ANSWER, REQUEST_COUNT
};

struct request {
	enum request_do what;
	bool all, replace;
	int mode;                 /* enum danests_sts_state; -1: any */
	const char *name;         /* get: domain; list: suffix; explain: name; or NULL */
	const json_t *names;      /* answer: names; purge: domains; strings all; or NULL */
	struct danests_held held; /* import */
	json_t *root;             /* what owns the strings ... */
	struct buf bytes;         /* ... but for a text in hexadecimal */
};

/* EX_OK, EX_USAGE (no request), EX_DATAERR (no record), EX_OSERR (memory): then
 * problem[] says what is wrong, in printable ASCII, and out is empty. */
int request_read(struct request *out, const char *line, size_t len,
    char problem[REQUEST_PROBLEM]);

void request_free(struct request *request); /* a zeroed one is fine */

#endif
