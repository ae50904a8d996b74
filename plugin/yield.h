/* SPDX-License-Identifier: BSD-2-Clause */
/* Which thread goes first when there are fewer processors than work. */
#ifndef PLUGIN_YIELD_H
#define PLUGIN_YIELD_H

/* The calling thread, and all it starts from now on, let others of this process go
 * first. Without effect where a thread has no priority of its own. */
void yield_to_others(void);

/* Call this function so that what it starts for good, such as a helper process, lets
 * us go first; the calling thread waits and stays what it is. */
void yield_while(void (*function)(void *arg), void *arg);

#endif
