/* SPDX-License-Identifier: BSD-2-Clause */
/* Two folders and a child that is confined to one of them. */
#ifndef TEST_UNIT_CONFINE_HELP_H
#define TEST_UNIT_CONFINE_HELP_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "plugin/confine.h"

/* Two folders with a file each: one for the service, one that is nobody's business. */
struct world {
	char top[64];
	char ours[96], other[96];
	char file[112], secret[112], sock[112];
};

static struct world w;
static const char *where; /* the claim at hand, for whoever reads of a failure */

static inline void write_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, "text\n", 5) != 5)
		abort();
	close(fd);
}

static inline int open_world(void **state)
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

static inline int close_world(void **state)
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

static inline int failed(void)
{
	fprintf(stderr, "# not so: %s (%s)\n", where, strerror(errno));
	return 1;
}

static inline void in_child(int (*body)(void))
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
static inline bool confined(const char *part, enum confine_use use, const char *path)
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

static inline bool opens(int fd) { return fd >= 0 && close(fd) == 0; }

static inline int run_program(const char *path)
{
	char name[] = "true", *argv[] = { name, NULL }, *env[] = { NULL };
	int status = 0;
	pid_t child;

	errno = posix_spawn(&child, path, NULL, NULL, argv, env);
	if (errno != 0)
		return -1;
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -2;
}

#define TEST_IN_CHILD(body) \
	static void test_##body(void **state) { (void)state; in_child(body); }
#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

#endif
