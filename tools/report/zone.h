/* SPDX-License-Identifier: BSD-2-Clause */
/* Is there such a time zone? The C library takes one that it does not know for UTC. */
#ifndef REPORT_ZONE_H
#define REPORT_ZONE_H

#include <stdbool.h>

/* "Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3", "UTC": what TZ may be (POSIX 8.3). */
bool zone_exists(const char *name);

#endif
