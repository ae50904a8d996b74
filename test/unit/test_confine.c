/* SPDX-License-Identifier: BSD-2-Clause */
/* What a confined process can still do, tried out. It cannot be undone: each test
 * is a child of its own. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "plugin/confine.h"

/* Two folders with a file each: one for the service, one that is nobody's business. */
struct world {
	char top[64];
	char ours[96], other[96];
	char file[112], secret[112], sock[112];
};

static struct world w;
static const char *where; /* the claim at hand, for whoever reads of a failure */

static void write_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, "text\n", 5) != 5)
		abort();
	close(fd);
}

static int open_world(void **state)
{
	(void)state;
	snprintf(w.top, sizeof(w.top), "/tmp/danests-confine-XXXXXX");
	if (mkdtemp(w.top) == NULL)
		return -1;
	snprintf(w.ours, sizeof(w.ours), "%s/ours", w.top);
	snprintf(w.other, sizeof(w.other), "%s/other", w.top);
	snprintf(w.file, sizeof(w.file), "%s/file", w.ours);
	snprintf(w.secret, sizeof(w.secret), "%s/secret", w.other);
	snprintf(w.sock, sizeof(w.sock), "%s/sock", w.ours);
	if (mkdir(w.ours, 0755) < 0 || mkdir(w.other, 0755) < 0)
		return -1;
	write_file(w.file);
	write_file(w.secret);
	return 0;
}

static int close_world(void **state)
{
	char path[160];

	(void)state;
	unlink(w.file);
	unlink(w.secret);
	unlink(w.sock);
	snprintf(path, sizeof(path), "%s/link", w.ours);
	unlink(path);
	return rmdir(w.ours) == 0 && rmdir(w.other) == 0 ? rmdir(w.top) : -1;
}

/* ---- In a child ---- */

#define SKIPPED 77
#define CLAIM(text, truth) do { where = (text); if (!(truth)) return failed(); } while (0)

static int failed(void)
{
	fprintf(stderr, "# not so: %s (%s)\n", where, strerror(errno));
	return 1;
}

static void in_child(int (*body)(void))
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(body());
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
		skip();
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Confined to this path. False: this kernel has no such part of it. */
static bool confined(const char *part, enum confine_use use, const char *path)
{
	struct confine_paths paths = {0};
	char text[CONFINE_TEXT], lacking[32];
	bool ok;

	confine_add(&paths, use, path);
	ok = confine(&paths, text);
	confine_paths_free(&paths);
	snprintf(lacking, sizeof(lacking), "no %s (", part);
	if (!ok || strncmp(text, "confined: ", 10) != 0 || strstr(text, part) == NULL) {
		fprintf(stderr, "# %s\n", text);
		_exit(1);
	}
	return strstr(text, lacking) == NULL;
}

static bool denied(int result)
{
	if (result >= 0) {
		close(result);
		return false;
	}
	return errno == EACCES || errno == EPERM || errno == EXDEV;
}

static bool opens(int fd) { return fd >= 0 && close(fd) == 0; }

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

static int run_program(const char *path)
{
	char name[] = "true", *argv[] = { name, NULL }, *env[] = { NULL };
	int status = 0;
	pid_t child;

	errno = posix_spawn(&child, path, NULL, NULL, argv, env);
	if (errno != 0)
		return -1;
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -2;
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

static int gains_nothing(void)
{
	if (!confined("no_new_privs", CONFINE_READ, w.ours))
		return SKIPPED;
	CLAIM("no_new_privs is set", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	return 0;
}

static void *do_nothing(void *arg) { return arg; }

static bool refused(long result) { return result == -1 && errno == EPERM; }

static int makes_no_strange_calls(void)
{
	char *helper = realpath("/bin/true", NULL);
	pthread_t thread;

	if (helper == NULL || !confined("seccomp", CONFINE_RUN, helper))
		return SKIPPED;
	CLAIM("no namespace", refused(unshare(CLONE_NEWUSER)));
	CLAIM("not by clone either", refused(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0,
	    0)));
	CLAIM("nor by clone3", syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS);
	CLAIM("no mount", refused(mount("none", "/", NULL, MS_REMOUNT, NULL)));
	CLAIM("no bpf", refused(syscall(SYS_bpf, 0, NULL, 0)));
	CLAIM("no keys", refused(syscall(SYS_keyctl, 0, 0, 0, 0, 0)));
#ifdef __SANITIZE_ADDRESS__
	CLAIM("the leak checker may trace", ptrace(PTRACE_DETACH, getpid(), NULL, NULL) == -1 &&
	    errno == ESRCH);
#else
	CLAIM("no tracing", refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL)));
#endif
#ifdef __x86_64__
	CLAIM("no numbers of x32", refused(syscall(0x40000000 | SYS_getpid)));
#endif
	CLAIM("a thread starts", pthread_create(&thread, NULL, do_nothing, NULL) == 0 &&
	    pthread_join(thread, NULL) == 0);
	CLAIM("a helper starts", run_program(helper) == 0);
	free(helper);
	return 0;
}

/* ---- Threads ---- */

static int ask_pipe[2], reply_pipe[2];

static void *later_thread(void *arg)
{
	char byte = 0;

	(void)arg;
	if (read(ask_pipe[0], &byte, 1) == 1)
		byte = (char)(prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2 &&
		    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 'y' : 'n');
	if (write(reply_pipe[1], &byte, 1) != 1)
		abort();
	return NULL;
}

