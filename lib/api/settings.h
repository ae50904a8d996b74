/* SPDX-License-Identifier: BSD-2-Clause */
/* The settings of a context, as danests_set() takes them: text in, values out. */
#ifndef API_SETTINGS_H
#define API_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "source/dns.h"
#include "source/https.h"

struct settings {
	/* Owned; NULL: the default. */
	char *resolver, *root_hints, *trust_anchor, *ca_file, *stub, *cache_dir;
	enum dns_mode dnssec;
	bool allow_private;
	int dns_timeout_ms, https_timeout_ms;
	int64_t refresh_ms;
	size_t cache_size;
	unsigned max_lookups;
};

#define SETTINGS_PROBLEM 256

void settings_init(struct settings *s);
void settings_free(struct settings *s);

/* DANESTS_OK, DANESTS_ENOMEM. */
int settings_copy(struct settings *out, const struct settings *s) ATTR_MUST_CHECK;

/* DANESTS_OK, DANESTS_ENOMEM, or DANESTS_EINVAL with problem[] in words. */
int settings_set(struct settings *s, const char *name, const char *value,
    char problem[SETTINGS_PROBLEM]) ATTR_MUST_CHECK;

/* What the sources are told; borrows the strings. */
struct dns_conf settings_dns(const struct settings *s);
struct https_conf settings_https(const struct settings *s);

#endif
