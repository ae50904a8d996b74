/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where danestsd's lines go: syslog (facility mail), or stderr. The one global
 * of this program; any thread may write.
 */
#ifndef PLUGIN_LOGLINE_H
#define PLUGIN_LOGLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/attr.h"

/* Until this is called, lines go to stderr. */
void log_open(bool to_stderr);

/* priority as for syslog(3). What comes from strangers has been made printable
 * before; what has not does not break the line either. */
void log_line(int priority, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Why this process ends before it has begun: to stderr as well, for whoever typed
 * the command. */
void log_fatal(const char *fmt, ...) ATTR_PRINTF(1, 2);

/* For lines that strangers can cause: one per interval, and how many were not
 * written. A zeroed one is fine. One thread only. */
struct log_limit {
	int64_t next;      /* clock_mono_ms() */
	unsigned long held;
};

/* May this line be written now? *held is how many were not since the last one. */
bool log_may(struct log_limit *limit, int64_t interval_ms, unsigned long *held);

#endif
