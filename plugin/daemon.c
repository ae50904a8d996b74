/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "plugin/confine.h"

#define USER_MAX 256
#define STATUS_MAX 512 /* octets of what systemctl status shows */

#define FIRST_WORD_TRIES 100
#define FIRST_WORD_PAUSE_NS 10000000

static int parent = -1; /* where the parent waits for one octet, after a fork */
static bool is_serving; /* daemon_ready() has been called */

bool daemon_is_managed(void)
{
	/* INVOCATION_ID is inherited by whatever a service starts, our tests too. */
	return getenv("NOTIFY_SOCKET") != NULL || getenv("LISTEN_FDS") != NULL ||
	    (getenv("INVOCATION_ID") != NULL && getppid() == 1);
}

/* The parent: until the child is ready, or has ended. */
static void wait_for_child(int fd, pid_t child)
{
	int status = 0;
	char byte;
	ssize_t n;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(EX_OK);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE);
}

bool daemon_detach(void)
{
	int fd[2];
	pid_t child;

	if (pipe(fd) < 0)
		return false;
	child = fork();
	if (child < 0) {
		close(fd[0]);
		close(fd[1]);
		return false;
	}
	if (child > 0) {
		close(fd[1]);
		wait_for_child(fd[0], child);
	}
	close(fd[0]);
	fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	parent = fd[1];
	setsid();
	return true;
}

/* ---- What systemd is told ---- */

/* sd_notify(3) without libsystemd: one datagram. False: systemd is busy. */
static bool notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t len = path != NULL ? strlen(path) : 0;
	bool busy;
	int fd;

	if (len < 2 || len >= sizeof(un.sun_path) || (path[0] != '/' && path[0] != '@'))
		return true;
	memcpy(un.sun_path, path, len);
	if (path[0] == '@') /* Linux: a name that is no file */
		un.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return true;
	/* Clients wait for this thread, systemd can wait for the next datagram. */
	busy = sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
	    (const struct sockaddr *)&un,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0 &&
	    (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS);
	close(fd);
	return !busy;
}

/* What systemd has to know and was too busy to hear; told before anything else. */
static struct {
	char reloading[64]; /* the whole message; "": none */
	bool ready, stopping;
} owed;

static bool catch_up(void)
{
	if (owed.reloading[0] != '\0' && !notify(owed.reloading))
		return false;
	owed.reloading[0] = '\0';
	if (owed.ready && !notify("READY=1\nSTATUS=answering\n"))
		return false;
	owed.ready = false;
	if (owed.stopping && !notify("STOPPING=1\n"))
		return false;
	owed.stopping = false;
	return true;
}

/* Nobody but systemd waits at the start, and the first word may be the only one. */
static void insist(void)
{
	const struct timespec pause = { .tv_nsec = FIRST_WORD_PAUSE_NS };

	for (int i = 0; i < FIRST_WORD_TRIES && !catch_up(); i++)
		nanosleep(&pause, NULL);
}

void daemon_ready(void)
{
	int null;
	ssize_t n;

	owed.ready = true;
	if (!is_serving)
		insist();
	else
		catch_up();
	is_serving = true;
	if (parent < 0)
		return;
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
	if (chdir("/") < 0)
		return; /* there is always one */
	n = write(parent, "", 1);
	(void)n; /* a parent that is gone waits for nothing */
	close(parent);
	parent = -1;
}

void daemon_stopping(void)
{
	owed.ready = false;
	owed.reloading[0] = '\0';
	owed.stopping = true;
	catch_up();
}

void daemon_reloading(void)
{
	struct timespec now = {0};

	/* systemd wants to know that this is later than its signal. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	text_format(owed.reloading, sizeof(owed.reloading), "RELOADING=1\nMONOTONIC_USEC=%lld\n",
	    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	owed.ready = false; /* of an earlier one: this one's end is what counts */
	catch_up();
}

