/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is let in when all connections of the control socket are taken, at times that the
 * test sets; what connections do is in test/tools/status.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "plugin/control_impl.h"

static int64_t now = 1000000;

time_t clock_now(void) { return (time_t)(now / 1000); }
int64_t clock_mono_ms(void) { return now; }
int64_t clock_mono_us(void) { return now * 1000; }

struct world {
	char dir[64];
	struct sockaddr_un addr;
	struct listener listener;
	struct listeners listeners;
	struct service service;
	struct control *control;
};

static void world_new(struct world *w)
{
	*w = (struct world){ .dir = "/tmp/danests-control-XXXXXX" };
	assert_non_null(mkdtemp(w->dir));
	w->addr.sun_family = AF_UNIX;
	snprintf(w->addr.sun_path, sizeof(w->addr.sun_path), "%s/c", w->dir);
	w->listener.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(w->listener.fd, (struct sockaddr *)&w->addr, sizeof(w->addr)), 0);
	assert_int_equal(listen(w->listener.fd, 64), 0);
	w->listeners = (struct listeners){ .each = &w->listener, .count = 1 };
	w->service.control = &w->listeners;
	assert_int_equal(loop_new(&w->service.loop), DANESTS_OK);
	assert_int_equal(control_new(&w->control, &w->service), DANESTS_OK);
}

static void world_free(struct world *w)
{
	control_free(w->control);
	loop_free(w->service.loop);
	close(w->listener.fd);
	unlink(w->addr.sun_path);
	rmdir(w->dir);
}

static void turn(struct world *w)
{
	for (int i = 0; i < 4; i++)
		assert_int_equal(loop_turn(w->service.loop, 0), DANESTS_OK);
}

static int join(struct world *w)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&w->addr, sizeof(w->addr)), 0);
	turn(w);
	return fd;
}

/* Or told that it is busy: then it is closed, too. */
static bool is_open(int fd)
{
	char octet;

	return recv(fd, &octet, 1, MSG_PEEK) < 0;
}

static void say(struct world *w, int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	turn(w);
}

static void close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

static void one_idle_for_long_makes_room_and_no_other(void **state)
{
	int fds[CONTROL_MAX + 2];
	struct world w;

	(void)state;
	world_new(&w);
	for (int i = 0; i < CONTROL_MAX; i++) {
		fds[i] = join(&w);
		now += 10;
	}
	say(&w, fds[0], "{\"do\":"); /* no longer the one that was silent longest */
	now += CONTROL_IDLE_MS - 10 * CONTROL_MAX;
	fds[CONTROL_MAX] = join(&w);
	assert_false(is_open(fds[CONTROL_MAX])); /* nobody has been idle for as long yet */
	close(fds[CONTROL_MAX]);
	now += 15; /* now the second and the third have */
	fds[CONTROL_MAX] = join(&w);
	assert_true(is_open(fds[CONTROL_MAX]));
	for (int i = 0; i < CONTROL_MAX; i++)
		assert_int_equal(is_open(fds[i]), i != 1);
	close_all(fds, CONTROL_MAX + 1);
	world_free(&w);
}

static void half_a_line_is_not_idle(void **state)
{
	int fds[CONTROL_MAX + 1];
	struct world w;

	(void)state;
	world_new(&w);
	for (int i = 0; i < CONTROL_MAX; i++) {
		fds[i] = join(&w);
		say(&w, fds[i], "{\"do\":");
	}
	now += CONTROL_IDLE_MS;
	fds[CONTROL_MAX] = join(&w);
	assert_false(is_open(fds[CONTROL_MAX]));
	for (int i = 0; i < CONTROL_MAX; i++)
		assert_true(is_open(fds[i]));
	close_all(fds, CONTROL_MAX + 1);
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_idle_for_long_makes_room_and_no_other),
		cmocka_unit_test(half_a_line_is_not_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
