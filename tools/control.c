/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/control.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/endpoint.h"
#include "base/text.h"
#include "ctl/grow.h"
#include "ctl/proto.h"

#define CONTROL_TIMEOUT_MS 120000 /* a disk may be slow, a million policies many */
#define CONTROL_READ 65536
#define CONTROL_MAX_LINE (8 << 20) /* no service of ours sends a longer one */

static int fail(struct control *control, int code, const char *what)
{
	text_format(control->problem, sizeof(control->problem), "%s: %s", control->endpoint, what);
	return code;
}

/* Why nobody answers there, and what can be done about it. */
static int fail_connect(struct control *control, int error)
{
	if (error == EACCES || error == EPERM)
		return fail(control, EX_UNAVAILABLE, "only root may use it: try again as root");
	if (error == ENOENT || error == ECONNREFUSED)
		return fail(control, EX_UNAVAILABLE, "danestsd is not running, or its control socket is"
		    " elsewhere (--control)");
	return fail(control, EX_UNAVAILABLE, strerror(error));
}

int control_connect(struct control *control)
{
	struct endpoint ep;
	const char *why;
	int error;

	if (control->endpoint == NULL)
		control->endpoint = PROTO_DEFAULT;
	control->fd = -1;
	why = endpoint_parse(&ep, control->endpoint);
	if (why == NULL && ep.addr.ss_family != AF_UNIX)
		why = "the control socket is a unix socket, unix:PATH";
	if (why != NULL)
		return fail(control, EX_USAGE, why);
	control->fd = socket(ep.addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (control->fd < 0)
		return fail(control, EX_OSERR, strerror(errno));
	if (connect(control->fd, (struct sockaddr *)&ep.addr, ep.len) == 0)
		return EX_OK;
	error = errno;
	control_close(control);
	return fail_connect(control, error);
}

void control_close(struct control *control)
{
	if (control->fd >= 0)
		close(control->fd);
	control->fd = -1;
	buf_free(&control->in);
	control->used = 0;
}

int control_send(struct control *control, json_t *request)
{
	struct buf line = {0};
	size_t done = 0;
	int code = EX_OK;

	grow_line(&line, request);
	if (line.bad)
		code = fail(control, EX_OSERR, "out of memory");
	/* Its answer says why a service does not want to read on. */
	while (code == EX_OK && done < line.len) {
		ssize_t n = send(control->fd, line.data + done, line.len - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EPIPE)
			break;
		if (n < 0 && errno != EINTR)
			code = fail(control, EX_UNAVAILABLE, strerror(errno));
		if (n > 0)
			done += (size_t)n;
	}
	buf_free(&line);
	return code;
}

/* More octets. False: there are none, and problem[] says why. */
static bool read_more(struct control *control)
{
	struct pollfd pfd = { .fd = control->fd, .events = POLLIN };
	char *room;
	ssize_t n;

	buf_consume(&control->in, control->used);
	control->used = 0;
	room = control->in.len < CONTROL_MAX_LINE ? buf_room(&control->in, CONTROL_READ) : NULL;
	if (room == NULL) {
		fail(control, EX_OSERR, control->in.bad ? "out of memory" : "it sends a line without end");
		return false;
	}
	do {
		n = poll(&pfd, 1, CONTROL_TIMEOUT_MS);
		if (n > 0)
			n = read(control->fd, room, CONTROL_READ);
		else if (n == 0)
			errno = ETIMEDOUT, n = -1;
	} while (n < 0 && errno == EINTR);
	if (n <= 0) {
		fail(control, EX_UNAVAILABLE, n == 0 ? "danestsd closed the connection" :
		    strerror(errno));
		return false;
	}
	control->in.len += (size_t)n;
	return true;
}

json_t *control_line(struct control *control)
{
	size_t seen = control->used;
	char *end = NULL;
	json_error_t error;
	json_t *line;

	for (;;) {
		if (control->in.len > seen)
			end = memchr(control->in.data + seen, '\n', control->in.len - seen);
		if (end != NULL)
			break;
		seen = control->in.len - control->used;
		if (!read_more(control))
			return NULL;
	}
	seen = control->used;
	control->used = (size_t)(end + 1 - control->in.data);
	line = json_loadb(control->in.data + seen, control->used - 1 - seen, 0, &error);
	if (!json_is_object(line)) {
		fail(control, EX_UNAVAILABLE, "what came back is no answer of danestsd's control socket");
		json_decref(line);
		return NULL;
	}
	return line;
}

bool control_is_last(struct control *control, const json_t *line, int *code)
{
	const char *reason = json_string_value(json_object_get(line, "reason"));

	*code = EX_OK;
	if (json_object_get(line, "ok") != NULL)
		return true;
	if (json_object_get(line, "error") == NULL)
		return false;
	*code = (int)json_integer_value(json_object_get(line, "code"));
	if (*code < EX__BASE || *code > EX__MAX)
		*code = EX_UNAVAILABLE;
	text_format(control->problem, sizeof(control->problem), "%s",
	    reason != NULL ? reason : "refused");
	return true;
}

json_t *control_call(struct control *control, json_t *request, int *code)
{
	json_t *line;

	*code = control_send(control, request);
	if (*code != EX_OK)
		return NULL;
	line = control_line(control);
	if (line == NULL)
		*code = EX_UNAVAILABLE;
	else if (!control_is_last(control, line, code))
		*code = fail(control, EX_UNAVAILABLE, "what came back is no answer to this request");
	if (*code == EX_OK)
		return line;
	json_decref(line);
	return NULL;
}

int control_complain(const struct control *control, int code)
{
	tool_complain(control->command, "%s", control->problem);
	return code;
}

int control_print_json(const char *command, json_t *value)
{
	char *text = value != NULL ? json_dumps(value, JSON_INDENT(2) | JSON_ENSURE_ASCII) : NULL;
	int code = EX_OK;

	if (text != NULL) {
		puts(text);
	} else {
		tool_complain(command, "out of memory");
		code = EX_OSERR;
	}
	free(text);
	json_decref(value);
	return code;
}

int control_flush(const char *command, int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	tool_complain(command, "standard output: %s", strerror(errno));
	return EX_IOERR;
}
