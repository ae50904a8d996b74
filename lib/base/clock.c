/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/clock.h"

#include <stddef.h>

time_t clock_now(void)
{
	return time(NULL);
}

int64_t clock_mono_us(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}
