/* SPDX-License-Identifier: BSD-2-Clause */
/* Which thread goes first when there are fewer processors than work. */
#ifndef PLUGIN_YIELD_H
#define PLUGIN_YIELD_H

/* The calling thread, and all it starts from now on, let others of this process go
 * first. Without effect where a thread has no priority of its own. */
void yield_to_others(void);

#endif
