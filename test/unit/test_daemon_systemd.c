/* SPDX-License-Identifier: BSD-2-Clause */
/* What systemd is told, and what it says about its watchdog. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "plugin/daemon.h"

#define LONG 60 /* seconds: what waits for a busy systemd is ended then */

/* ---- systemd's end ---- */

struct manager {
	char folder[64], path[80];
	int fd;
};

static int open_manager(void **state)
{
	static struct manager m;
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	snprintf(m.folder, sizeof(m.folder), "/tmp/danests-notify-XXXXXX");
	if (mkdtemp(m.folder) == NULL)
		return -1;
	snprintf(m.path, sizeof(m.path), "%s/s", m.folder);
	memcpy(un.sun_path, m.path, strlen(m.path));
	m.fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (m.fd < 0 || bind(m.fd, (struct sockaddr *)&un, sizeof(un)) < 0)
		return -1;
	*state = &m;
	return setenv("NOTIFY_SOCKET", m.path, 1);
}

static int close_manager(void **state)
{
	struct manager *m = *state;

	unsetenv("NOTIFY_SOCKET");
	close(m->fd);
	unlink(m->path);
	return rmdir(m->folder);
}

/* What it has been told, or "" for nothing. */
static const char *heard(const struct manager *m)
{
	static char text[1024];
	ssize_t n = recv(m->fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void systemd_is_told_what_goes_on(void **state)
{
	daemon_ready();
	assert_string_equal(heard(*state), "READY=1\nSTATUS=answering\n");
	daemon_alive();
	assert_string_equal(heard(*state), "WATCHDOG=1\n");
	daemon_stopping();
	assert_string_equal(heard(*state), "STOPPING=1\n");
}

static void a_reload_names_its_time(void **state)
{
	unsigned long long usec = 0;
	struct timespec before, after;
	const char *text;

	clock_gettime(CLOCK_MONOTONIC, &before);
	daemon_reloading();
	clock_gettime(CLOCK_MONOTONIC, &after);
	text = heard(*state);
	assert_int_equal(sscanf(text, "RELOADING=1\nMONOTONIC_USEC=%llu\n", &usec), 1);
	assert_true(usec >= (unsigned long long)before.tv_sec * 1000000);
	assert_true(usec <= (unsigned long long)(after.tv_sec + 1) * 1000000);
}

static void a_status_is_one_line(void **state)
{
	char longer[2000];

	daemon_status("10 clients\nREADY=1\x1b[2J");
	assert_string_equal(heard(*state), "STATUS=10 clients?READY=1?[2J");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	daemon_status(longer);
	assert_true(strlen(heard(*state)) < 1000);
}

static void nobody_is_told_without_systemd(void **state)
{
	unsetenv("NOTIFY_SOCKET");
	daemon_alive();
	setenv("NOTIFY_SOCKET", "relative", 1);
	daemon_alive();
	assert_string_equal(heard(*state), "");
}

#ifdef __linux__
static void a_socket_may_have_an_abstract_name(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct manager other = { .fd = socket(AF_UNIX, SOCK_DGRAM, 0) };
	char name[64];

	(void)state;
	snprintf(name, sizeof(name), "@danests-test-%ld", (long)getpid());
	memcpy(un.sun_path + 1, name + 1, strlen(name) - 1);
	assert_int_equal(bind(other.fd, (struct sockaddr *)&un, (socklen_t)(offsetof(
	    struct sockaddr_un, sun_path) + strlen(name))), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	daemon_alive();
	assert_string_equal(heard(&other), "WATCHDOG=1\n");
	close(other.fd);
}
#endif

/* A systemd that does not read must not hold up who serves: a send that waits for it
 * does so without end. */
static void a_busy_systemd_is_not_waited_for(void **state)
{
	(void)state;
	alarm(LONG);
	for (int i = 0; i < 5000; i++)
		daemon_alive();
	daemon_status("still here");
	alarm(0);
}

/* Its queue is full. How many are in it. */
static int fill(const struct manager *m)
{
	int n = 0, fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	memcpy(un.sun_path, m->path, strlen(m->path));
	while (sendto(fd, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&un, sizeof(un)) == 1)
		n++;
	close(fd);
	return n;
}

static void empty(const struct manager *m, int count)
{
	for (int i = 0; i < count; i++)
		assert_string_equal(heard(m), "x");
	assert_string_equal(heard(m), "");
}

static void what_a_busy_systemd_missed_is_told_later_and_in_order(void **state)
{
	int count;

	daemon_ready(); /* not the first time, for which there is patience */
	assert_string_equal(heard(*state), "READY=1\nSTATUS=answering\n");
	count = fill(*state);
	alarm(LONG);
	daemon_reloading();
	daemon_ready();
	daemon_reloading();
	daemon_alive();
	daemon_ready();
	empty(*state, count);
	daemon_alive();
	assert_non_null(strstr(heard(*state), "RELOADING=1\n"));
	assert_string_equal(heard(*state), "READY=1\nSTATUS=answering\n");
	assert_string_equal(heard(*state), "WATCHDOG=1\n");
	assert_string_equal(heard(*state), "");
	alarm(0);
}

/* READY=1 after it would have systemd believe that it goes on. */
static void after_the_end_nothing_else_is_told(void **state)
{
	int count = fill(*state);

	alarm(LONG);
	daemon_reloading();
	daemon_ready();
	daemon_stopping();
	empty(*state, count);
	daemon_alive();
	assert_string_equal(heard(*state), "STOPPING=1\n");
	assert_string_equal(heard(*state), "WATCHDOG=1\n");
	assert_string_equal(heard(*state), "");
	alarm(0);
}

/* ---- The watchdog ---- */

static void the_watchdog_is_ours_or_nobodys(void **state)
{
	char own[16];

	(void)state;
	snprintf(own, sizeof(own), "%ld", (long)getpid());
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(daemon_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "60000000", 1);
	assert_int_equal(daemon_watchdog_ms(), 60000);
	setenv("WATCHDOG_PID", own, 1);
	assert_int_equal(daemon_watchdog_ms(), 60000);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(daemon_watchdog_ms(), 0);
	setenv("WATCHDOG_PID", "x", 1);
	assert_int_equal(daemon_watchdog_ms(), 0);
	unsetenv("WATCHDOG_PID");
}

static void the_watchdog_takes_only_numbers(void **state)
{
	static const struct {
		const char *usec;
		int ms;
	} rows[] = {
		{ "", 0 }, { "0", 0 }, { "-5", 0 }, { "5s", 0 }, { " 5", 0 },
		{ "99999999999999999999", 0 }, { "1", 1 }, { "1500000", 1500 },
		{ "18446744073709551615", INT32_MAX },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		setenv("WATCHDOG_USEC", rows[i].usec, 1);
		assert_int_equal(daemon_watchdog_ms(), rows[i].ms);
	}
	unsetenv("WATCHDOG_USEC");
}

int main(void)
{
#define WITH_MANAGER(f) cmocka_unit_test_setup_teardown(f, open_manager, close_manager)
	const struct CMUnitTest tests[] = {
		WITH_MANAGER(systemd_is_told_what_goes_on),
		WITH_MANAGER(a_reload_names_its_time),
		WITH_MANAGER(a_status_is_one_line),
		WITH_MANAGER(nobody_is_told_without_systemd),
		WITH_MANAGER(a_busy_systemd_is_not_waited_for),
		WITH_MANAGER(what_a_busy_systemd_missed_is_told_later_and_in_order),
		WITH_MANAGER(after_the_end_nothing_else_is_told),
		cmocka_unit_test(the_watchdog_is_ours_or_nobodys),
		cmocka_unit_test(the_watchdog_takes_only_numbers),
#ifdef __linux__
		WITH_MANAGER(a_socket_may_have_an_abstract_name),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
