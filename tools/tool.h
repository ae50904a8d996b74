/* SPDX-License-Identifier: BSD-2-Clause */
/* What the subcommands of danests share. */
#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "danests.h"

/* Each subcommand: argv[0] is its own name. Returns a sysexits.h code. */
int query_main(int argc, char **argv);

/* "danests query: ..." on stderr. */
void tool_complain(const char *command, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* The context as danestsd would set it up, from "name=value" options; also the
 * helper program of a build tree. 0, or an exit code after complaining. */
struct tool_direct {
	danests *ctx;
	struct danests_postfix postfix;
};
int tool_direct_option(struct tool_direct *direct, const char *command, const char *option);
int tool_direct_open(struct tool_direct *direct, const char *command);

/*
 * Ask a socketmap server. DANESTS_OK with the whole reply in *reply; or
 * DANESTS_EINVAL (endpoint), DANESTS_ESYSTEM (connect, time-out, closed,
 * garbage) with problem[] in words.
 */
#define ASK_PROBLEM 256
struct ask_server {
	const char *endpoint; /* unix:PATH, inet:HOST:PORT */
	int fd;               /* -1: not connected */
	int timeout_ms;
};
int ask_connect(struct ask_server *server, char problem[ASK_PROBLEM]);
int ask_map(struct ask_server *server, const char *map, const char *key, struct buf *reply,
    char problem[ASK_PROBLEM]);
void ask_close(struct ask_server *server);

/* One policy with its reply, as text or as a JSON value. */
struct json_t;
void print_policy(const danests_policy *policy);
struct json_t *print_policy_json(const char *name, const danests_policy *policy,
    const char *reply, const char *level);

#endif
