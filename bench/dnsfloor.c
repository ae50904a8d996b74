/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A resolver that knows every name at once and vouches for none: the cheapest
 * way to a million domains without a policy. Any name has an MX host of its own
 * (mx.NAME), any host one IPv4 address, and nothing else exists; with -x no name
 * exists at all. With -p every domain has an MTA-STS policy, to be fetched there. AD is set on answers about the root only, so that a client which
 * tests its resolver is content. UDP and pipelined TCP, one thread.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "net.h"

enum {
	HEADER = 12, MESSAGE = 65535, ROOM = 1024, QUERY_MAX = 512, TTL = 86400,
	TYPE_A = 1, TYPE_NS = 2, TYPE_SOA = 6, TYPE_MX = 15, TYPE_TXT = 16, TYPE_DNSKEY = 48,
};

static const char sts_label[] = "\10_mta-sts", host_label[] = "\7mta-sts";
static const char sts_text[] = "\20v=STSv1; id=one;";

struct client {
	int fd;
	size_t len;
	uint8_t data[MESSAGE + 2];
};

static bool no_names;
static struct in_addr policy_host; /* 0.0.0.0: nobody has a policy */

struct out {
	uint8_t *at;
};

static void put(struct out *o, const void *data, size_t len)
{
	memcpy(o->at, data, len);
	o->at += len;
}

static void put16(struct out *o, unsigned v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(o, b, 2);
}

static void put32(struct out *o, uint32_t v)
{
	put16(o, v >> 16);
	put16(o, v & 0xffff);
}

/* The question's name (pointer), or the root, then type, class and TTL. */
static void put_owner(struct out *o, bool root, unsigned type)
{
	if (root)
		put(o, "", 1);
	else
		put16(o, 0xc000 | HEADER);
	put16(o, type);
	put16(o, 1);
	put32(o, TTL);
}

static void put_soa(struct out *o)
{
	int i;

	put_owner(o, true, TYPE_SOA);
	put16(o, 22);
	put(o, "\0", 2); /* both names: the root */
	for (i = 0; i < 5; i++)
		put32(o, TTL);
}

static bool starts(const uint8_t *name, const char *label)
{
	return policy_host.s_addr != 0 && memcmp(name, label, strlen(label)) == 0;
}

/* name: of the question, in a message with room behind it. */
static bool put_answer(struct out *o, const uint8_t *name, unsigned type)
{
	const struct in_addr any = { htonl(0xc0000201) };
	bool root = name[0] == 0;

	if (root && type == TYPE_SOA) {
		put_soa(o);
	} else if (root && type == TYPE_NS) {
		put_owner(o, true, type);
		put16(o, 1);
		put(o, "", 1);
	} else if (root && type == TYPE_DNSKEY) {
		put_owner(o, true, type);
		put16(o, 4 + 8);
		put(o, "\x01\x01\x03\x0d" "benchkey", 4 + 8);
	} else if (!root && !no_names && type == TYPE_MX) {
		put_owner(o, false, type);
		put16(o, 2 + 3 + 2);
		put16(o, 10);
		put(o, "\2mx", 3);
		put16(o, 0xc000 | HEADER);
	} else if (!root && !no_names && type == TYPE_A) {
		put_owner(o, false, type);
		put16(o, 4);
		put(o, starts(name, host_label) ? &policy_host : &any, 4);
	} else if (type == TYPE_TXT && starts(name, sts_label)) {
		put_owner(o, false, type);
		put16(o, sizeof(sts_text) - 1);
		put(o, sts_text, sizeof(sts_text) - 1);
	} else {
		return false;
	}
	return true;
}

/* Octets of the question, or 0 when q is no query that we understand. */
static size_t question_len(const uint8_t *q, size_t len)
{
	size_t at = HEADER;

	if (len < HEADER || len > QUERY_MAX || (q[2] & 0xf8) != 0 || q[4] != 0 || q[5] != 1)
		return 0;
	while (at < len && q[at] != 0) {
		if (q[at] > 63)
			return 0;
		at += (size_t)q[at] + 1;
	}
	return at + 5 <= len ? at + 5 - HEADER : 0;
}

