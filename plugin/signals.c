/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attr.h"

static int write_end = -1;

static void note(int number)
{
	unsigned char byte = (unsigned char)number;
	int saved = errno;
	ssize_t n = write(write_end, &byte, 1);

	(void)n; /* full of signals not looked at yet: this one makes no difference */
	errno = saved;
}

static void give_up(int number)
{
	(void)number;
	_exit(EX_OK);
}

static void handle(int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

int signals_open(void)
{
	static const int wanted[] = { SIGTERM, SIGINT, SIGHUP };
	int fd[2];

	if (pipe(fd) < 0)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		fcntl(fd[i], F_SETFD, FD_CLOEXEC);
		fcntl(fd[i], F_SETFL, O_NONBLOCK);
	}
	write_end = fd[1];
	for (size_t i = 0; i < COUNT_OF(wanted); i++)
		handle(wanted[i], note);
	handle(SIGPIPE, SIG_IGN);
	return fd[0];
}

int signals_next(int fd)
{
	unsigned char byte;

	return read(fd, &byte, 1) == 1 ? byte : 0;
}

void signals_deadline(unsigned seconds)
{
	handle(SIGALRM, give_up);
	alarm(seconds);
}