static int says_so_when_there_are_threads(void)
{
	struct confine_paths paths = {0};
	char text[CONFINE_TEXT], byte = 0;
	pthread_t thread;

	if (pipe(ask_pipe) < 0 || pipe(reply_pipe) < 0 ||
	    pthread_create(&thread, NULL, later_thread, NULL) != 0)
		return 1;
	CLAIM("it says that it is late", !confine(&paths, text) &&
	    strstr(text, "other threads") != NULL);
	CLAIM("no file is forbidden", opens(open(w.secret, O_RDONLY)));
	CLAIM("the thread is asked", write(ask_pipe[1], "?", 1) == 1 &&
	    read(reply_pipe[0], &byte, 1) == 1);
	pthread_join(thread, NULL);
	if (strstr(text, "no seccomp") != NULL)
		return SKIPPED;
	CLAIM("it is confined too, but for files", byte == 'y');
	return 0;
}

static int a_list_that_is_not_complete_forbids_nothing(void)
{
	struct confine_paths paths = { .bad = true };
	char text[CONFINE_TEXT];

	CLAIM("it says so", !confine(&paths, text) && strstr(text, "no landlock") != NULL);
	CLAIM("no file is forbidden", opens(open(w.secret, O_RDONLY)));
	return 0;
}

/* ---- What a configuration asks for ---- */

static bool listed(const struct confine_paths *paths, enum confine_use use, const char *path)
{
	for (size_t i = 0; i < paths->count; i++)
		if (paths->each[i].use == use && strcmp(paths->each[i].path, path) == 0)
			return true;
	return false;
}

static void set(struct conf *conf, const char *option)
{
	char problem[CONF_PROBLEM];

	if (!conf_option(conf, option, problem))
		fail_msg("%s", problem);
}

static void a_configuration_names_its_folders(void **state)
{
	struct confine_paths paths = {0};
	struct conf conf = {0};

	(void)state;
	set(&conf, "listen=unix:/a/b/sock, inet:127.0.0.1:1 unix:/c/sock");
	set(&conf, "control=unix:/d/control");
	set(&conf, "cache_dir=/e/cache");
	set(&conf, "overrides=/f/overrides");
	set(&conf, "trust_anchor=/g/key");
	set(&conf, "ca_file=/pem");
	confine_add_conf(&paths, &conf, "/h/danestsd.conf");
	assert_false(paths.bad);
	assert_true(listed(&paths, CONFINE_SOCKETS, "/a/b"));
	assert_true(listed(&paths, CONFINE_SOCKETS, "/c"));
	assert_true(listed(&paths, CONFINE_SOCKETS, "/d"));
	assert_true(listed(&paths, CONFINE_WRITE, "/e/cache"));
	assert_true(listed(&paths, CONFINE_READ, "/f"));
	assert_true(listed(&paths, CONFINE_READ, "/g"));
	assert_true(listed(&paths, CONFINE_READ, "/h"));
	/* The folder of this one is all there is. */
	assert_true(listed(&paths, CONFINE_READ, "/pem"));
	for (int use = 0; use < CONFINE_USES; use++) {
		assert_false(listed(&paths, (enum confine_use)use, "/"));
		assert_false(listed(&paths, (enum confine_use)use, ""));
	}
	for (size_t i = 0; i < paths.count; i++)
		if (paths.each[i].use == CONFINE_WRITE)
			assert_string_equal(paths.each[i].path, "/e/cache");
	confine_paths_free(&paths);
	conf_free(&conf);
}

static void a_link_counts_for_both_of_its_ends(void **state)
{
	struct confine_paths paths = {0};
	char path[160], *other;

	(void)state;
	snprintf(path, sizeof(path), "%s/link", w.ours);
	assert_int_equal(symlink(w.secret, path), 0);
	confine_add_file(&paths, path);
	other = realpath(w.other, NULL);
	assert_true(listed(&paths, CONFINE_READ, w.ours));
	assert_true(listed(&paths, CONFINE_READ, other));
	free(other);
	confine_paths_free(&paths);
}

static void nothing_is_asked_for_nothing(void **state)
{
	struct confine_paths paths = {0};

	(void)state;
	confine_add(&paths, CONFINE_READ, NULL);
	confine_add(&paths, CONFINE_READ, "");
	confine_add_file(&paths, NULL);
	confine_add_file(&paths, "");
	assert_int_equal(paths.count, 0);
	confine_add_file(&paths, "danestsd.conf");
	assert_true(listed(&paths, CONFINE_READ, "."));
	confine_paths_free(&paths);
	confine_paths_free(&paths);
}

/* ---- Run ---- */

#define TEST_IN_CHILD(body) \
	static void test_##body(void **state) { (void)state; in_child(body); }

TEST_IN_CHILD(reads_only_what_it_may)
TEST_IN_CHILD(writes_only_where_it_may)
TEST_IN_CHILD(runs_only_its_helper)
TEST_IN_CHILD(gains_nothing)
TEST_IN_CHILD(makes_no_strange_calls)
TEST_IN_CHILD(says_so_when_there_are_threads)
TEST_IN_CHILD(a_list_that_is_not_complete_forbids_nothing)

static void test_makes_sockets_only_where_it_may(void **state)
{
	(void)state;
	in_child(makes_sockets_only_where_it_may);
	remove_log();
}

int main(void)
{
#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_reads_only_what_it_may),
		IN_WORLD(test_writes_only_where_it_may),
		IN_WORLD(test_makes_sockets_only_where_it_may),
		IN_WORLD(test_runs_only_its_helper),
		IN_WORLD(test_gains_nothing),
		IN_WORLD(test_makes_no_strange_calls),
		IN_WORLD(test_says_so_when_there_are_threads),
		IN_WORLD(test_a_list_that_is_not_complete_forbids_nothing),
		cmocka_unit_test(a_configuration_names_its_folders),
		IN_WORLD(a_link_counts_for_both_of_its_ends),
		cmocka_unit_test(nothing_is_asked_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
