/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints that come, go and stay. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/xattr.h>
#endif

#include <cmocka.h>

#include "base/attr.h"

#include "plugin/listen.h"

static char folder[] = "/tmp/test_listen.XXXXXX";
static char problem[LISTEN_PROBLEM];
static int by_name; /* modes that were set by name */

/* In the place of the C library's: whoever owns the folder can have a link in the place
 * of the socket, and root would follow it. */
int chmod(const char *name, mode_t mode)
{
	by_name++;
	return fchmodat(AT_FDCWD, name, mode, 0);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(folder); /* so nothing may be left in it */
}

static const char *endpoint(const char *name)
{
	static char text[100];

	snprintf(text, sizeof(text), "unix:%s/%s", folder, name);
	return text;
}

static const char *path(const char *name) { return endpoint(name) + strlen("unix:"); }

static int mode_of(const char *name)
{
	struct stat st;

	return lstat(path(name), &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

static bool can_connect(const char *name)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool ok;

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path(name));
	ok = connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0;
	close(fd);
	return ok;
}

static void what_stays_keeps_its_descriptor_and_what_goes_is_removed(void **state)
{
	struct listeners now = {0}, next = {0};
	int fd;

	(void)state;
	assert_true(listen_open(&now, endpoint("a"), 0600, problem));
	assert_true(listen_open(&now, endpoint("b"), 0600, problem));
	fd = now.each[1].fd;
	assert_true(listen_again(&next, &now, endpoint("c"), 0600, problem));
	assert_true(listen_again(&next, &now, endpoint("b"), 0640, problem));
	assert_true(can_connect("a") && can_connect("b") && can_connect("c"));
	assert_int_equal(mode_of("b"), 0600);
	assert_true(listen_adopt(&now, &next, problem));
	assert_int_equal(next.count, 0);
	assert_int_equal(now.count, 2);
	assert_int_equal(now.each[1].fd, fd);
	assert_int_equal(mode_of("b"), 0640);
	assert_int_equal(mode_of("a"), -1);
	assert_true(can_connect("b") && can_connect("c"));
	listen_close(&now);
	assert_int_equal(mode_of("b"), -1);
}

static void a_change_given_up_leaves_all_as_it_was(void **state)
{
	struct listeners now = {0}, next = {0};

	(void)state;
	assert_true(listen_open(&now, endpoint("a"), 0600, problem));
	assert_true(listen_again(&next, &now, endpoint("a"), 0666, problem));
	assert_true(listen_again(&next, &now, endpoint("b"), 0666, problem));
	assert_false(listen_again(&next, &now, "inet:192.0.2.1:1", 0, problem));
	assert_non_null(strstr(problem, "192.0.2.1"));
	listen_close(&next);
	assert_int_equal(mode_of("b"), -1);
	assert_int_equal(mode_of("a"), 0600);
	assert_true(can_connect("a"));
	listen_close(&now);
}

static void the_same_twice_is_an_error(void **state)
{
	struct listeners now = {0}, next = {0};

	(void)state;
	assert_true(listen_open(&now, endpoint("a"), 0600, problem));
	assert_true(listen_again(&next, &now, endpoint("a"), 0600, problem));
	assert_false(listen_again(&next, &now, endpoint("a"), 0600, problem));
	assert_non_null(strstr(problem, "twice"));
	assert_false(listen_again(&next, &now, "nonsense", 0600, problem));
	listen_close(&next);
	assert_true(can_connect("a"));
	listen_close(&now);
}

static void what_systemd_passed_stays(void **state)
{
	struct listeners now = {0}, next = {0};

	(void)state;
	assert_true(listen_open(&now, endpoint("a"), 0600, problem));
	now.each[0].inherited = true; /* as if it had been */
	assert_true(listen_keep_inherited(&next, &now, problem));
	assert_true(listen_adopt(&now, &next, problem));
	assert_int_equal(now.count, 1);
	assert_true(can_connect("a"));
	listen_close(&now);
}

