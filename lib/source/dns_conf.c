/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/dns_conf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "danests.h"

#define DNS_PORT 53
#define RESOLVCONF_MAX 65536 /* octets looked at */

/* ---- One address ---- */

static bool scope_parse(struct dns_server *out, const char *text, size_t len)
{
	if (len == 0 || len > DNS_SCOPE_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!text_is_alnum(text[i]) && text[i] != '.' && text[i] != '_' && text[i] != '-')
			return false;
	memcpy(out->scope, text, len);
	return true;
}

static bool address_parse(struct dns_server *out, const char *text, size_t len)
{
	const char *percent = memchr(text, '%', len);
	size_t alen = percent != NULL ? (size_t)(percent - text) : len;
	char copy[INET6_ADDRSTRLEN];

	if (alen >= sizeof(copy) || memchr(text, '\0', len) != NULL)
		return false;
	memcpy(copy, text, alen);
	copy[alen] = '\0';
	out->family = memchr(copy, ':', alen) != NULL ? 6 : 4;
	if (inet_pton(out->family == 6 ? AF_INET6 : AF_INET, copy, out->addr) != 1)
		return false;
	if (percent == NULL)
		return true;
	return out->family == 6 && scope_parse(out, percent + 1, len - alen - 1);
}

static bool port_parse(struct dns_server *out, const char *text, size_t len)
{
	uint64_t port;

	if (!text_number(text, len, 1, UINT16_MAX, &port))
		return false;
	out->port = (uint16_t)port;
	return true;
}

int dns_server_parse(struct dns_server *out, const char *text, size_t len)
{
	struct dns_server s = { .port = DNS_PORT };
	const char *colon = memchr(text, ':', len), *end = text + len, *bracket;
	bool ok;

	if (len > 0 && text[0] == '[') {
		bracket = memchr(text, ']', len);
		if (bracket == NULL)
			return DANESTS_EINVAL;
		ok = address_parse(&s, text + 1, (size_t)(bracket - text - 1)) && s.family == 6;
		if (ok && bracket + 1 < end)
			ok = bracket[1] == ':' &&
			    port_parse(&s, bracket + 2, (size_t)(end - bracket - 2));
	} else if (colon != NULL && memchr(colon + 1, ':', (size_t)(end - colon - 1)) == NULL) {
		ok = address_parse(&s, text, (size_t)(colon - text)) &&
		    port_parse(&s, colon + 1, (size_t)(end - colon - 1));
	} else {
		ok = address_parse(&s, text, len);
	}
	if (!ok)
		return DANESTS_EINVAL;
	*out = s;
	return DANESTS_OK;
}

void dns_server_text(const struct dns_server *server, char out[DNS_SERVER_TEXT_MAX])
{
	char address[INET6_ADDRSTRLEN];
	bool v6 = server->family == 6, port = server->port != DNS_PORT;

	inet_ntop(v6 ? AF_INET6 : AF_INET, server->addr, address, sizeof(address));
	text_format(out, DNS_SERVER_TEXT_MAX, "%s%s%s%s%s", v6 && port ? "[" : "", address,
	    server->scope[0] != '\0' ? "%" : "", server->scope, v6 && port ? "]" : "");
	if (port)
		text_format(out + strlen(out), DNS_SERVER_TEXT_MAX - strlen(out), ":%u",
		    (unsigned)server->port);
}

bool dns_server_loopback(const struct dns_server *server)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (server->family == 4)
		return server->addr[0] == 127;
	return memcmp(server->addr, one, sizeof(one)) == 0;
}

/* ---- Lists ---- */

int dns_servers_parse(struct dns_servers *out, const char *text, char *problem, size_t size)
{
	struct dns_servers list = {0};
	char bad[64];
	size_t len;

	for (text += strspn(text, " \t,"); *text != '\0'; text += strspn(text, " \t,")) {
		len = strcspn(text, " \t,");
		if (list.count == DNS_SERVERS_MAX) {
			text_format(problem, size, "resolver: more than %d addresses",
			    DNS_SERVERS_MAX);
			return DANESTS_EINVAL;
		}
		if (dns_server_parse(&list.at[list.count], text, len) != DANESTS_OK) {
			text_printable(bad, sizeof(bad), text, len);
			text_format(problem, size, "resolver: \"%s\" is no IP address; write "
			    "system, recursive, or addresses such as 127.0.0.1, [::1]:5353", bad);
			return DANESTS_EINVAL;
		}
		list.count++;
		text += len;
	}
	if (list.count == 0) {
		text_format(problem, size, "resolver: no address given");
		return DANESTS_EINVAL;
	}
	*out = list;
	return DANESTS_OK;
}

