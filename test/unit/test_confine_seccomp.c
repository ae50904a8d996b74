/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls, rights and threads of a confined process, tried out. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "confine_help.h"

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

/* ---- Run ---- */

TEST_IN_CHILD(gains_nothing)
TEST_IN_CHILD(makes_no_strange_calls)
TEST_IN_CHILD(says_so_when_there_are_threads)
TEST_IN_CHILD(a_list_that_is_not_complete_forbids_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_gains_nothing),
		IN_WORLD(test_makes_no_strange_calls),
		IN_WORLD(test_says_so_when_there_are_threads),
		IN_WORLD(test_a_list_that_is_not_complete_forbids_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
