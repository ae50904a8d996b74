/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/yield.h"

#ifdef __linux__
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define YIELD_NICE 10

/* Linux keeps a nice value per thread, whatever POSIX says: setpriority(2), BUGS. */
void yield_to_others(void)
{
	id_t thread = (id_t)syscall(SYS_gettid);

	/* Less polite than we were started is not ours to be; a refusal harms nobody. */
	if (getpriority(PRIO_PROCESS, thread) < YIELD_NICE)
		(void)setpriority(PRIO_PROCESS, thread, YIELD_NICE);
}
#else
void yield_to_others(void)
{
}
#endif
