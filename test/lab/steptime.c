/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Preloaded into a program it moves its wall clock by as many seconds as stand in the
 * file that STEPTIME names, an int64_t that may change at any moment. The monotonic
 * clock goes on as it does. For tests: what lasts days is over at once, and clocks that
 * were wrong are put right.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *step;

__attribute__((constructor)) static void steptime_begin(void)
{
	const char *name = getenv("STEPTIME");
	int fd = name != NULL ? open(name, O_RDONLY | O_CLOEXEC) : -1;
	void *map = MAP_FAILED;

	if (fd >= 0)
		map = mmap(NULL, sizeof(*step), PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		abort(); /* a test that runs in the wrong time would show nothing */
	step = map;
	close(fd);
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
	int r = (int)syscall(SYS_clock_gettime, clock, out);

	if (r == 0 && step != NULL && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		out->tv_sec += (time_t)*step;
	return r;
}

time_t time(time_t *out)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (out != NULL)
		*out = now.tv_sec;
	return now.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec now = {0};

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	out->tv_sec = now.tv_sec;
	out->tv_usec = (suseconds_t)(now.tv_nsec / 1000);
	return 0;
}