static void a_socket_of_somebody_else_in_its_place_is_left_alone(void **state)
{
	struct listeners now = {0}, next = {0};
	FILE *f;

	(void)state;
	assert_true(listen_open(&now, endpoint("a"), 0600, problem));
	assert_true(listen_again(&next, &now, endpoint("a"), 0666, problem));
	assert_int_equal(unlink(path("a")), 0);
	f = fopen(path("a"), "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(fchmodat(AT_FDCWD, path("a"), 0644, 0), 0);
	assert_true(listen_adopt(&now, &next, problem));
	assert_int_equal(mode_of("a"), 0644);
	listen_close(&now);
	assert_int_equal(unlink(path("a")), 0);
}

static void a_socket_whose_file_is_gone_is_made_again(void **state)
{
	struct listeners now = {0}, next = {0};

	(void)state;
	assert_true(listen_open(&now, endpoint("a"), 0600, problem));
	assert_int_equal(unlink(path("a")), 0);
	assert_true(listen_again(&next, &now, endpoint("a"), 0640, problem));
	assert_true(listen_adopt(&now, &next, problem));
	assert_int_equal(now.count, 1);
	assert_int_equal(mode_of("a"), 0640);
	assert_true(can_connect("a"));
	listen_close(&now);
}

static void a_socket_is_made_with_its_mode_and_the_umask_stays(void **state)
{
	static const mode_t modes[] = { 0666, 0660, 0600, 0640, 0777, 0006, 0 };
	static const mode_t masks[] = { 022, 077, 0, 0777 };
	struct listeners ls = {0};
	mode_t before = umask(0);

	(void)state;
	by_name = 0;
	for (size_t i = 0; i < COUNT_OF(modes) * COUNT_OF(masks); i++) {
		mode_t mask = masks[i % COUNT_OF(masks)];
		mode_t mode = modes[i / COUNT_OF(masks)];

		umask(mask);
		assert_true(listen_open(&ls, endpoint("a"), mode, problem));
		assert_int_equal(mode_of("a"), mode);
		/* Also when it goes wrong: there is one already. */
		assert_false(listen_open(&ls, endpoint("a"), mode, problem));
		assert_false(listen_open(&ls, endpoint("none/none/a"), mode, problem));
		assert_int_equal(umask(mask), mask);
		listen_close(&ls);
	}
	umask(before);
	assert_int_equal(by_name, 0);
}

static void a_folder_is_made_with_its_mode_too(void **state)
{
	struct listeners ls = {0};
	mode_t before = umask(077);

	(void)state;
	by_name = 0;
	assert_true(listen_open(&ls, endpoint("folder/a"), 0666, problem));
	assert_int_equal(umask(before), 077);
	assert_int_equal(mode_of("folder"), 0755);
	assert_int_equal(mode_of("folder/a"), 0666);
	listen_close(&ls);
	assert_int_equal(rmdir(path("folder")), 0);
	assert_int_equal(by_name, 0);
}

static void a_new_mode_is_not_that_of_a_links_target(void **state)
{
	struct listeners now = {0}, next = {0};

	(void)state;
	by_name = 0;
	assert_true(listen_open(&now, endpoint("a"), 0600, problem));
	assert_true(listen_again(&next, &now, endpoint("a"), 0666, problem));
	assert_true(listen_adopt(&now, &next, problem));
	assert_int_equal(mode_of("a"), 0666);
	listen_close(&now);
	assert_int_equal(by_name, 0);
}

#ifdef __linux__
/* As linux/posix_acl_xattr.h has it: user::rwx group::--- other::--- */
static const unsigned char owner_only[] = {
	2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 4, 0, 0, 0, 255, 255, 255, 255,
	32, 0, 0, 0, 255, 255, 255, 255,
};

static void a_mode_that_cannot_be_had_is_told(void **state)
{
	struct listeners ls = {0};
	bool ok;

	(void)state;
	if (setxattr(folder, "system.posix_acl_default", owner_only, sizeof(owner_only), 0) != 0)
		skip();
	ok = listen_open(&ls, endpoint("a"), 0666, problem);
	assert_int_equal(removexattr(folder, "system.posix_acl_default"), 0);
	assert_false(ok);
	assert_non_null(strstr(problem, "0600, not 0666"));
	assert_int_equal(mode_of("a"), -1);
	listen_close(&ls);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stays_keeps_its_descriptor_and_what_goes_is_removed),
		cmocka_unit_test(a_change_given_up_leaves_all_as_it_was),
		cmocka_unit_test(the_same_twice_is_an_error),
		cmocka_unit_test(what_systemd_passed_stays),
		cmocka_unit_test(a_socket_of_somebody_else_in_its_place_is_left_alone),
		cmocka_unit_test(a_socket_whose_file_is_gone_is_made_again),
		cmocka_unit_test(a_socket_is_made_with_its_mode_and_the_umask_stays),
		cmocka_unit_test(a_folder_is_made_with_its_mode_too),
		cmocka_unit_test(a_new_mode_is_not_that_of_a_links_target),
#ifdef __linux__
		cmocka_unit_test(a_mode_that_cannot_be_had_is_told),
#endif
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
