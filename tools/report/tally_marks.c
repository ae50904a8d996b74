/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --count messages: a message counts once per row. What was counted of it is kept while it
 * lives, found by message and row, and together by message.
 */
#include <stdlib.h>

#include "danests.h"
#include "tools/report/tally_impl.h"

struct mark {
	struct map_node node;
	struct { uint64_t message, name; int32_t row; uint32_t what; } key;
	struct once once;
	struct mark *next; /* of the same message */
};

struct holder {
	struct map_node node;
	uint64_t message;
	struct mark *marks;
};

static struct map_key mark_key(const struct map_node *node)
{
	const struct mark *mark = (const struct mark *)(const void *)node;

	return (struct map_key){ &mark->key, sizeof(mark->key) };
}

static struct map_key holder_key(const struct map_node *node)
{
	const struct holder *holder = (const struct holder *)(const void *)node;

	return (struct map_key){ &holder->message, sizeof(holder->message) };
}

void marks_init(struct marks *m)
{
	map_init(&m->map, mark_key);
	map_init(&m->holders, holder_key);
}

static struct holder *find_holder(const struct marks *m, uint64_t message)
{
	struct map_node *node = map_get(&m->holders, &message, sizeof(message));

	return node == NULL ? NULL : CONTAINER_OF(node, struct holder, node);
}

static struct holder *get_holder(struct marks *m, uint64_t message)
{
	struct holder *holder = find_holder(m, message);

	if (holder != NULL)
		return holder;
	holder = calloc(1, sizeof(*holder));
	if (holder == NULL)
		return NULL;
	holder->message = message;
	if (map_put(&m->holders, &holder->node) == DANESTS_OK)
		return holder;
	free(holder);
	return NULL;
}

static bool remember(struct tally *t, const struct once *o)
{
	struct holder *holder = get_holder(&t->marks, o->message);
	struct mark *mark = holder == NULL ? NULL : calloc(1, sizeof(*mark));

	if (mark == NULL)
		return false;
	mark->once = *o;
	mark->key.message = o->message;
	mark->key.name = (uint64_t)(uintptr_t)o->name;
	mark->key.row = o->row;
	mark->key.what = o->what;
	if (map_put(&t->marks.map, &mark->node) != DANESTS_OK) {
		free(mark);
		return false;
	}
	if (o->name != NULL)
		(void)name_ref(o->name);
	mark->next = holder->marks;
	holder->marks = mark;
	return true;
}

/* A row of `sent` is a bucket; one of no-tls a day, or all of the period with --top. */
static int32_t row_of(const struct tally *t, const struct name *name)
{
	int64_t begin;

	if (name != NULL)
		return t->view->top > 0 ? 0 : t->day;
	begin = bucket_begin(t->view->bucket, (int64_t)t->slot * t->unit);
	return (int32_t)(begin / TALLY_HOUR);
}

void marks_take(struct tally *t, uint64_t message, struct name *name, uint32_t what)
{
	struct once o = { message, name, row_of(t, name), t->slot, what };
	struct mark want = {0};
	struct map_node *node;

	want.key.message = message;
	want.key.name = (uint64_t)(uintptr_t)name;
	want.key.row = o.row;
	want.key.what = what;
	node = map_get(&t->marks.map, &want.key, sizeof(want.key));
	if (node != NULL) {
		once_move(t, &CONTAINER_OF(node, struct mark, node)->once, t->slot);
		return;
	}
	once_add(t, &o);
	if (t->marks.map.count >= TALLY_MARKS)
		t->counted.forgotten_messages++;
	else if (!remember(t, &o))
		t->counted.out_of_memory = true;
}

/* More than one kind that may be the same at the end? */
static bool is_mixed(const struct mark *marks)
{
	const struct mark *first = NULL, *m;

	for (m = marks; m != NULL; m = m->next) {
		if (!once_is_open(m->once.what))
			continue;
		if (first != NULL && first->once.what != m->once.what)
			return true;
		first = m;
	}
	return false;
}

static void free_mark(struct tally *t, struct mark *mark)
{
	map_del(&t->marks.map, &mark->node);
	names_drop(&t->names, mark->once.name);
	free(mark);
}

static void close_holder(struct tally *t, struct holder *holder, bool mix)
{
	struct mark *mark;

	mix = mix && is_mixed(holder->marks);
	while ((mark = holder->marks) != NULL) {
		holder->marks = mark->next;
		if (mix && once_is_open(mark->once.what) && mixed_add(t, &mark->once))
			once_take_back(t, &mark->once);
		free_mark(t, mark);
	}
	map_del(&t->marks.holders, &holder->node);
	free(holder);
}

void marks_gone(struct tally *t, uint64_t message)
{
	struct holder *holder = find_holder(&t->marks, message);

	if (holder != NULL)
		close_holder(t, holder, true);
}

static void close_all(struct tally *t, bool mix)
{
	struct map_node *node, *next;
	size_t cursor = 0;

	for (node = map_next(&t->marks.holders, &cursor, NULL); node != NULL; node = next) {
		next = map_next(&t->marks.holders, &cursor, node);
		close_holder(t, CONTAINER_OF(node, struct holder, node), mix);
	}
}

void marks_end(struct tally *t)
{
	close_all(t, true);
}

void marks_free(struct tally *t)
{
	close_all(t, false);
	map_free(&t->marks.map);
	map_free(&t->marks.holders);
}
