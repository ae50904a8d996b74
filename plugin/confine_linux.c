/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * landlock(7) for files, no_new_privs against programs that give rights, seccomp(2)
 * against system calls of no use here. Each on its own: a kernel without one of them
 * still has the others.
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/text.h"
#include "plugin/confine.h"
#include "plugin/confine_seccomp.h"

/* ---- Landlock ---- */

#ifdef SYS_landlock_create_ruleset
/* As in linux/landlock.h, which may be older than the kernel, or missing. */
#define FS_EXECUTE     (UINT64_C(1) << 0)
#define FS_WRITE_FILE  (UINT64_C(1) << 1)
#define FS_READ_FILE   (UINT64_C(1) << 2)
#define FS_READ_DIR    (UINT64_C(1) << 3)
#define FS_REMOVE_FILE (UINT64_C(1) << 5)
#define FS_MAKE_REG    (UINT64_C(1) << 8)
#define FS_MAKE_SOCK   (UINT64_C(1) << 9)
#define FS_TRUNCATE    (UINT64_C(1) << 14)

#define OF_A_FILE (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE)

#define CREATE_VERSION 1U
#define RULE_PATH_BENEATH 1

struct ruleset {
	uint64_t handled_access_fs;
};

struct path_beneath {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

static const uint64_t rights[CONFINE_USES] = {
	[CONFINE_READ]    = FS_READ_FILE | FS_READ_DIR,
	[CONFINE_WRITE]   = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE |
	                    FS_MAKE_REG | FS_REMOVE_FILE,
	[CONFINE_SOCKETS] = FS_READ_DIR | FS_MAKE_SOCK | FS_REMOVE_FILE,
	[CONFINE_DEVICE]  = FS_READ_FILE | FS_WRITE_FILE,
	[CONFINE_RUN]     = FS_READ_FILE | FS_EXECUTE,
};

/* How many rights on files each version knows, from the lowest bit: the second added
 * moves between folders (REFER), the third TRUNCATE, the fifth IOCTL_DEV. Rights of
 * later ones are left alone until somebody has looked at them. */
static const unsigned char known[] = { 0, 13, 14, 15, 15, 16 };

static uint64_t handled(long version)
{
	size_t last = COUNT_OF(known) - 1;

	return (UINT64_C(1) << known[version > (long)last ? last : (size_t)version]) - 1;
}

struct fence {
	int fd;
	uint64_t handled;
	int error; /* the first that matters */
};

static void allow(struct fence *fence, enum confine_use use, const char *path)
{
	struct path_beneath rule = { .allowed_access = rights[use] & fence->handled };
	int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;

	/* What is not there, or out of reach, has no need of a rule. */
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= OF_A_FILE;
	rule.parent_fd = fd;
	if (rule.allowed_access != 0 && syscall(SYS_landlock_add_rule, fence->fd,
	    RULE_PATH_BENEATH, &rule, 0) != 0 && errno != EBADFD && fence->error == 0)
		fence->error = errno;
	close(fd);
}

/* The helper is built like us: the same loader starts it, and its libraries are
 * where ours are. */
static int add_loaded(struct dl_phdr_info *info, size_t size, void *arg)
{
	const char *slash = strrchr(info->dlpi_name, '/');
	struct confine_paths *paths = arg;
	char *folder;

	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			confine_add_program(paths, (const char *)(info->dlpi_addr +
			    info->dlpi_phdr[i].p_vaddr));
	if (slash == NULL || slash == info->dlpi_name)
		return 0;
	folder = strndup(info->dlpi_name, (size_t)(slash - info->dlpi_name));
	confine_add(paths, CONFINE_READ, folder);
	paths->bad = paths->bad || folder == NULL;
	free(folder);
	return 0;
}

static void allow_all(struct fence *fence, const struct confine_paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		allow(fence, paths->each[i].use, paths->each[i].path);
	if (paths->bad)
		fence->error = ENOMEM;
}

/* The version in force, 0 for a kernel without; or -1: errno. */
static int landlock(const struct confine_paths *paths)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
	struct confine_paths loaded = {0};
	struct fence fence = { .fd = -1 };
	struct ruleset set;

	if (version < 1)
		return version == 0 || errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -1;
	set.handled_access_fs = fence.handled = handled(version);
	fence.fd = (int)syscall(SYS_landlock_create_ruleset, &set, sizeof(set), 0);
	if (fence.fd < 0)
		return -1;
	fcntl(fence.fd, F_SETFD, FD_CLOEXEC);
	allow_all(&fence, paths);
	dl_iterate_phdr(add_loaded, &loaded);
	allow_all(&fence, &loaded);
	confine_paths_free(&loaded);
	if (fence.error == 0 && syscall(SYS_landlock_restrict_self, fence.fd, 0) != 0)
		fence.error = errno;
	close(fence.fd);
	errno = fence.error;
	return fence.error == 0 ? (int)version : -1;
}
#else
static int landlock(const struct confine_paths *paths)
{
	(void)paths;
	return 0;
}
#endif

/* ---- All together ---- */

/* Landlock holds for the thread that asks, and for those that it starts. */
static bool is_alone(void)
{
	struct stat st;

	return stat("/proc/self/task", &st) < 0 || st.st_nlink <= 3;
}

static bool fence_in(const struct confine_paths *paths, char *text, size_t size)
{
	int version;

	/* With half of the list, the other half would be forbidden. */
	if (paths->bad) {
		text_format(text, size, "no landlock: %s", strerror(ENOMEM));
		return false;
	}
	if (!is_alone()) {
		text_format(text, size, "no landlock: other threads run already");
		return false;
	}
	version = landlock(paths);
	if (version > 0)
		text_format(text, size, "landlock (ABI %d)", version);
	else if (version == 0)
		text_format(text, size, "no landlock (this kernel has none)");
	else
		text_format(text, size, "no landlock: %s", strerror(errno));
	return version >= 0;
}

static bool filter_calls(char *text, size_t size)
{
	if (confine_seccomp()) {
		text_format(text, size, "seccomp");
		return true;
	}
	if (errno == ENOSYS || errno == EINVAL) {
		text_format(text, size, "no seccomp (this kernel or build has none)");
		return true;
	}
	text_format(text, size, "no seccomp: %s", strerror(errno));
	return false;
}

bool confine(const struct confine_paths *paths, char text[CONFINE_TEXT])
{
	char files[80], calls[80];
	bool ok = true;

	/* The other two want it first. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		text_format(text, CONFINE_TEXT, "not confined: no_new_privs: %s",
		    strerror(errno));
		return false;
	}
	ok = fence_in(paths, files, sizeof(files)) && ok;
	ok = filter_calls(calls, sizeof(calls)) && ok;
	text_format(text, CONFINE_TEXT, "confined: %s, no_new_privs, %s", files, calls);
	return ok;
}

/* ---- Capabilities ---- */

/* As in linux/capability.h: its third version, two halves of each set. */
#define CAPABILITY_VERSION 0x20080522U

struct capability_header {
	uint32_t version;
	int pid;
};

struct capability_sets {
	uint32_t effective, permitted, inheritable;
};

/* They stay over a change of user when whoever started us set securebits so. */
bool confine_drop_capabilities(void)
{
	struct capability_header header = { .version = CAPABILITY_VERSION };
	const struct capability_sets none[2] = {{0}};

	return syscall(SYS_capset, &header, none) == 0;
}
