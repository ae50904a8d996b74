/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the store, whatever stands in their place. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "source/file.h"

static char folder[] = "/tmp/test_file.XXXXXX";
static int dir = -1;

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL || (dir = open(folder, O_RDONLY | O_DIRECTORY)) < 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(dir);
	return rmdir(folder);
}

static int mode_of(const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? (int)(st.st_mode & 07777) : -1;
}

/* The thread that makes a socket sets the umask of all. */
static void a_new_file_has_its_mode_whatever_the_umask(void **state)
{
	static const int flags[] = { O_RDWR | O_CREAT | O_EXCL, O_RDWR | O_CREAT };
	static const mode_t masks[] = { 022, 0, 0777, 0177, 0111 };
	mode_t before = umask(0);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(flags) * COUNT_OF(masks); i++) {
		int fd;

		umask(masks[i / COUNT_OF(flags)]);
		fd = file_open(dir, "new", flags[i % COUNT_OF(flags)]);
		umask(before);
		assert_true(fd >= 0);
		assert_int_equal(mode_of("new"), 0600);
		assert_true(file_write(fd, "x", 1, 0));
		file_close(fd);
		assert_int_equal(unlinkat(dir, "new", 0), 0);
	}
}

static void what_is_there_keeps_its_mode_and_its_octets(void **state)
{
	char octet = 0;
	int fd = file_open(dir, "old", O_RDWR | O_CREAT);

	(void)state;
	assert_true(fd >= 0 && file_write(fd, "x", 1, 0));
	assert_int_equal(fchmod(fd, 0640), 0);
	file_close(fd);
	fd = file_open(dir, "old", O_RDWR | O_CREAT);
	assert_true(fd >= 0);
	assert_int_equal(mode_of("old"), 0640);
	assert_int_equal(file_read(fd, &octet, 1, 0), 1);
	assert_int_equal(octet, 'x');
	file_close(fd);
	assert_int_equal(file_open(dir, "old", O_RDWR | O_CREAT | O_EXCL), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(unlinkat(dir, "old", 0), 0);
	assert_int_equal(file_open(dir, "old", O_RDWR), -1);
	assert_int_equal(errno, ENOENT);
}

static void links_and_fifos_are_refused(void **state)
{
	(void)state;
	assert_int_equal(symlinkat("target", dir, "link"), 0);
	assert_int_equal(file_open(dir, "link", O_RDWR | O_CREAT), -1);
	assert_int_equal(mode_of("target"), -1);
	assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
	assert_int_equal(file_open(dir, "fifo", O_RDONLY), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(unlinkat(dir, "link", 0), 0);
	assert_int_equal(unlinkat(dir, "fifo", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_file_has_its_mode_whatever_the_umask),
		cmocka_unit_test(what_is_there_keeps_its_mode_and_its_octets),
		cmocka_unit_test(links_and_fifos_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
