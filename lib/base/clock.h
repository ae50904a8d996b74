/* SPDX-License-Identifier: BSD-2-Clause */
/* The only reader of time. A test that needs another time links its own clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

time_t clock_now(void);       /* wall time, seconds: expiry, certificates */
int64_t clock_mono_ms(void);  /* never goes back: time-outs */
int64_t clock_mono_us(void);  /* the same, finer: how long something took */

#endif
