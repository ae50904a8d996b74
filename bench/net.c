/* SPDX-License-Identifier: BSD-2-Clause */
#include "net.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

union address {
	struct sockaddr sa;
	struct sockaddr_un un;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t unix_address(union address *out, const char *path)
{
	if (strlen(path) >= sizeof(out->un.sun_path))
		errx(EX_USAGE, "%s: path too long for a unix socket", path);
	out->un.sun_family = AF_UNIX;
	memcpy(out->un.sun_path, path, strlen(path) + 1);
	return sizeof(out->un);
}

static socklen_t inet_address(union address *out, const char *text)
{
	const char *colon = strrchr(text, ':');
	char host[64];
	size_t len = colon == NULL ? 0 : (size_t)(colon - text);
	uint16_t port;

	if (len == 0 || len >= sizeof(host))
		errx(EX_USAGE, "inet:%s: not HOST:PORT", text);
	port = htons((uint16_t)net_number("port", colon + 1, 1, 65535));
	if (text[0] == '[' && text[len - 1] == ']') {
		memcpy(host, text + 1, len - 2);
		host[len - 2] = '\0';
		out->in6.sin6_family = AF_INET6;
		out->in6.sin6_port = port;
		if (inet_pton(AF_INET6, host, &out->in6.sin6_addr) != 1)
			errx(EX_USAGE, "%s: not an IPv6 address", host);
		return sizeof(out->in6);
	}
	memcpy(host, text, len);
	host[len] = '\0';
	out->in.sin_family = AF_INET;
	out->in.sin_port = port;
	if (inet_pton(AF_INET, host, &out->in.sin_addr) != 1)
		errx(EX_USAGE, "%s: not an IPv4 address", host);
	return sizeof(out->in);
}

static socklen_t address(union address *out, const char *endpoint)
{
	memset(out, 0, sizeof(*out));
	if (strncmp(endpoint, "unix:", 5) == 0)
		return unix_address(out, endpoint + 5);
	if (strncmp(endpoint, "inet:", 5) == 0)
		return inet_address(out, endpoint + 5);
	errx(EX_USAGE, "%s: neither unix:PATH nor inet:HOST:PORT", endpoint);
}

int net_connect(const char *endpoint)
{
	union address to;
	socklen_t len = address(&to, endpoint);
	int fd = socket(to.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, &to.sa, len) != 0)
		err(EX_UNAVAILABLE, "%s", endpoint);
	net_nodelay(fd);
	return fd;
}

int net_listen(const char *endpoint)
{
	union address at;
	socklen_t len = address(&at, endpoint);
	int fd = socket(at.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	if (at.sa.sa_family == AF_UNIX)
		(void)unlink(at.un.sun_path);
	else if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, &at.sa, len) != 0 || listen(fd, 4096) != 0)
		err(EX_UNAVAILABLE, "%s", endpoint);
	return fd;
}

void net_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		err(EX_OSERR, "fcntl");
}

void net_nodelay(int fd)
{
	int one = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

void net_raise_nofile(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int64_t net_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

uint64_t net_number(const char *what, const char *text, uint64_t min, uint64_t max)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || *text == '-' ||
	    value < min || value > max)
		errx(EX_USAGE, "%s %s: not a number from %llu to %llu", what, text,
		    (unsigned long long)min, (unsigned long long)max);
	return value;
}

int64_t net_seconds(const char *what, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end != '\0' || !(value >= 0.001 && value <= 86400))
		errx(EX_USAGE, "%s %s: not a time in seconds", what, text);
	return (int64_t)(value * 1e9);
}
