/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/tally_names.h"

#include <stdlib.h>

#include "base/attr.h"
#include "danests.h"

#define NAME_MAX_OCTETS 65536

static struct map_key name_key(const struct map_node *node)
{
	const struct name *name = (const struct name *)(const void *)node;

	return (struct map_key){ name->text, name->len };
}

void names_init(struct names *n)
{
	map_init(&n->map, name_key);
	n->bytes = 0;
}

static size_t name_bytes(const struct name *name)
{
	return sizeof(*name) + name->len + sizeof(void *);
}

struct name *names_find(const struct names *n, struct slice text)
{
	struct map_node *node = map_get(&n->map, text.p, text.len);

	return node == NULL ? NULL : CONTAINER_OF(node, struct name, node);
}

struct name *names_get(struct names *n, struct slice text)
{
	struct name *name;

	if (text.len > NAME_MAX_OCTETS)
		text.len = NAME_MAX_OCTETS;
	name = names_find(n, text);
	if (name != NULL)
		return name_ref(name);
	name = malloc(sizeof(*name) + text.len);
	if (name == NULL)
		return NULL;
	name->refs = 1;
	name->len = (uint32_t)text.len;
	if (text.len > 0)
		memcpy(name->text, text.p, text.len);
	if (map_put(&n->map, &name->node) != DANESTS_OK) {
		free(name);
		return NULL;
	}
	n->bytes += name_bytes(name);
	return name;
}

struct name *name_ref(struct name *name)
{
	name->refs++;
	return name;
}

void names_drop(struct names *n, struct name *name)
{
	if (name == NULL || --name->refs > 0)
		return;
	map_del(&n->map, &name->node);
	n->bytes -= name_bytes(name);
	free(name);
}

void names_free(struct names *n)
{
	struct map_node *node, *next;
	size_t cursor = 0;

	for (node = map_next(&n->map, &cursor, NULL); node != NULL; node = next) {
		next = map_next(&n->map, &cursor, node);
		map_del(&n->map, node);
		free(CONTAINER_OF(node, struct name, node));
	}
	map_free(&n->map);
}
