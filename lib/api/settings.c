/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/settings.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

/* Fetches at once: each costs a TLS session and up to 64 KiB (S27). */
#define SETTINGS_MAX_FETCHES 64
/* HTTPS has one port for policies: RFC 8461 3.3 leaves no room for another. */
#define SETTINGS_HTTPS_PORT 443

void settings_init(struct settings *s)
{
	*s = (struct settings){
		.dnssec = DNS_VALIDATE,
		.dns_timeout_ms = 5000,
		.https_timeout_ms = 60000,
		.refresh_ms = 86400000,
		.cache_size = (size_t)256 << 20,
		.max_lookups = 512,
	};
}

/* All that is owned. */
static const size_t texts[] = {
	offsetof(struct settings, resolver), offsetof(struct settings, root_hints),
	offsetof(struct settings, trust_anchor), offsetof(struct settings, ca_file),
	offsetof(struct settings, stub), offsetof(struct settings, cache_dir),
};

static char **text_at(struct settings *s, size_t i) { return (char **)((char *)s + texts[i]); }

void settings_free(struct settings *s)
{
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		free(*text_at(s, i));
	*s = (struct settings){0};
}

int settings_copy(struct settings *out, const struct settings *s)
{
	struct settings borrowed = *s;
	bool whole = true;

	*out = *s;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		const char *text = *text_at(&borrowed, i);

		*text_at(out, i) = text != NULL ? strdup(text) : NULL;
		whole = whole && (text == NULL || *text_at(out, i) != NULL);
	}
	if (whole)
		return DANESTS_OK;
	settings_free(out);
	return DANESTS_ENOMEM;
}

/* ---- One function a type: DANESTS_OK, DANESTS_ENOMEM, DANESTS_EINVAL ---- */

static int set_text(void *slot, const char *value)
{
	char **text = slot, *copy = NULL;

	/* Empty means the default again, as in main.cf. */
	if (value[0] != '\0' && (copy = strdup(value)) == NULL)
		return DANESTS_ENOMEM;
	free(*text);
	*text = copy;
	return DANESTS_OK;
}

static int set_time(void *slot, const char *value)
{
	int64_t ms;

	if (!units_time(value, &ms) || ms < 1 || ms > INT_MAX)
		return DANESTS_EINVAL;
	*(int *)slot = (int)ms;
	return DANESTS_OK;
}

static int set_long(void *slot, const char *value)
{
	int64_t ms;

	if (!units_time(value, &ms) || ms < 1)
		return DANESTS_EINVAL;
	*(int64_t *)slot = ms;
	return DANESTS_OK;
}

static int set_size(void *slot, const char *value)
{
	uint64_t size;

	if (!units_size(value, &size) || size < (UINT64_C(1) << 20) || size > SIZE_MAX)
		return DANESTS_EINVAL;
	*(size_t *)slot = (size_t)size;
	return DANESTS_OK;
}

static int set_count(void *slot, const char *value)
{
	uint64_t count;

	if (!text_number(value, strlen(value), 1, 65536, &count))
		return DANESTS_EINVAL;
	*(unsigned *)slot = (unsigned)count;
	return DANESTS_OK;
}

static int set_dnssec(void *slot, const char *value)
{
	bool trust_ad = text_equal_nocase(value, "trust-ad");

	if (!trust_ad && !text_equal_nocase(value, "validate"))
		return DANESTS_EINVAL;
	*(enum dns_mode *)slot = trust_ad ? DNS_TRUST_AD : DNS_VALIDATE;
	return DANESTS_OK;
}

static int set_allow(void *slot, const char *value)
{
	bool allow = text_equal_nocase(value, "allow");

	if (!allow && !text_equal_nocase(value, "deny"))
		return DANESTS_EINVAL;
	*(bool *)slot = allow;
	return DANESTS_OK;
}

static const struct setting {
	const char *name;
	int (*set)(void *slot, const char *value);
	size_t offset;
	const char *wanted;
} table[] = {
#define AT(member) offsetof(struct settings, member)
	{ "resolver",             set_text,   AT(resolver),         "a text" },
	{ "root_hints",           set_text,   AT(root_hints),       "a text" },
	{ "trust_anchor",         set_text,   AT(trust_anchor),     "a text" },
	{ "ca_file",              set_text,   AT(ca_file),          "a text" },
	{ "cache_dir",            set_text,   AT(cache_dir),        "a folder" },
	{ "dnssec",               set_dnssec, AT(dnssec),           "validate or trust-ad" },
	{ "private_policy_hosts", set_allow,  AT(allow_private),    "deny or allow" },
	{ "dns_timeout",          set_time,   AT(dns_timeout_ms),   "a time such as 5s" },
	{ "https_timeout",        set_time,   AT(https_timeout_ms), "a time such as 60s" },
	{ "refresh",              set_long,   AT(refresh_ms),       "a time such as 1d" },
	{ "cache_size",           set_size,   AT(cache_size),       "a size from 1M, such as 256M" },
	{ "max_lookups",          set_count,  AT(max_lookups),      "a number from 1 to 65536" },
#undef AT
};

int settings_set(struct settings *s, const char *name, const char *value,
    char problem[SETTINGS_PROBLEM])
{
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		int r;

		if (strcmp(name, table[i].name) != 0)
			continue;
		r = table[i].set((char *)s + table[i].offset, value);
		if (r == DANESTS_EINVAL)
			text_format(problem, SETTINGS_PROBLEM, "%s = %s: must be %s", name, value,
			    table[i].wanted);
		return r;
	}
	text_format(problem, SETTINGS_PROBLEM, "unknown setting \"%s\"", name);
	return DANESTS_EINVAL;
}

struct dns_conf settings_dns(const struct settings *s)
{
	return (struct dns_conf){
		.mode = s->dnssec,
		.resolver = s->resolver != NULL ? s->resolver : "system",
		.root_hints = s->root_hints,
		.trust_anchor = s->trust_anchor,
		.stub = s->stub,
		.timeout_ms = s->dns_timeout_ms,
		.cache_bytes = s->cache_size / 2,
	};
}

struct https_conf settings_https(const struct settings *s)
{
	return (struct https_conf){
		.ca_file = s->ca_file,
		.timeout_ms = s->https_timeout_ms,
		.allow_private = s->allow_private,
		.port = SETTINGS_HTTPS_PORT,
		.max_fetches = SETTINGS_MAX_FETCHES,
	};
}
