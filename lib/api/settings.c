/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/settings.h"

#include <limits.h>
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
		.cache_size = (size_t)256 << 20,
		.max_lookups = 512,
	};
}

void settings_free(struct settings *s)
{
	free(s->resolver);
	free(s->root_hints);
	free(s->trust_anchor);
	free(s->ca_file);
	free(s->stub);
	*s = (struct settings){0};
}

static int set_text(char **slot, const char *value)
{
	char *copy = NULL;

	/* Empty means the default again, as in main.cf. */
	if (value[0] != '\0' && (copy = strdup(value)) == NULL)
		return DANESTS_ENOMEM;
	free(*slot);
	*slot = copy;
	return DANESTS_OK;
}

static int set_time(int *slot, const char *value)
{
	int64_t ms;

	if (!units_time(value, &ms) || ms < 1 || ms > INT_MAX)
		return DANESTS_EINVAL;
	*slot = (int)ms;
	return DANESTS_OK;
}

static int set_size(size_t *slot, const char *value)
{
	uint64_t size;

	if (!units_size(value, &size) || size < (UINT64_C(1) << 20) || size > SIZE_MAX)
		return DANESTS_EINVAL;
	*slot = (size_t)size;
	return DANESTS_OK;
}

static int set_count(unsigned *slot, const char *value)
{
	uint64_t count;

	if (!text_number(value, strlen(value), 1, 65536, &count))
		return DANESTS_EINVAL;
	*slot = (unsigned)count;
	return DANESTS_OK;
}

/* One of two words. */
static int set_choice(bool *slot, const char *value, const char *no, const char *yes)
{
	if (!text_equal_nocase(value, no) && !text_equal_nocase(value, yes))
		return DANESTS_EINVAL;
	*slot = text_equal_nocase(value, yes);
	return DANESTS_OK;
}

int settings_set(struct settings *s, const char *name, const char *value,
    char problem[SETTINGS_PROBLEM])
{
	const char *wanted = "";
	bool trust_ad = false;
	int r;

	if (strcmp(name, "resolver") == 0) {
		r = set_text(&s->resolver, value);
	} else if (strcmp(name, "root_hints") == 0) {
		r = set_text(&s->root_hints, value);
	} else if (strcmp(name, "trust_anchor") == 0) {
		r = set_text(&s->trust_anchor, value);
	} else if (strcmp(name, "ca_file") == 0) {
		r = set_text(&s->ca_file, value);
	} else if (strcmp(name, "dnssec") == 0) {
		r = set_choice(&trust_ad, value, "validate", "trust-ad");
		if (r == DANESTS_OK)
			s->dnssec = trust_ad ? DNS_TRUST_AD : DNS_VALIDATE;
		wanted = "validate or trust-ad";
	} else if (strcmp(name, "private_policy_hosts") == 0) {
		r = set_choice(&s->allow_private, value, "deny", "allow");
		wanted = "deny or allow";
	} else if (strcmp(name, "dns_timeout") == 0) {
		r = set_time(&s->dns_timeout_ms, value);
		wanted = "a time such as 5s";
	} else if (strcmp(name, "https_timeout") == 0) {
		r = set_time(&s->https_timeout_ms, value);
		wanted = "a time such as 60s";
	} else if (strcmp(name, "cache_size") == 0) {
		r = set_size(&s->cache_size, value);
		wanted = "a size of at least 1M, such as 256M";
	} else if (strcmp(name, "max_lookups") == 0) {
		r = set_count(&s->max_lookups, value);
		wanted = "a number from 1 to 65536";
	} else {
		text_format(problem, SETTINGS_PROBLEM, "unknown setting \"%s\"", name);
		return DANESTS_EINVAL;
	}
	if (r == DANESTS_EINVAL)
		text_format(problem, SETTINGS_PROBLEM, "%s = %s: must be %s", name, value, wanted);
	return r;
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
