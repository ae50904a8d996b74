/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/overrides.h"

#include <stdlib.h>
#include <string.h>

#include "danests.h"
#include "plugin/key.h"
#include "plugin/overrides_impl.h"

bool overrides_free_some(struct overrides *o, size_t count)
{
	struct map_node *node;

	if (o == NULL)
		return false;
	if (!o->ending)
		o->left = map_next(&o->map, &o->cursor, NULL);
	o->ending = true;
	for (; count > 0 && o->left != NULL; count--) {
		node = o->left;
		o->left = map_next(&o->map, &o->cursor, node);
		free(override_entry(node));
	}
	if (o->left != NULL)
		return true;
	map_free(&o->map);
	free(o);
	return false;
}

void overrides_free(struct overrides *o)
{
	(void)overrides_free_some(o, SIZE_MAX);
}

size_t overrides_count(const struct overrides *o)
{
	return o == NULL ? 0 : o->map.count;
}

uint64_t overrides_print(const struct overrides *o)
{
	return o == NULL ? 0 : o->print;
}

const char *overrides_path(const struct overrides *o)
{
	return o->path;
}

const struct override *overrides_next(const struct overrides *o, size_t *cursor,
    const struct override *after, const char **key, size_t *key_len)
{
	struct map_node *node = after == NULL ? NULL :
	    &((struct override_entry *)CONTAINER_OF(after, const struct override_entry, what))->node;

	if (o == NULL || (node = map_next(&o->map, cursor, node)) == NULL)
		return NULL;
	*key = override_entry(node)->text;
	*key_len = override_entry(node)->key_len;
	return &override_entry(node)->what;
}

/* ---- Asking ---- */

static const struct override *find(const struct overrides *o, const char *key, size_t len)
{
	struct map_node *node = map_get(&o->map, key, len);

	return node == NULL ? NULL : &override_entry(node)->what;
}

/* "example.com" is also "example.com:25", and that is more specific. */
static const struct override *find_exact(const struct overrides *o, const char *key, size_t len)
{
	char with_port[DANESTS_NEXTHOP_MAX + 4];
	const struct override *found;

	if (o->has_port_25 && key[0] != '[' && memchr(key, ':', len) == NULL) {
		memcpy(with_port, key, len);
		memcpy(with_port + len, ":25", 3);
		found = find(o, with_port, len + 3);
		if (found != NULL)
			return found;
	}
	return find(o, key, len);
}

const struct override *overrides_find(const struct overrides *o, const char *key, size_t len)
{
	const struct override *found;
	size_t exact = len;

	if (o == NULL || o->map.count == 0 || len == 0 || len > DANESTS_NEXTHOP_MAX)
		return NULL;
	found = find_exact(o, key, len);
	if (found != NULL)
		return found;
	key = key_domain(key, &len);
	if (len != exact)
		found = find(o, key, len);
	for (; o->has_below && found == NULL && len > 0; key++, len--)
		if (key[0] == '.')
			found = find(o, key, len);
	return found;
}
