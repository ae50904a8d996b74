/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "danests.h"
#include "plugin/key.h"

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

struct changes_mark changes_mark(const struct changes *changes, const char *key, size_t len)
{
	const char *domain = key_domain(key, &len);
	uint32_t place = place_of(changes, domain, len);

	return (struct changes_mark){ place, changes->count[place] + changes->all };
}

void changes_add(struct changes *changes, const char *domain)
{
	if (domain[0] == '\0')
		changes->all++;
	else
		changes->count[place_of(changes, domain, strlen(domain))]++;
}
