/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "tools/probe_wire.h"

/* One end is the wire, the other what is called the server. */
static int server;

static struct wire new_wire(int ms)
{
	struct wire wire = { .ops = &wire_socket };
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	wire.fd = pair[0];
	server = pair[1];
	assert_int_equal(fcntl(wire.fd, F_SETFL, O_NONBLOCK), 0);
	wire.deadline = clock_mono_ms() + ms;
	return wire;
}

static void end_wire(struct wire *wire)
{
	close(wire->fd);
	if (server >= 0)
		close(server);
}

static void what_is_there_is_read(void **state)
{
	struct wire wire = new_wire(60000);
	char data[10] = "";

	(void)state;
	assert_int_equal(wire_take(&wire, data, sizeof(data)), 0);
	assert_int_equal(wire.state, WIRE_OPEN);
	assert_int_equal(write(server, "abc", 3), 3);
	assert_int_equal(wire_read(&wire, data, 2), 2);
	assert_int_equal(wire_take(&wire, data + 2, 8), 1);
	assert_string_equal(data, "abc");
	assert_int_equal(wire.came, 3);
	end_wire(&wire);
}

static void silence_ends_at_the_deadline(void **state)
{
	struct wire wire = new_wire(20);
	char data[10];

	(void)state;
	assert_int_equal(wire_read(&wire, data, sizeof(data)), 0);
	assert_int_equal(wire.state, WIRE_LATE);
	assert_true(clock_mono_ms() >= wire.deadline);
	/* It stays that way. */
	assert_int_equal(write(server, "abc", 3), 3);
	assert_int_equal(wire_read(&wire, data, sizeof(data)), 0);
	end_wire(&wire);
}

static void what_was_said_before_the_end_is_read(void **state)
{
	struct wire wire = new_wire(60000);
	char data[10];

	(void)state;
	assert_int_equal(write(server, "abc", 3), 3);
	close(server);
	server = -1;
	/* Nobody is there to get that: no SIGPIPE, no error yet. */
	assert_true(wire_send(&wire, "EHLO x\r\n", 8));
	assert_int_equal(wire_read(&wire, data, sizeof(data)), 3);
	assert_int_equal(wire_read(&wire, data, sizeof(data)), 0);
	assert_int_equal(wire.state, WIRE_CLOSED);
	assert_true(wire_send(&wire, "EHLO x\r\n", 8));
	end_wire(&wire);
}

static void a_server_that_reads_nothing_ends_at_the_deadline(void **state)
{
	static char much[1 << 20];
	struct wire wire = new_wire(50);

	(void)state;
	for (int i = 0; i < 64 && wire.state == WIRE_OPEN; i++)
		wire_send(&wire, much, sizeof(much));
	assert_int_equal(wire.state, WIRE_LATE);
	end_wire(&wire);
}

static ssize_t endless_recv(struct wire *wire, void *data, size_t size)
{
	(void)wire;
	memset(data, 'x', size);
	return (ssize_t)size;
}

static int failing_poll(struct wire *wire, short events, int ms)
{
	(void)wire;
	(void)events;
	(void)ms;
	errno = ENOMEM;
	return -1;
}

static ssize_t empty_recv(struct wire *wire, void *data, size_t size)
{
	(void)wire;
	(void)data;
	(void)size;
	errno = EAGAIN;
	return -1;
}

static ssize_t broken_recv(struct wire *wire, void *data, size_t size)
{
	(void)wire;
	(void)data;
	(void)size;
	errno = ECONNRESET;
	return -1;
}

static void what_comes_is_bounded(void **state)
{
	static const struct wire_ops endless = { endless_recv, NULL, NULL };
	struct wire wire = { .ops = &endless, .fd = -1 };
	char data[5000];
	size_t all = 0, n;

	(void)state;
	while ((n = wire_read(&wire, data, sizeof(data))) > 0)
		all += n;
	assert_int_equal(wire.state, WIRE_FULL);
	assert_true(all >= WIRE_BOUND && all < WIRE_BOUND + sizeof(data));
}

static void what_our_system_does_is_not_the_servers(void **state)
{
	static const struct wire_ops failing = { empty_recv, NULL, failing_poll };
	static const struct wire_ops broken = { broken_recv, NULL, NULL };
	struct wire wire = { .ops = &failing, .fd = -1, .deadline = clock_mono_ms() + 60000 };
	char data[10];

	(void)state;
	assert_int_equal(wire_read(&wire, data, sizeof(data)), 0);
	assert_int_equal(wire.state, WIRE_LOCAL);
	assert_int_equal(wire.error, ENOMEM);
	wire.ops = &broken;
	wire.state = WIRE_OPEN;
	assert_int_equal(wire_read(&wire, data, sizeof(data)), 0);
	assert_int_equal(wire.state, WIRE_RESET);
}

static void being_polite_is_bounded(void **state)
{
	struct wire wire = new_wire(3600 * 1000);
	int64_t soon;
	char data[10];

	(void)state;
	wire_is_known(&wire);
	soon = wire.deadline;
	assert_true(soon <= clock_mono_ms() + 1000);
	wire_is_known(&wire);
	assert_int_equal(wire.deadline, soon);
	/* The server hears the end, says something, and never closes. */
	assert_int_equal(write(server, "221 bye\r\n", 9), 9);
	wire_finish(&wire);
	assert_int_equal(wire.state, WIRE_LATE);
	assert_int_equal(read(server, data, sizeof(data)), 0);
	end_wire(&wire);

	wire = new_wire(10);
	soon = wire.deadline;
	wire_is_known(&wire);
	assert_int_equal(wire.deadline, soon);
	end_wire(&wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_there_is_read),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(what_was_said_before_the_end_is_read),
		cmocka_unit_test(a_server_that_reads_nothing_ends_at_the_deadline),
		cmocka_unit_test(what_comes_is_bounded),
		cmocka_unit_test(what_our_system_does_is_not_the_servers),
		cmocka_unit_test(being_polite_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
