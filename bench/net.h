/* SPDX-License-Identifier: BSD-2-Clause */
/* What the measuring programs share: sockets, time, and a way to give up. */
#ifndef BENCH_NET_H
#define BENCH_NET_H

#include <stdbool.h>
#include <stdint.h>

/* Blocking; TCP without Nagle. "unix:PATH", "inet:HOST:PORT", HOST numeric. The
 * returned descriptor is for the caller; on failure the program ends and says why. */
int net_connect(const char *endpoint);
int net_listen(const char *endpoint);

void net_nonblock(int fd);
void net_nodelay(int fd);         /* does nothing for a unix socket */
void net_raise_nofile(void);      /* soft limit of descriptors to the hard one */

int64_t net_now_ns(void);         /* monotonic */

/* A number of the command line between min and max, or the program ends. */
uint64_t net_number(const char *what, const char *text, uint64_t min, uint64_t max);

/* A time of the command line, "5" or "0.5" seconds, in nanoseconds. */
int64_t net_seconds(const char *what, const char *text);

#endif
