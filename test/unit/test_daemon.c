/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <cmocka.h>

#include "base/attr.h"
#include "plugin/daemon.h"

/* ---- Rights ---- */

/* Its exit status; each test of rights loses what the others need. */
static int in_child(int (*body)(void))
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(body());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int drop_and_look(void)
{
	char problem[DAEMON_PROBLEM];
	gid_t groups[64];
	uid_t r, e, s;
	gid_t rg, eg, sg;
	int n;

	if (!daemon_drop("nobody", problem))
		return 1;
	if (getresuid(&r, &e, &s) < 0 || r == 0 || e != r || s != r)
		return 2;
	if (getresgid(&rg, &eg, &sg) < 0 || rg == 0 || eg != rg || sg != rg)
		return 3;
	n = getgroups(COUNT_OF(groups), groups);
	for (int i = 0; i < n; i++)
		if (groups[i] == 0)
			return 4;
	if (n < 0 || setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0 || setegid(0) == 0)
		return 5;
	/* A second time, as that user, there is nothing left to do. */
	return daemon_drop("nobody", problem) ? 0 : 6;
}

static void all_ids_and_groups_are_dropped(void **state)
{
	(void)state;
	if (getuid() != 0)
		skip();
	assert_int_equal(in_child(drop_and_look), 0);
}

#ifdef __linux__
/* What /proc says of a set: '0' in every place. */
static int has_capabilities(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	int found = 0, any = 0;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "CapInh:", 7) != 0 && strncmp(line, "CapPrm:", 7) != 0 &&
		    strncmp(line, "CapEff:", 7) != 0 && strncmp(line, "CapAmb:", 7) != 0)
			continue;
		found++;
		any += strspn(line + 7, "\t 0\n") != strlen(line + 7);
	}
	if (file != NULL)
		fclose(file);
	return found == 4 ? any : -1;
}

/* As in linux/securebits.h, which not every libc comes with. */
#define NO_SETUID_FIXUP (1UL << 2)
#define KEEP_CAPS       (1UL << 4)

static int drop_with_kept_capabilities(void)
{
	char problem[DAEMON_PROBLEM];

	if (has_capabilities() <= 0)
		return 1;
	/* As a container's manager may have it: a change of user changes nothing else. */
	if (prctl(PR_SET_SECUREBITS, NO_SETUID_FIXUP | KEEP_CAPS, 0, 0, 0) != 0)
		return 77;
	if (!daemon_drop("nobody", problem))
		return 2;
	return has_capabilities() == 0 ? 0 : 3;
}

static void kept_capabilities_are_dropped(void **state)
{
	int status;

	(void)state;
	if (getuid() != 0)
		skip();
	status = in_child(drop_with_kept_capabilities);
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
}
#endif

static void an_unknown_user_is_an_error(void **state)
{
	char problem[DAEMON_PROBLEM] = "";

	(void)state;
	assert_false(daemon_user_exists("danests-no-such-user"));
	assert_false(daemon_drop("danests-no-such-user", problem));
	assert_non_null(strstr(problem, "danests-no-such-user"));
}

static int become_root(void)
{
	char problem[DAEMON_PROBLEM];

	if (getuid() == 0 && !daemon_drop("nobody", problem))
		return 1;
	return !daemon_drop("root", problem) && strstr(problem, "cannot become") ? 0 : 2;
}

static void nobody_becomes_root(void **state)
{
	(void)state;
	assert_int_equal(in_child(become_root), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ids_and_groups_are_dropped),
		cmocka_unit_test(an_unknown_user_is_an_error),
		cmocka_unit_test(nobody_becomes_root),
#ifdef __linux__
		cmocka_unit_test(kept_capabilities_are_dropped),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
