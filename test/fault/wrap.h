/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WRAP_H
#define WRAP_H

/* Count anew; fail the n-th allocation and all after it, or only the n-th. 0: none. */
void wrap_fail_from(unsigned long n);
void wrap_fail_only(unsigned long n);
unsigned long wrap_counted(void);

#endif
