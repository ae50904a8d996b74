/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/probe.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "tools/probe_impl.h"

static const struct {
	const char *name, *awaited;
} stages[] = {
	[PROBE_CONNECT] = { "connect", "the connection" },
	[PROBE_GREETING] = { "greeting", "the greeting" },
	[PROBE_EHLO] = { "EHLO", "the reply to EHLO" },
	[PROBE_STARTTLS] = { "STARTTLS", "the reply to STARTTLS" },
	[PROBE_TLS] = { "TLS handshake", "the TLS handshake" },
	[PROBE_DONE] = { "done", "the end" },
};

static const struct {
	int error;
	const char *words;
} errors[] = {
	{ ECONNREFUSED, "connection refused" },
	{ ECONNRESET, "connection reset" },
	{ EPIPE, "connection reset" },
	{ EHOSTUNREACH, "no route to the host" },
	{ ENETUNREACH, "network unreachable" },
	{ ENETDOWN, "network down" },
	{ ETIMEDOUT, "timed out" },
	{ EMFILE, "too many open files" },
	{ ENFILE, "too many open files in the system" },
	{ ENOMEM, "out of memory" },
	{ ENOBUFS, "out of memory" },
	{ EAFNOSUPPORT, "addresses of this kind are not supported here" },
	{ EADDRNOTAVAIL, "no address of our own to connect from" },
	{ EACCES, "not permitted here" },
	{ EPERM, "not permitted here" },
};

const char *probe_stage_name(enum probe_stage stage)
{
	return (unsigned int)stage < COUNT_OF(stages) ? stages[stage].name : "unknown";
}

const char *probe_errno(int error, char room[32])
{
	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		if (errors[i].error == error)
			return errors[i].words;
	}
	snprintf(room, 32, "system error %d", error);
	return room;
}

void probe_ends(struct probe *probe, enum probe_end end, const char *fmt, ...)
{
	char text[2 * PROBE_SAID];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	probe->end = end;
	text_printable(probe->said, sizeof(probe->said), text, strlen(text));
}

void probe_quote(char *out, size_t size, const char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	text_printable(out, size, text, len);
}

void probe_lost(struct probe *probe, const struct wire *wire)
{
	const char *awaited = stages[probe->stage].awaited;
	char room[32];

	switch (wire->state) {
	case WIRE_LATE:
		probe_ends(probe, PROBE_TIMEOUT, "timed out waiting for %s", awaited);
		break;
	case WIRE_FULL:
		probe_ends(probe, PROBE_GARBAGE, "more than 1 MiB came while waiting for %s",
		    awaited);
		break;
	case WIRE_LOCAL:
		probe_ends(probe, PROBE_LOCAL, "%s", probe_errno(wire->error, room));
		break;
	case WIRE_RESET:
		probe_ends(probe, PROBE_REFUSED, "%s while waiting for %s",
		    probe_errno(wire->error, room), awaited);
		break;
	default:
		probe_ends(probe, PROBE_REFUSED, "connection closed while waiting for %s", awaited);
		break;
	}
}

/*
 * What the other side or somebody on the way did, and what our own system did. The latter
 * fails at once: a network that is unreachable then is one that we have no route to, such
 * as all of IPv6 on many a machine, and says nothing of the server.
 */
static void not_connected(struct probe *probe, int error, bool at_once)
{
	enum probe_end end = PROBE_LOCAL;
	char room[32];

	if (error == ETIMEDOUT)
		end = PROBE_TIMEOUT;
	else if (error == ECONNREFUSED)
		end = PROBE_REFUSED;
	else if (!at_once && (error == EHOSTUNREACH || error == ENETUNREACH || error == ENETDOWN))
		end = PROBE_REFUSED;
	probe_ends(probe, end, "%s%s", probe_errno(error, room),
	    end == PROBE_LOCAL && error == ENETUNREACH ? " from here" : "");
}

static int new_socket(const struct probe *probe)
{
	int one = 1;
	int fd = socket(probe->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	/* Else a handshake waits for delayed acknowledgements. */
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static bool connect_to(struct probe *probe, struct wire *wire)
{
	socklen_t len = sizeof(int);
	int error = 0;

	wire->fd = new_socket(probe);
	if (wire->fd < 0) {
		not_connected(probe, errno, true);
		return false;
	}
	if (connect(wire->fd, (const struct sockaddr *)&probe->addr, probe->addr_len) == 0)
		return true;
	if (errno != EINPROGRESS && errno != EINTR) {
		not_connected(probe, errno, true);
		return false;
	}
	if (!wire_wait(wire, POLLOUT)) {
		probe_lost(probe, wire);
		return false;
	}
	if (getsockopt(wire->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	/* Was connected, and is reset already: what was said before may be there to be read. */
	if (error == ECONNRESET)
		error = 0;
	if (error != 0)
		not_connected(probe, error, false);
	return error == 0;
}

void probe_talk(struct probe *probe, struct wire *wire)
{
	if (probe->plain_tls || probe_smtp(probe, wire))
		probe_tls(probe, wire);
	else if (probe->end == PROBE_REPLY)
		probe_smtp_quit(wire);
}

static void forget(struct probe *probe)
{
	probe_free(probe);
	probe->stage = PROBE_CONNECT;
	probe->end = PROBE_OK;
	probe->said[0] = probe->greeting[0] = probe->unasked[0] = probe->tls[0] = '\0';
	probe->starttls = probe->mixed = probe->got_raw_key = false;
	probe->sent = 0;
	probe->ms = 0;
}

void probe_run(struct probe *probe)
{
	struct wire wire = { .ops = &wire_socket, .fd = -1 };
	int64_t start = clock_mono_ms();

	forget(probe);
	wire.deadline = start + probe->timeout_ms;
	if (connect_to(probe, &wire))
		probe_talk(probe, &wire);
	wire_is_known(&wire);
	probe->ms = (int)(wire.known - start);
	if (probe->stage > PROBE_CONNECT)
		wire_finish(&wire);
	if (wire.fd >= 0)
		close(wire.fd);
}

void probe_free(struct probe *probe)
{
	if (probe == NULL)
		return;
	free(probe->block);
	probe->block = NULL;
	memset(probe->chain, 0, sizeof(probe->chain));
	probe->count = 0;
}
