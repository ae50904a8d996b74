/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process under landlock can still do with files, tried out. It cannot be
 * undone: each test is a child of its own. */
#include <link.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "confine_help.h"
#include "plugin/daemon.h"

static bool denied(int result)
{
	if (result >= 0) {
		close(result);
		return false;
	}
	return errno == EACCES || errno == EPERM || errno == EXDEV;
}

static int reads_only_what_it_may(void)
{
	if (!confined("landlock", CONFINE_READ, w.ours))
		return SKIPPED;
	CLAIM("its own file can be read", opens(open(w.file, O_RDONLY)));
	CLAIM("its folder can be listed", opens(open(w.ours, O_RDONLY | O_DIRECTORY)));
	CLAIM("not written", denied(open(w.file, O_WRONLY)));
	CLAIM("not cut", denied(open(w.file, O_RDONLY | O_TRUNC)) && denied(truncate(w.file, 0)));
	CLAIM("not removed", denied(unlink(w.file)));
	CLAIM("another's cannot be read", denied(open(w.secret, O_RDONLY)));
	CLAIM("another's folder is not listed", denied(open(w.other, O_RDONLY | O_DIRECTORY)));
	CLAIM("nor by way of its own", denied(open("/proc/self/root/etc/passwd", O_RDONLY)));
	return 0;
}

static int writes_only_where_it_may(void)
{
	char path[160], next[160];

	if (!confined("landlock", CONFINE_WRITE, w.ours))
		return SKIPPED;
	snprintf(path, sizeof(path), "%s/new", w.ours);
	snprintf(next, sizeof(next), "%s/next", w.ours);
	CLAIM("a file is made", opens(open(path, O_RDWR | O_CREAT | O_EXCL, 0600)));
	CLAIM("it takes another's place", rename(path, next) == 0);
	CLAIM("it is cut", truncate(next, 0) == 0);
	CLAIM("it is read", opens(open(next, O_RDONLY)));
	CLAIM("it is removed", unlink(next) == 0);
	CLAIM("no folder is made", denied(mkdir(path, 0700)));
	CLAIM("no link", denied(symlink("/etc/passwd", path)));
	CLAIM("no fifo", denied(mkfifo(path, 0600)));
	snprintf(next, sizeof(next), "%s/new", w.other);
	CLAIM("not elsewhere", denied(open(next, O_WRONLY | O_CREAT, 0600)));
	CLAIM("nothing moves out", denied(rename(w.file, next)));
	CLAIM("nothing comes in", denied(link(w.secret, path)));
	CLAIM("another's is not written", denied(open(w.secret, O_WRONLY)));
	CLAIM("another's is not cut", denied(truncate(w.secret, 0)));
	CLAIM("another's is not removed", denied(unlink(w.secret)));
	return 0;
}

static struct sockaddr_un address(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	memcpy(un.sun_path, path, strlen(path));
	return un;
}

static int makes_sockets_only_where_it_may(void)
{
	struct sockaddr_un here = address(w.sock), there;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), server = socket(AF_UNIX, SOCK_STREAM, 0);
	char path[160];

	/* As syslogd's, which is looked for again when it was restarted. */
	snprintf(path, sizeof(path), "%s/log", w.other);
	there = address(path);
	CLAIM("a server elsewhere", bind(server, (struct sockaddr *)&there, sizeof(there)) == 0 &&
	    listen(server, 1) == 0);
	if (!confined("landlock", CONFINE_SOCKETS, w.ours)) {
		unlink(path);
		return SKIPPED;
	}
	CLAIM("that server is reached", connect(fd, (struct sockaddr *)&there, sizeof(there)) == 0);
	close(fd);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CLAIM("a socket is made", bind(fd, (struct sockaddr *)&here, sizeof(here)) == 0);
	CLAIM("its mode is set", chmod(w.sock, 0666) == 0);
	CLAIM("it is removed", unlink(w.sock) == 0);
	CLAIM("no file is made", denied(open(w.sock, O_WRONLY | O_CREAT, 0600)));
	CLAIM("no file is read", denied(open(w.file, O_RDONLY)));
	close(fd);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(there.sun_path, sizeof(there.sun_path), "%s/mine", w.other);
	CLAIM("none elsewhere", denied(bind(fd, (struct sockaddr *)&there, sizeof(there))));
	return 0;
}

static void remove_log(void)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/log", w.other);
	unlink(path);
}

