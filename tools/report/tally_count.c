/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts by slot and by day. */
#include <stdlib.h>

#include "danests.h"
#include "tools/report/tally_impl.h"

/* ---- By slot and kind ---- */

static struct map_key count_key(const struct map_node *node)
{
	const struct count *count = (const struct count *)(const void *)node;

	return (struct map_key){ &count->key, sizeof(count->key) };
}

void counts_init(struct counts *c, size_t limit)
{
	map_init(&c->map, count_key);
	c->limit = limit;
}

struct count *counts_find(const struct counts *c, int32_t slot, uint32_t what)
{
	struct count_key key = { slot, what };
	struct map_node *node = map_get(&c->map, &key, sizeof(key));

	return node == NULL ? NULL : CONTAINER_OF(node, struct count, node);
}

static struct count *make_count(struct counts *c, int32_t slot, uint32_t what)
{
	struct count *count;

	if (c->map.count >= c->limit)
		return NULL;
	count = calloc(1, sizeof(*count));
	if (count != NULL)
		count->key = (struct count_key){ slot, what };
	if (count == NULL || map_put(&c->map, &count->node) != DANESTS_OK) {
		c->out_of_memory = true;
		free(count);
		return NULL;
	}
	return count;
}

struct count *counts_slow(struct counts *c, int32_t slot, uint32_t what)
{
	struct count *count = counts_find(c, slot, what);

	if (count == NULL)
		count = make_count(c, slot, what);
	if (count != NULL)
		c->near[what < WHAT_PLACE ? what : WHAT_PLACE] = count;
	return count;
}

void counts_drop(struct counts *c, int32_t before)
{
	struct map_node *node, *next;
	struct count *count;
	size_t cursor = 0;

	memset(c->near, 0, sizeof(c->near));
	for (node = map_next(&c->map, &cursor, NULL); node != NULL; node = next) {
		next = map_next(&c->map, &cursor, node);
		count = CONTAINER_OF(node, struct count, node);
		if (count->key.slot >= before)
			continue;
		map_del(&c->map, node);
		free(count);
	}
}

void counts_free(struct counts *c)
{
	counts_drop(c, INT32_MAX);
	map_free(&c->map);
}

/* ---- By day and text ---- */

static struct map_key cell_key(const struct map_node *node)
{
	const struct cell *cell = cell_of(node);

	return (struct map_key){ &cell->key, sizeof(cell->key) };
}

void cells_init(struct cells *c, struct names *names, size_t limit)
{
	map_init(&c->map, cell_key);
	c->names = names;
	c->limit = limit;
}

struct cell *cells_find(const struct cells *c, const struct name *name, int32_t day,
    uint32_t what)
{
	struct cell_key key = { (uint64_t)(uintptr_t)name, day, what };
	struct map_node *node = map_get(&c->map, &key, sizeof(key));

	return node == NULL ? NULL : CONTAINER_OF(node, struct cell, node);
}

static struct cell *make_cell(struct cells *c, struct slice text, int32_t day, uint32_t what)
{
	struct cell *cell;

	if (c->map.count >= c->limit)
		return NULL;
	cell = calloc(1, sizeof(*cell));
	if (cell == NULL)
		goto fail;
	cell->name = names_get(c->names, text);
	if (cell->name == NULL)
		goto fail;
	cell->key = (struct cell_key){ (uint64_t)(uintptr_t)cell->name, day, what };
	if (map_put(&c->map, &cell->node) == DANESTS_OK)
		return cell;
	names_drop(c->names, cell->name);
fail:
	c->out_of_memory = true;
	free(cell);
	return NULL;
}

/* Where a text may stand in near[]. Strangers who make many stand at one place gain nothing:
 * each place holds one, and who is not there is looked up. */
static size_t near_place(struct slice text, uint32_t what)
{
	uint64_t head = 0, tail = 0;
	size_t len = text.len < sizeof(head) ? text.len : sizeof(head);

	if (len > 0) {
		memcpy(&head, text.p, len);
		memcpy(&tail, text.p + text.len - len, len);
	}
	head = (head ^ text.len) * UINT64_C(0x9e3779b97f4a7c15) + tail + what;
	head = (head ^ head >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return (size_t)(head >> 40) & (CELLS_NEAR - 1);
}

struct cell *cells_at(struct cells *c, struct slice text, int32_t day, uint32_t what)
{
	struct cell **near = &c->near[near_place(text, what)], *cell = *near;
	struct name *name;

	if (cell != NULL && cell->key.day == day && cell->key.what == what &&
	    slice_equal(name_slice(cell->name), text))
		return cell;
	name = names_find(c->names, text);
	cell = name == NULL ? NULL : cells_find(c, name, day, what);
	if (cell == NULL)
		cell = make_cell(c, text, day, what);
	if (cell != NULL)
		*near = cell;
	return cell;
}

void cells_drop(struct cells *c, int32_t before)
{
	struct map_node *node, *next;
	struct cell *cell;
	size_t cursor = 0;

	memset(c->near, 0, sizeof(c->near));
	for (node = map_next(&c->map, &cursor, NULL); node != NULL; node = next) {
		next = map_next(&c->map, &cursor, node);
		cell = CONTAINER_OF(node, struct cell, node);
		if (cell->key.day >= before)
			continue;
		map_del(&c->map, node);
		names_drop(c->names, cell->name);
		free(cell);
	}
}

void cells_free(struct cells *c)
{
	cells_drop(c, INT32_MAX);
	map_free(&c->map);
}