void daemon_status(const char *text)
{
	char state[STATUS_MAX] = "STATUS=";
	size_t len = strlen(state);

	/* A line end would begin another assignment. */
	text_printable(state + len, sizeof(state) - len, text, strlen(text));
	if (catch_up())
		notify(state);
}

int daemon_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t value = 0;

	if (pid != NULL && (!text_number(pid, strlen(pid), 1, INT32_MAX, &value) ||
	    value != (uint64_t)getpid()))
		return 0;
	if (usec == NULL || !text_number(usec, strlen(usec), 1, UINT64_MAX, &value))
		return 0;
	value /= 1000;
	return value < 1 ? 1 : value > INT_MAX ? INT_MAX : (int)value;
}

void daemon_alive(void)
{
	if (catch_up())
		notify("WATCHDOG=1\n");
}

/* ---- Rights ---- */

/* One that was there stays: it cannot change while we run, and once we are confined,
 * what knows of users (sssd, LDAP, systemd) may be out of reach. */
bool daemon_user_exists(const char *user)
{
	static char known[USER_MAX];

	if (user[0] != '\0' && strcmp(user, known) == 0)
		return true;
	if (getpwnam(user) == NULL)
		return false;
	text_format(known, sizeof(known), "%s", strlen(user) < sizeof(known) ? user : "");
	return true;
}

/* All that there is of it, the groups while they may still be changed. */
static bool become(const char *user, uid_t uid, gid_t gid)
{
	uid_t r, e, s;

	/* Started as that user: groups are no longer ours to change. */
	if (uid != 0 && getresuid(&r, &e, &s) == 0 && r == uid && e == uid && s == uid)
		return confine_drop_capabilities();
	if (initgroups(user, gid) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0)
		return false;
	return uid == 0 || confine_drop_capabilities();
}

/* For good means that the way back is shut. */
static bool is_for_good(uid_t uid)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	if (getresuid(&r, &e, &s) < 0 || r != uid || e != uid || s != uid ||
	    getresgid(&rg, &eg, &sg) < 0 || rg != eg || rg != sg)
		return false;
	return uid == 0 || (setuid(0) != 0 && seteuid(0) != 0 && (rg == 0 || setgid(0) != 0));
}

bool daemon_drop(const char *user, char problem[DAEMON_PROBLEM])
{
	const struct passwd *pw = getpwnam(user);
	uid_t uid = pw != NULL ? pw->pw_uid : 0;

	if (pw == NULL)
		text_format(problem, DAEMON_PROBLEM, "there is no user \"%s\"", user);
	else if (!become(user, uid, pw->pw_gid))
		text_format(problem, DAEMON_PROBLEM, "cannot become user \"%s\": %s", user,
		    strerror(errno));
	else if (!is_for_good(uid))
		text_format(problem, DAEMON_PROBLEM, "became user \"%s\", but not for good",
		    user);
	else
		return true;
	return false;
}

/* Linux makes a full table of descriptors larger while it waits for all processors,
 * up to 20 ms, when there are threads: better now, while there are none. */
static void make_table(rlim_t count)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), last = -1;

	if (null >= 0 && count > 0 && count <= INT_MAX)
		last = fcntl(null, F_DUPFD_CLOEXEC, (int)count - 1);
	if (last >= 0)
		close(last);
	if (null >= 0)
		close(null);
}

bool daemon_descriptors(size_t want, char problem[DAEMON_PROBLEM])
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return true;
	if (limit.rlim_cur < want) {
		limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	make_table(limit.rlim_cur < want ? limit.rlim_cur : want);
	if (limit.rlim_cur >= want)
		return true;
	text_format(problem, DAEMON_PROBLEM, "max_clients and max_lookups may need %zu open"
	    " files, but %llu is the limit (LimitNOFILE= of the unit, ulimit -n)", want,
	    (unsigned long long)limit.rlim_cur);
	return false;
}
