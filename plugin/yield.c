/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/yield.h"

#ifdef __linux__
#include <pthread.h>
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

struct call {
	void (*function)(void *arg);
	void *arg;
};

static void *call_run(void *arg)
{
	const struct call *call = arg;

	yield_to_others();
	call->function(call->arg);
	return NULL;
}

/* A thread of its own, since nobody unprivileged may take a nice value back. */
void yield_while(void (*function)(void *arg), void *arg)
{
	struct call call = { function, arg };
	pthread_t thread;

	if (pthread_create(&thread, NULL, call_run, &call) == 0)
		pthread_join(thread, NULL);
	else
		function(arg);
}
#else
void yield_to_others(void)
{
}

void yield_while(void (*function)(void *arg), void *arg) { function(arg); }
#endif
