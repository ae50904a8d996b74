/* SPDX-License-Identifier: BSD-2-Clause */
/* A client of danestsd's control socket: ctl/proto.h. */
#ifndef CONTROL_H
#define CONTROL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "tools/tool.h"

struct control {
	const char *command;  /* for complaints: "cache" */
	const char *endpoint; /* NULL: the default */
	int fd;               /* -1: not connected */
	struct buf in;
	size_t used;          /* of in: lines that were handed out */
	char problem[TOOL_PROBLEM];
};

/* Both: EX_OK, or EX_UNAVAILABLE, EX_USAGE (endpoint), EX_OSERR with
 * problem[] in words: what to do about it, too. */
int control_connect(struct control *control);

/* Sends a request, which is taken over; NULL: memory was short. */
int control_send(struct control *control, json_t *request);

/* The next line of the answer, the caller's to free; NULL with problem[]. */
json_t *control_line(struct control *control);

/* Is this the last line? Then *code is EX_OK or the service's, with problem[]. */
bool control_is_last(struct control *control, const json_t *line, int *code);

/* A request and its last line, for those answered by nothing else. *code as above. */
json_t *control_call(struct control *control, json_t *request, int *code);

void control_close(struct control *control);

/* As tool_complain(), with problem[]; returns code. */
int control_complain(const struct control *control, int code);

/* A document for programs, indented, on stdout; value is taken over. EX_OK, EX_OSERR. */
int control_print_json(const char *command, json_t *value);

/* Did everything get out? EX_OK or code as it was; EX_IOERR. */
int control_flush(const char *command, int code);

#endif
