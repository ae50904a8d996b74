/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/endpoint.h"
#include "base/text.h"
#include "plugin/listen_impl.h"

#define SYSTEMD_FIRST_FD 3

struct listener *listen_add(struct listeners *ls)
{
	struct listener *each = realloc(ls->each, (ls->count + 1) * sizeof(*each));

	if (each == NULL)
		return NULL;
	ls->each = each;
	each += ls->count++;
	*each = (struct listener){ .fd = -1 };
	return each;
}

bool listen_failed(char *problem, const char *name, const char *what)
{
	text_format(problem, LISTEN_PROBLEM, "%s: %s: %s", name, what, strerror(errno));
	return false;
}

static bool prepare(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* ---- Unix sockets ---- */

/* Does anybody answer there? */
static bool is_served(const struct endpoint *ep)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool served;

	if (fd < 0)
		return false;
	served = prepare(fd) && (connect(fd, (const struct sockaddr *)&ep->addr, ep->len) == 0 ||
	    errno == EAGAIN || errno == EINPROGRESS);
	close(fd);
	return served;
}

/* A socket file that nobody serves any more goes; anything else stays. */
static bool clear_path(const struct endpoint *ep, const char *path, char *problem)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT || listen_failed(problem, path, "cannot look at it");
	if (!S_ISSOCK(st.st_mode)) {
		text_format(problem, LISTEN_PROBLEM,
		    "%s: something that is not a socket is in its place", path);
		return false;
	}
	if (is_served(ep)) {
		text_format(problem, LISTEN_PROBLEM, "%s: another process serves it", path);
		return false;
	}
	return unlink(path) == 0 || listen_failed(problem, path, "cannot replace the stale socket");
}

static char *parent_of(const char *path)
{
	char *folder = strdup(path), *slash = folder != NULL ? strrchr(folder, '/') : NULL;

	if (slash != NULL && slash != folder) {
		*slash = '\0';
		return folder;
	}
	free(folder);
	return NULL;
}

/* The last folder only, as /run/danests after a boot. Was it made? */
static bool make_parent(const char *path)
{
	char *folder = parent_of(path);
	mode_t before = umask(022);
	bool made = folder != NULL && mkdir(folder, 0755) == 0; /* if not, bind(2) says why */

	umask(before);
	free(folder);
	return made;
}

/*
 * With this mode from its first moment: a chmod(2) afterwards would follow a link that
 * the owner of the folder puts in its place. Linux and FreeBSD make it 0777 without the
 * bits of the umask, which is the whole process's: it must do no harm to other threads.
 */
static bool bind_with_mode(int fd, const struct endpoint *ep, mode_t mode)
{
	mode_t before = umask(0777 & ~mode);
	bool bound = bind(fd, (const struct sockaddr *)&ep->addr, ep->len) == 0;
	int saved = errno;

	umask(before);
	errno = saved;
	return bound;
}

static bool has_mode(const struct listener *l, mode_t made, mode_t wanted, char *problem)
{
	if ((made & 07777) == wanted)
		return true;
	text_format(problem, LISTEN_PROBLEM, "%s: its folder gives it mode %04o, not %04o"
	    " (a default ACL?)", l->name, (unsigned)(made & 07777), (unsigned)wanted);
	return false;
}

static bool open_unix(struct listener *l, const struct endpoint *ep, mode_t mode, char *problem)
{
	const char *path = ((const struct sockaddr_un *)&ep->addr)->sun_path;
	struct stat st;

	l->made_folder = make_parent(path);
	if (!clear_path(ep, path, problem))
		return false;
	if (!bind_with_mode(l->fd, ep, mode))
		return listen_failed(problem, l->name, "cannot create it");
	l->path = strdup(path);
	if (l->path == NULL || lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode)) {
		unlink(path);
		return listen_failed(problem, l->name, "cannot look at it");
	}
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return has_mode(l, st.st_mode, mode, problem);
}

/* ---- All kinds ---- */

static bool open_inet(struct listener *l, const struct endpoint *ep, char *problem)
{
	int one = 1;

	setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (ep->addr.ss_family == AF_INET6)
		setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(l->fd, (const struct sockaddr *)&ep->addr, ep->len) < 0)
		return listen_failed(problem, l->name, "cannot listen there");
	return true;
}

bool listen_is_ours(const struct listener *l)
{
	struct stat st;

	return l->path != NULL && lstat(l->path, &st) == 0 && st.st_dev == l->dev &&
	    st.st_ino == l->ino;
}

