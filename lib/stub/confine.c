/* SPDX-License-Identifier: BSD-2-Clause */
#include "stub/confine.h"

#include <grp.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

#define NOBODY 65534 /* owns nothing, on Linux and FreeBSD alike */

void confine_descriptors(void)
{
	long last = sysconf(_SC_OPEN_MAX);

	if (confine_close_from(3))
		return;
	if (last < 0 || last > 65536)
		last = 65536;
	for (int fd = 3; fd < last; fd++)
		close(fd);
}

/* Order matters: groups while we may still change them. */
static bool drop_root(void)
{
	gid_t none = NOBODY;

	if (geteuid() != 0)
		return true;
	if (setgroups(1, &none) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) != 0)
		return false;
	return setuid(0) != 0;
}

static void limit(int what, rlim_t most)
{
	struct rlimit lim = { most, most };

	(void)setrlimit(what, &lim);
}

bool confine_process(void)
{
	struct rlimit files;

	/* A socket per question. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max > 8192 ? 8192 : files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	if (!drop_root())
		return false;
	limit(RLIMIT_NPROC, 0);
	return true;
}
