/* SPDX-License-Identifier: BSD-2-Clause */
/* Give up whatever the resolving of names does not need. */
#ifndef STUB_CONFINE_H
#define STUB_CONFINE_H

#include <stdbool.h>

/* First: descriptors that a careless program let us inherit. */
void confine_descriptors(void);
/* Before the first octet from the net; what the kernel does not know is left
 * out. False: root could not be given up. */
bool confine_process(void);
/* What only this kernel has: confine_linux.c, confine_none.c. */
void confine_system(void);
bool confine_close_from(int first); /* false: one by one, then */

#endif