/* "nameserver", blanks, an address; what follows it is passed over. */
static void resolvconf_line(struct dns_servers *list, const char *line, size_t len)
{
	static const char key[] = "nameserver";
	size_t i = sizeof(key) - 1, start;

	if (len <= i || memcmp(line, key, i) != 0 || !text_is_blank(line[i]))
		return;
	while (i < len && text_is_blank(line[i]))
		i++;
	for (start = i; i < len && !text_is_blank(line[i]) && line[i] != '\r'; i++)
		;
	if (list->count < DNS_SERVERS_MAX && i > start &&
	    address_parse(&list->at[list->count], line + start, i - start)) {
		list->at[list->count++].port = DNS_PORT;
		return;
	}
	if (list->count < DNS_SERVERS_MAX)
		list->at[list->count] = (struct dns_server){0};
}

void dns_resolvconf_parse(struct dns_servers *out, const char *text, size_t len)
{
	static const struct dns_server local = {
		.family = 4, .addr = { 127, 0, 0, 1 }, .port = DNS_PORT,
	};

	*out = (struct dns_servers){0};
	while (len > 0) {
		const char *nl = memchr(text, '\n', len);
		size_t line = nl != NULL ? (size_t)(nl - text) : len;

		resolvconf_line(out, text, line);
		text += line;
		len -= line;
		if (len > 0) {
			text++;
			len--;
		}
	}
	if (out->count == 0)
		out->at[out->count++] = local;
}

void dns_servers_text(const struct dns_servers *servers, char *out, size_t size)
{
	char one[DNS_SERVER_TEXT_MAX];
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < servers->count; i++) {
		dns_server_text(&servers->at[i], one);
		text_format(out + len, size - len, "%s%s", i > 0 ? ", " : "", one);
		len += strlen(out + len);
	}
}

const struct dns_server *dns_servers_remote(const struct dns_servers *servers)
{
	for (size_t i = 0; i < servers->count; i++)
		if (!dns_server_loopback(&servers->at[i]))
			return &servers->at[i];
	return NULL;
}

static bool server_equal(const struct dns_server *a, const struct dns_server *b)
{
	return a->family == b->family && a->port == b->port &&
	    memcmp(a->addr, b->addr, sizeof(a->addr)) == 0 && strcmp(a->scope, b->scope) == 0;
}

bool dns_servers_equal(const struct dns_servers *a, const struct dns_servers *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!server_equal(&a->at[i], &b->at[i]))
			return false;
	return true;
}

/* ---- The file ---- */

int dns_file_read(const char *path, size_t max, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = 1;
	char *room;
	int error;

	if (fd < 0)
		return DANESTS_ESYSTEM;
	while (n > 0 && out->len < max) {
		room = buf_room(out, 4096);
		n = room != NULL ? read(fd, room, 4096) : 0;
		if (n > 0)
			out->len += (size_t)n;
	}
	error = errno;
	close(fd);
	errno = error;
	if (out->bad)
		return DANESTS_ENOMEM;
	return n < 0 ? DANESTS_ESYSTEM : DANESTS_OK;
}

static bool file_changed(struct dns_system *sys)
{
	struct stat st;
	struct dns_system now = { .path = sys->path, .seen = true, .checked_ms = sys->checked_ms };
	bool changed;

	if (stat(sys->path, &st) == 0) {
		now.dev = st.st_dev;
		now.ino = st.st_ino;
		now.size = st.st_size;
		now.mtime = st.st_mtim;
	}
	changed = !sys->seen || sys->again || now.dev != sys->dev || now.ino != sys->ino ||
	    now.size != sys->size || now.mtime.tv_sec != sys->mtime.tv_sec ||
	    now.mtime.tv_nsec != sys->mtime.tv_nsec;
	*sys = now;
	return changed;
}

bool dns_system_read(struct dns_system *sys, struct dns_servers *out)
{
	int64_t now = clock_mono_ms();
	struct buf text = {0};

	if (sys->seen && now - sys->checked_ms < 1000)
		return false;
	sys->checked_ms = now;
	if (!file_changed(sys))
		return false;
	if (dns_file_read(sys->path, RESOLVCONF_MAX, &text) != DANESTS_OK)
		buf_reset(&text);
	dns_resolvconf_parse(out, text.len > 0 ? text.data : "", text.len);
	buf_free(&text);
	return true;
}