static int runs_only_its_helper(void)
{
	char *helper = realpath("/bin/true", NULL), *other = realpath("/bin/false", NULL);

	/* A system whose every program is one file has nothing to tell them apart by. */
	if (helper == NULL || other == NULL || strcmp(helper, other) == 0 ||
	    !confined("landlock", CONFINE_RUN, helper))
		return SKIPPED;
	CLAIM("the helper runs, with loader and libraries", run_program(helper) == 0);
	CLAIM("no other program", run_program(other) == -1 && denied(-1));
	CLAIM("no shell", run_program("/bin/sh") == -1 && denied(-1));
	free(helper);
	free(other);
	return 0;
}

static void copy_program(const char *from, const char *to)
{
	char data[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	ssize_t n;

	if (in < 0 || out < 0)
		abort();
	while ((n = read(in, data, sizeof(data))) > 0)
		if (write(out, data, (size_t)n) != n)
			abort();
	close(in);
	close(out);
}

/* As a package manager does, from outside, as soon as told. Its pid; *go is to close. */
static pid_t upgrade_later(const char *program, int *go)
{
	char next[160], byte;
	int fd[2];
	pid_t child;

	if (pipe(fd) < 0 || (child = fork()) < 0)
		abort();
	if (child > 0) {
		close(fd[0]);
		*go = fd[1];
		return child;
	}
	close(fd[1]);
	snprintf(next, sizeof(next), "%s.new", program);
	copy_program(program, next);
	if (read(fd[0], &byte, 1) < 0 || rename(next, program) != 0)
		_exit(1);
	_exit(0);
}

static int runs_its_helper_after_an_upgrade(void)
{
	struct confine_paths paths = {0};
	char text[CONFINE_TEXT];
	int go, status = 1;
	pid_t upgrade;

	copy_program("/bin/true", w.file);
	CLAIM("it can be run", chmod(w.file, 0755) == 0 && run_program(w.file) == 0);
	upgrade = upgrade_later(w.file, &go);
	confine_add_program(&paths, w.file);
	CLAIM("it is confined", confine(&paths, text));
	confine_paths_free(&paths);
	CLAIM("the helper runs", run_program(w.file) == 0);
	close(go);
	CLAIM("another takes its place", waitpid(upgrade, &status, 0) == upgrade && status == 0);
	CLAIM("that one runs", run_program(w.file) == 0);
	return 0;
}

static int find_loader(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			*(char **)arg = realpath((const char *)(info->dlpi_addr +
			    info->dlpi_phdr[i].p_vaddr), NULL);
	return 0;
}

/* The C library is a program as well, in that folder: it stands for a new loader. */
static int runs_with_another_loader(void)
{
	char *loader = NULL, path[4096];
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	dl_iterate_phdr(find_loader, &loader);
	if (loader == NULL || strrchr(loader, '/') == NULL || null < 0)
		return SKIPPED;
	*strrchr(loader, '/') = '\0';
	snprintf(path, sizeof(path), "%s/libc.so.6", loader);
	free(loader);
	dup2(null, STDOUT_FILENO); /* it tells its version */
	if (access(path, X_OK) != 0 || run_program(path) != 0 ||
	    !confined("landlock", CONFINE_READ, w.ours))
		return SKIPPED;
	CLAIM("what is in the folder of the loader runs", run_program(path) == 0);
	return 0;
}

static int knows_its_user(void)
{
	if (!daemon_user_exists("nobody") || !confined("landlock", CONFINE_READ, w.ours))
		return SKIPPED;
	CLAIM("who knows of users is out of reach", denied(open("/etc/passwd", O_RDONLY)));
	CLAIM("its user is known", daemon_user_exists("nobody"));
	CLAIM("no other", !daemon_user_exists("danests-no-such-user"));
	return 0;
}

/* ---- Run ---- */

TEST_IN_CHILD(reads_only_what_it_may)
TEST_IN_CHILD(writes_only_where_it_may)
TEST_IN_CHILD(runs_only_its_helper)
TEST_IN_CHILD(runs_its_helper_after_an_upgrade)
TEST_IN_CHILD(runs_with_another_loader)
TEST_IN_CHILD(knows_its_user)

static void test_makes_sockets_only_where_it_may(void **state)
{
	(void)state;
	in_child(makes_sockets_only_where_it_may);
	remove_log();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_reads_only_what_it_may),
		IN_WORLD(test_writes_only_where_it_may),
		IN_WORLD(test_makes_sockets_only_where_it_may),
		IN_WORLD(test_runs_only_its_helper),
		IN_WORLD(test_runs_its_helper_after_an_upgrade),
		IN_WORLD(test_runs_with_another_loader),
		IN_WORLD(test_knows_its_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
