/* SPDX-License-Identifier: BSD-2-Clause */
/* What the subcommands of danests share. */
#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attr.h"
#include "base/buf.h"
#include "danests.h"

struct json_t;

/* Each subcommand: argv[0] is "danests" and its own name, as getopt's messages
 * begin. Returns a sysexits.h code. */
int query_main(int argc, char **argv);
int cache_main(int argc, char **argv);
int status_main(int argc, char **argv);
int lint_main(int argc, char **argv);
int verify_main(int argc, char **argv);
int check_main(int argc, char **argv);

/* "danests query: ..." on stderr, safe for a terminal. */
void tool_complain(const char *command, const char *fmt, ...) ATTR_PRINTF(2, 3);

void tool_version(void);

/*
 * All of a file, or of standard input for "-", into an empty *out; of more than max octets
 * only max + 1. EX_OK; or, with a complaint, EX_NOINPUT, EX_IOERR, EX_OSERR.
 */
int tool_read_file(const char *command, const char *path, size_t max, struct buf *out);

#define TOOL_PROBLEM 512 /* room for what went wrong, in words */

/* The context as danestsd would set it up, from "name=value" options; also the
 * helper program of a build tree. 0, or an exit code: tool_direct_option() has
 * complained then, tool_direct_open() tells the caller. */
struct tool_direct {
	danests *ctx;
	struct danests_postfix postfix;
};
int tool_direct_option(struct tool_direct *direct, const char *command, const char *option);
int tool_direct_open(struct tool_direct *direct, char problem[TOOL_PROBLEM]);

/*
 * Ask a socketmap server. DANESTS_OK with the whole reply in *reply; or
 * DANESTS_EINVAL (endpoint), DANESTS_ENOMEM, DANESTS_ESYSTEM (connect, time-out,
 * closed, garbage) with problem[] in words.
 */
struct ask_server {
	const char *endpoint; /* unix:PATH, inet:HOST:PORT */
	int fd;               /* -1: not connected */
	int timeout_ms;
};
int ask_connect(struct ask_server *server, char problem[TOOL_PROBLEM]);
int ask_map(struct ask_server *server, const char *map, const char *key, struct buf *reply,
    char problem[TOOL_PROBLEM]);
void ask_close(struct ask_server *server);

/* One name, and what came of it. Zeroed, but for the name, to begin with. */
struct outcome {
	const char *name;       /* as given: octets of any kind */
	struct buf reply;       /* of the socketmap protocol; octets of any kind */
	struct buf meaning;     /* of the reply, in one line of plain words */
	const char *level;      /* --direct: danests_postfix_level(); or NULL */
	bool explained;         /* what follows is known */
	struct json_t *why;     /* what it rests on; NULL: not a name to look up */
};
void outcome_free(struct outcome *out);

/* Fills in the meaning of the reply, and says what Postfix does with mail. */
enum outcome_kind {
	OUTCOME_GOES,  /* it is sent, protected or not */
	OUTCOME_WAITS, /* it stays in the queue */
	OUTCOME_BROKEN /* that was no reply of the protocol */
};
enum outcome_kind outcome_judge(struct outcome *out);

/* For people: octets of any kind become printable ASCII. */
void print_outcome(const struct outcome *out);
void print_line(const char *fmt, ...) ATTR_PRINTF(1, 2);

/*
 * For programs. Text that is not UTF-8 is no JSON: such octets become \xHH. All
 * return NULL when memory is short.
 */
struct json_t *value_outcome(const struct outcome *out);
/* What a policy rests on, as the control socket's explain has it. */
struct json_t *value_of_policy(const danests_policy *policy, int64_t us);
/* A name that was not answered: error is a token, reason says it in words. */
struct json_t *value_failure(const char *name, const char *error, const char *reason);

#endif
