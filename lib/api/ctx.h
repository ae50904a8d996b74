/* SPDX-License-Identifier: BSD-2-Clause */
/* The context: settings, sources, and the lookups under way. */
#ifndef API_CTX_H
#define API_CTX_H

#include <stdbool.h>
#include <stddef.h>

#include "api/cached.h"
#include "api/refresh.h"
#include "api/settings.h"
#include "base/list.h"
#include "base/loop.h"
#include "danests.h"
#include "source/cache.h"
#include "source/dns.h"
#include "source/events.h"
#include "source/flight.h"
#include "source/https.h"

struct danests {
	struct settings settings;
	struct loop *loop;
	bool opened;           /* settings are frozen */
	struct store *store;   /* NULL: policies are held in memory only */
	struct cache *cache;
	struct refresh refresh;
	struct dns *dns;
	struct https *https;
	struct list retired;   /* sources of former settings: sources.h */
	size_t retired_count;
	struct counts counts;  /* of what all of them asked */
	struct flights flights;/* questions on the wire */
	struct list arrivals;  /* asks that have their answer */
	struct list active;    /* lookups under way, oldest first */
	struct list done;      /* finished ones nobody has reaped, oldest first */
	size_t active_count;
	size_t parked_count;   /* of those, the ones that only wait for a policy host */
	struct events events;  /* what nobody has read yet */
	struct cached cached;  /* what lookups came to, once somebody asks for it */
	char problem[SETTINGS_PROBLEM];
	char cache_text[SETTINGS_PROBLEM];
};

#endif
