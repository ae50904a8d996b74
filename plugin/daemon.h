/* SPDX-License-Identifier: BSD-2-Clause */
/* Becoming a service: in the background, unprivileged, with enough descriptors. */
#ifndef PLUGIN_DAEMON_H
#define PLUGIN_DAEMON_H

#include <stdbool.h>
#include <stddef.h>

#define DAEMON_PROBLEM 256

/* Has systemd started us? Then the process it knows must stay the one that serves. */
bool daemon_is_managed(void);

/* Go on in a child. The parent waits, and ends as the start went: with success at
 * daemon_ready(), or with the child's exit status. Before any thread. False: errno. */
bool daemon_detach(void);

/* Tell whoever waits for it, the parent or systemd, that clients are served. The first
 * time it waits, a second at most, for a systemd that does not read; otherwise this and
 * what follows never do, and what matters is told again with the next word. */
void daemon_ready(void);

/* Tell systemd that the end has begun. */
void daemon_stopping(void);

/* Tell systemd that the configuration is read anew; daemon_ready() ends that. */
void daemon_reloading(void);

/* One line for "systemctl status". daemon_ready() replaces it. */
void daemon_status(const char *text);

/* systemd restarts a service that it has not heard of for so long, in milliseconds;
 * daemon_alive() is for half of that at the latest. 0: it does not wait. */
int daemon_watchdog_ms(void);

/* Still here. */
void daemon_alive(void);

/* Is there such a user, or was there when it was asked for last? */
bool daemon_user_exists(const char *user);

/* Become this user for good: real, effective and saved ids, groups, no capabilities.
 * False, with what is wrong. */
bool daemon_drop(const char *user, char problem[DAEMON_PROBLEM]);

/* Room for this many open descriptors, before any thread. False, with what that means. */
bool daemon_descriptors(size_t want, char problem[DAEMON_PROBLEM]);

#endif