/* Writes at most QUERY_MAX + 100 octets; 0: no reply. */
static size_t answer(const uint8_t *q, size_t len, uint8_t *reply)
{
	size_t qlen = question_len(q, len);
	struct out o = { reply + HEADER };
	bool root, found;
	unsigned type;

	if (qlen == 0)
		return 0;
	root = q[HEADER] == 0;
	type = (unsigned)q[HEADER + qlen - 4] << 8 | q[HEADER + qlen - 3];
	put(&o, q + HEADER, qlen);
	found = put_answer(&o, reply + HEADER, type);
	if (!found)
		put_soa(&o);
	if (q[11] != 0) { /* EDNS, DO as asked by whoever cares */
		put(&o, "", 1);
		put16(&o, 41);
		put16(&o, 1232);
		put32(&o, 0x8000);
		put16(&o, 0);
	}
	memset(reply, 0, HEADER);
	memcpy(reply, q, 2);
	reply[2] = (uint8_t)(0x80 | (q[2] & 1));
	reply[3] = (uint8_t)(0x80 | (root ? 0x20 : 0) | (!root && no_names ? 3 : 0));
	reply[5] = 1;
	reply[found ? 7 : 9] = 1;
	reply[11] = q[11] != 0;
	return (size_t)(o.at - reply);
}

static void serve_udp(int fd)
{
	uint8_t query[QUERY_MAX], reply[ROOM];
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	ssize_t n;
	size_t len;

	while ((n = recvfrom(fd, query, sizeof(query), 0, (void *)&from, &from_len)) >= 0) {
		len = answer(query, (size_t)n, reply);
		if (len > 0)
			(void)sendto(fd, reply, len, 0, (void *)&from, from_len);
		from_len = sizeof(from);
	}
}

static void drop(struct client *c)
{
	close(c->fd);
	free(c);
}

/* A client that does not read its replies blocks us: ours do. */
static bool write_all(int fd, const uint8_t *data, size_t len)
{
	ssize_t n;

	for (; len > 0; data += n, len -= (size_t)n) {
		n = write(fd, data, len);
		if (n < 0)
			return false;
	}
	return true;
}

static void serve_tcp(struct client *c)
{
	static uint8_t out[MESSAGE * 4];
	ssize_t n = recv(c->fd, c->data + c->len, sizeof(c->data) - c->len, MSG_DONTWAIT);
	size_t at = 0, used = 0, want, len;
	bool good = true;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(c);
		return;
	}
	c->len += (size_t)n;
	while (good && c->len - at >= 2) {
		want = (size_t)c->data[at] << 8 | c->data[at + 1];
		if (c->len - at < want + 2)
			break;
		if (sizeof(out) - used < ROOM + 2) {
			good = write_all(c->fd, out, used);
			used = 0;
		}
		len = answer(c->data + at + 2, want, out + used + 2);
		out[used] = (uint8_t)(len >> 8);
		out[used + 1] = (uint8_t)len;
		used += len == 0 ? 0 : len + 2;
		at += want + 2;
	}
	memmove(c->data, c->data + at, c->len - at);
	c->len -= at;
	if (!good || !write_all(c->fd, out, used))
		drop(c);
}

static void watch(int epoll, int fd, void *ptr)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = ptr };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		err(EX_OSERR, "epoll_ctl");
}

static void take_client(int epoll, int listener)
{
	struct client *c = calloc(1, sizeof(*c));
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (c == NULL || fd < 0) {
		free(c);
		return;
	}
	c->fd = fd;
	net_nodelay(fd);
	watch(epoll, fd, c);
}

static int usage(void)
{
	fprintf(stderr, "usage: dnsfloor [-x | -p IPV4] IPV4 PORT\n");
	return EX_USAGE;
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	struct epoll_event event[64];
	char endpoint[64];
	int epoll, tcp, udp, i, n, buffer = 1 << 22;

	while ((n = getopt(argc, argv, "xp:")) != -1) {
		if (n == 'x')
			no_names = true;
		else if (n != 'p' || inet_pton(AF_INET, optarg, &policy_host) != 1)
			return usage();
	}
	argv += optind;
	if (argc - optind != 2 || inet_pton(AF_INET, argv[0], &at.sin_addr) != 1)
		return usage();
	at.sin_port = htons((uint16_t)net_number("port", argv[1], 1, 65535));
	snprintf(endpoint, sizeof(endpoint), "inet:%s:%s", argv[0], argv[1]);
	net_raise_nofile();
	tcp = net_listen(endpoint);
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (udp < 0 || bind(udp, (void *)&at, sizeof(at)) != 0)
		err(EX_UNAVAILABLE, "%s", endpoint);
	(void)setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	epoll = epoll_create1(EPOLL_CLOEXEC);
	watch(epoll, tcp, &tcp);
	watch(epoll, udp, &udp);
	for (;;) {
		n = epoll_wait(epoll, event, 64, -1);
		for (i = 0; i < n; i++) {
			if (event[i].data.ptr == &tcp)
				take_client(epoll, tcp);
			else if (event[i].data.ptr == &udp)
				serve_udp(udp);
			else
				serve_tcp(event[i].data.ptr);
		}
	}
}
