/* SPDX-License-Identifier: BSD-2-Clause */
/* Linux: system calls that nothing here ever makes, and no attacker shall. */
#ifndef PLUGIN_CONFINE_SECCOMP_H
#define PLUGIN_CONFINE_SECCOMP_H

#include <stdbool.h>

/* For every thread and all its children. After no_new_privs. False: errno; ENOSYS
 * when it was built without the kernel's headers, or for an unknown processor. */
bool confine_seccomp(void);

#endif
