/* SPDX-License-Identifier: BSD-2-Clause */
/* A socketmap client, as Postfix is one: socketmap_table(5). */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/endpoint.h"
#include "base/text.h"
#include "tools/tool.h"

#define ASK_MAX_REPLY 100000 /* what Postfix would read */

static const char no_memory[] = "out of memory";

int ask_connect(struct ask_server *server, char problem[TOOL_PROBLEM])
{
	struct endpoint ep;
	const char *why;

	server->fd = -1;
	why = endpoint_parse(&ep, server->endpoint);
	if (why != NULL) {
		text_format(problem, TOOL_PROBLEM, "%s: %s", server->endpoint, why);
		return DANESTS_EINVAL;
	}
	server->fd = socket(ep.addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server->fd < 0 || connect(server->fd, (struct sockaddr *)&ep.addr, ep.len) != 0) {
		text_format(problem, TOOL_PROBLEM, "%s: %s", server->endpoint, strerror(errno));
		ask_close(server);
		return DANESTS_ESYSTEM;
	}
	return DANESTS_OK;
}

void ask_close(struct ask_server *server)
{
	if (server->fd >= 0)
		close(server->fd);
	server->fd = -1;
}

/* Wait for the descriptor until the deadline. */
static bool ask_wait(int fd, short events, int64_t deadline)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int64_t left;
	int r;

	do {
		left = deadline - clock_mono_ms();
		r = poll(&pfd, 1, left > 0 ? (int)left : 0);
	} while (r < 0 && errno == EINTR);
	return r > 0;
}

static bool ask_write(struct ask_server *server, const struct buf *request, int64_t deadline)
{
	size_t done = 0;

	while (done < request->len) {
		ssize_t n;

		if (!ask_wait(server->fd, POLLOUT, deadline))
			return false;
		n = send(server->fd, request->data + done, request->len - done, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return false;
		if (n > 0)
			done += (size_t)n;
	}
	return true;
}

/*
 * The payload of the netstring in in[0..len): 1 whole, 0 more is needed, -1 it is
 * none.
 */
static int ask_frame(const char *in, size_t len, size_t *start, size_t *payload)
{
	size_t digits = 0;
	uint64_t n;

	while (digits < len && digits < 7 && text_is_digit(in[digits]))
		digits++;
	if (digits == len && digits < 7)
		return 0;
	if (!text_number(in, digits, 0, ASK_MAX_REPLY, &n) || in[digits] != ':')
		return -1;
	if (len < digits + 1 + n + 1)
		return 0;
	if (in[digits + 1 + n] != ',')
		return -1;
	*start = digits + 1;
	*payload = (size_t)n;
	return 1;
}

static const char *ask_read(struct ask_server *server, struct buf *reply, int64_t deadline)
{
	struct buf in = {0};
	const char *why = NULL;
	size_t start = 0, payload = 0;
	int whole = 0;

	while (why == NULL && whole == 0) {
		char *room = buf_room(&in, 4096);
		ssize_t n;

		if (room == NULL) {
			why = no_memory;
		} else if (!ask_wait(server->fd, POLLIN, deadline)) {
			why = "no reply in time";
		} else if ((n = read(server->fd, room, 4096)) == 0) {
			why = "the server closed the connection";
		} else if (n > 0) {
			in.len += (size_t)n;
			whole = ask_frame(in.data, in.len, &start, &payload);
		} else if (errno != EINTR) {
			why = strerror(errno);
		}
	}
	if (whole < 0)
		why = "what came back is no socketmap reply";
	if (whole > 0) {
		buf_add(reply, in.data + start, payload);
		why = reply->bad ? no_memory : NULL;
	}
	buf_free(&in);
	return why;
}

int ask_map(struct ask_server *server, const char *map, const char *key, struct buf *reply,
    char problem[TOOL_PROBLEM])
{
	int64_t deadline = clock_mono_ms() + server->timeout_ms;
	const char *why = "no reply in time";
	struct buf request = {0};

	buf_printf(&request, "%zu:%s %s,", strlen(map) + 1 + strlen(key), map, key);
	if (request.bad)
		why = no_memory;
	else if (ask_write(server, &request, deadline))
		why = ask_read(server, reply, deadline);
	buf_free(&request);
	if (why == NULL)
		return DANESTS_OK;
	text_format(problem, TOOL_PROBLEM, "%s: %s", server->endpoint, why);
	return why == no_memory ? DANESTS_ENOMEM : DANESTS_ESYSTEM;
}
