/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "danests.h"

int changes_init(struct changes *changes)
{
	struct map random;

	*changes = (struct changes){ .count = calloc(CHANGES_PLACES, sizeof(*changes->count)) };
	if (changes->count == NULL)
		return DANESTS_ENOMEM;
	map_init(&random, NULL); /* it seeds itself and allocates nothing */
	memcpy(changes->seed, random.seed, sizeof(changes->seed));
	return DANESTS_OK;
}

void changes_free(struct changes *changes)
{
	free(changes->count);
	*changes = (struct changes){0};
}

static uint32_t place_of(const struct changes *changes, const char *domain, size_t len)
{
	return (uint32_t)map_hash(changes->seed, domain, len) & (CHANGES_PLACES - 1);
}

/* "example.com" of "example.com:587" and "[example.com]:587": there are no others, for
 * an address is no nexthop of ours. */
static size_t domain_of(const char **key, size_t len)
{
	bool bracket = len > 0 && (*key)[0] == '[';
	const char *end;

	*key += bracket;
	len -= bracket;
	end = memchr(*key, bracket ? ']' : ':', len);
	return end != NULL ? (size_t)(end - *key) : len;
}

struct changes_mark changes_mark(const struct changes *changes, const char *key, size_t len)
{
	size_t domain_len = domain_of(&key, len);
	uint32_t place = place_of(changes, key, domain_len);

	return (struct changes_mark){ place, changes->count[place] + changes->all };
}

void changes_add(struct changes *changes, const char *domain)
{
	if (domain[0] == '\0')
		changes->all++;
	else
		changes->count[place_of(changes, domain, strlen(domain))]++;
}
