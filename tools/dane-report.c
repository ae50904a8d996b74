/* SPDX-License-Identifier: BSD-2-Clause */
/* dane-report(1): what was blocked, how mail was secured, who takes no TLS. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "tools/report/options.h"
#include "tools/report/run.h"

/*
 * What is opened later must not be taken for one of the three that were closed: a report's file
 * for standard error. Reading and writing fail there as they would have.
 */
static void hold_standard_streams(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDWR };
	int fd;

	for (int i = 0; i < 3; i++)
		if (fcntl(i, F_GETFD) < 0 && (fd = open("/dev/null", modes[i])) > i)
			close(fd);
}

/* What was not written anywhere yet, and what the file system tells at the end only. */
static int close_output(void)
{
	bool good = fflush(stdout) == 0;

	if ((fclose(stdout) == 0 || errno == EBADF) && good)
		return EX_OK;
	report_complain("standard output: %s", strerror(errno));
	return EX_IOERR;
}

int main(int argc, char **argv)
{
	static char name[] = "dane-report";
	struct options options;
	int code, closed;
	bool done;

	hold_standard_streams();
	/* getopt's messages begin with it. */
	if (argc > 0)
		argv[0] = name;
	code = options_read(&options, argc, argv, &done);
	if (!done)
		code = report_run(&options);
	options_free(&options);
	closed = code != EX_IOERR ? close_output() : EX_OK;
	return closed != EX_OK ? closed : code;
}
