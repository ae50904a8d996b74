/* SPDX-License-Identifier: BSD-2-Clause */
/* Which resolvers: the resolver setting, or the nameservers of /etc/resolv.conf. */
#ifndef SOURCE_DNS_CONF_H
#define SOURCE_DNS_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/attr.h"
#include "base/buf.h"

#define DNS_SERVERS_MAX 8
#define DNS_SCOPE_MAX 15 /* an interface name */
#define DNS_SERVER_TEXT_MAX 72

struct dns_server {
	uint8_t family; /* 4 or 6 */
	uint8_t addr[16];
	char scope[DNS_SCOPE_MAX + 1]; /* of a link-local address, or "" */
	uint16_t port;
};

struct dns_servers {
	size_t count;
	struct dns_server at[DNS_SERVERS_MAX];
};

/* One address: "127.0.0.1", "192.0.2.1:5353", "::1", "[::1]:53". DANESTS_OK or
 * DANESTS_EINVAL. */
int dns_server_parse(struct dns_server *out, const char *text, size_t len) ATTR_MUST_CHECK;

/* Addresses between blanks or commas, 1..DNS_SERVERS_MAX. On DANESTS_EINVAL
 * problem[] names the one that is wrong. */
int dns_servers_parse(struct dns_servers *out, const char *text, char *problem,
    size_t size) ATTR_MUST_CHECK;

/* The text of a resolv.conf. As in libc: odd lines are passed over, and without
 * any nameserver it is 127.0.0.1. */
void dns_resolvconf_parse(struct dns_servers *out, const char *text, size_t len);

/* The spelling that dns_server_parse() reads; no ":53". */
void dns_server_text(const struct dns_server *server, char out[DNS_SERVER_TEXT_MAX]);
/* All of them, ", " between; cut at size. */
void dns_servers_text(const struct dns_servers *servers, char *out, size_t size);

/* N2: nobody on the way but this host. */
bool dns_server_loopback(const struct dns_server *server);
/* The first that is not on a loopback address, or NULL. */
const struct dns_server *dns_servers_remote(const struct dns_servers *servers);

bool dns_servers_equal(const struct dns_servers *a, const struct dns_servers *b);

/* A resolv.conf that is read again when it has changed. */
struct dns_system {
	const char *path;
	bool seen; /* what follows was true of the file when it was read */
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
	bool again; /* take it for changed at the next look: what it said had no effect */
	int64_t checked_ms;
};

/* True when the file was read: the first time, and whenever it looks different.
 * Looks at most once a second. An unreadable file is an empty one. */
bool dns_system_read(struct dns_system *sys, struct dns_servers *out);

/* A whole small file, about max octets of it. DANESTS_OK, DANESTS_ENOMEM, or
 * DANESTS_ESYSTEM (errno). */
int dns_file_read(const char *path, size_t max, struct buf *out) ATTR_MUST_CHECK;

#endif