static void drop_last(struct listeners *ls)
{
	struct listener *l = &ls->each[--ls->count];

	if (l->borrowed)
		return;
	if (listen_is_ours(l))
		unlink(l->path);
	free(l->path);
	if (l->fd >= 0)
		close(l->fd);
}

void listen_give_folders(const struct listeners *ls, uid_t uid, gid_t gid)
{
	for (size_t i = 0; i < ls->count; i++) {
		const struct listener *l = &ls->each[i];
		char *folder = l->made_folder ? parent_of(l->path) : NULL;

		/* If that fails, the sockets stay behind when the service ends. */
		if (folder != NULL && lchown(folder, uid, gid) < 0)
			errno = 0;
		free(folder);
	}
}

/* systemd listens there already, for us. */
static bool is_inherited(const struct listeners *ls, const struct endpoint *ep)
{
	for (size_t i = 0; i < ls->count; i++)
		if (ls->each[i].inherited && endpoint_same(&ls->each[i].endpoint, ep))
			return true;
	return false;
}

bool listen_open(struct listeners *ls, const char *endpoint, mode_t mode,
    char problem[LISTEN_PROBLEM])
{
	struct endpoint ep;
	const char *why = endpoint_parse(&ep, endpoint);
	struct listener *l;
	bool ok;

	if (why != NULL) {
		text_format(problem, LISTEN_PROBLEM, "%s: %s", endpoint, why);
		return false;
	}
	if (is_inherited(ls, &ep))
		return true;
	l = listen_add(ls);
	if (l == NULL)
		return listen_failed(problem, endpoint, "cannot listen there");
	text_printable(l->name, sizeof(l->name), endpoint, strlen(endpoint));
	l->endpoint = ep;
	l->mode = mode;
	l->fd = socket(ep.addr.ss_family, SOCK_STREAM, 0);
	if (l->fd < 0 || !prepare(l->fd))
		ok = listen_failed(problem, l->name, "no socket");
	else if (ep.addr.ss_family == AF_UNIX)
		ok = open_unix(l, &ep, mode, problem);
	else
		ok = open_inet(l, &ep, problem);
	if (ok && listen(l->fd, SOMAXCONN) < 0)
		ok = listen_failed(problem, l->name, "cannot listen there");
	if (!ok)
		drop_last(ls);
	return ok;
}

/* What a socket that we did not open is bound to. */
static void name_socket(struct listener *l)
{
	union {
		struct sockaddr_storage any;
		struct sockaddr_un un;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	} addr = {0};
	socklen_t len = sizeof(addr.any);
	char host[INET6_ADDRSTRLEN] = "?";

	text_format(l->name, sizeof(l->name), "socket %d of systemd", l->fd);
	if (getsockname(l->fd, (struct sockaddr *)&addr.any, &len) < 0)
		return;
	l->endpoint.addr = addr.any;
	l->endpoint.len = len;
	switch (addr.any.ss_family) {
	case AF_UNIX:
		text_format(l->name, sizeof(l->name), "unix:%s (systemd)", addr.un.sun_path);
		break;
	case AF_INET:
		inet_ntop(AF_INET, &addr.in4.sin_addr, host, sizeof(host));
		text_format(l->name, sizeof(l->name), "inet:%s:%u (systemd)", host,
		    ntohs(addr.in4.sin_port));
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &addr.in6.sin6_addr, host, sizeof(host));
		text_format(l->name, sizeof(l->name), "inet:[%s]:%u (systemd)", host,
		    ntohs(addr.in6.sin6_port));
		break;
	}
}

static bool is_listening(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on != 0;
}

int listen_inherit(struct listeners *ls, char problem[LISTEN_PROBLEM])
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t want = 0, count = 0;

	if (pid != NULL && fds != NULL &&
	    text_number(pid, strlen(pid), 1, INT32_MAX, &want) && want == (uint64_t)getpid() &&
	    !text_number(fds, strlen(fds), 0, 256, &count)) {
		text_format(problem, LISTEN_PROBLEM, "LISTEN_FDS is no number up to 256");
		return -1;
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	for (int fd = SYSTEMD_FIRST_FD; fd < SYSTEMD_FIRST_FD + (int)count; fd++) {
		struct listener *l;

		if (!is_listening(fd) || !prepare(fd) || (l = listen_add(ls)) == NULL) {
			text_format(problem, LISTEN_PROBLEM,
			    "descriptor %d of LISTEN_FDS is not a listening socket", fd);
			return -1;
		}
		l->fd = fd;
		l->inherited = true;
		name_socket(l);
	}
	return (int)count;
}

void listen_close(struct listeners *ls)
{
	while (ls->count > 0)
		drop_last(ls);
	free(ls->each);
	ls->each = NULL;
}
