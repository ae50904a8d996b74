/* SPDX-License-Identifier: BSD-2-Clause */
/* Apart from what looks names up: who only wants this is not linked with a resolver. */
#include <string.h>

#include "base/attr.h"
#include "danests.h"
#include "parse/domain.h"

ATTR_PUBLIC int danests_nexthop_key(const char *nexthop, size_t len, char *out, size_t size)
{
	char key[NEXTHOP_KEY_MAX + 1];
	struct nexthop nh;
	size_t n;
	int r = nexthop_parse(&nh, nexthop, len);

	if (r != DANESTS_OK)
		return r;
	n = nexthop_key(&nh, key);
	if (n >= size)
		return DANESTS_EINVAL;
	memcpy(out, key, n + 1);
	return (int)n;
}
