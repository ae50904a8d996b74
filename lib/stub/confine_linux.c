/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stub/confine.h"

#ifdef SYS_landlock_create_ruleset
/* As in linux/landlock.h, which may be older than the kernel: every right that
 * the first version knows, and not one path that has any. */
struct ruleset {
	uint64_t handled_access_fs;
};

static void deny_files(void)
{
	struct ruleset all = { (1U << 13) - 1 };
	long fd = syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);

	if (fd < 0)
		return;
	(void)syscall(SYS_landlock_restrict_self, fd, 0);
	close((int)fd);
}
#else
static void deny_files(void) { }
#endif

void confine_system(void)
{
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	deny_files();
}

bool confine_close_from(int first)
{
#ifdef SYS_close_range
	return syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0;
#else
	(void)first;
	return false;
#endif
}
