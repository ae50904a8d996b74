/* SPDX-License-Identifier: BSD-2-Clause */
/* Between listen.c and listen_change.c. */
#ifndef PLUGIN_LISTEN_IMPL_H
#define PLUGIN_LISTEN_IMPL_H

#include "plugin/listen.h"

/* A place for one more; NULL without memory. */
struct listener *listen_add(struct listeners *ls);

/* False, after putting what failed, and errno, into problem[LISTEN_PROBLEM]. */
bool listen_failed(char *problem, const char *name, const char *what);

/* Is the socket at its path still the one that we made? */
bool listen_is_ours(const struct listener *l);

#endif
