/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/fault/disk_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct disk disk;

static uint64_t random_state;

static uint64_t chance(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 11) % below;
}

void disk_must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

/* ---- Names ---- */

int disk_lookup(const struct name *names, int count, const char *name)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(names[i].name, name) == 0)
			return names[i].node;
	}
	return -1;
}

static void set_name(struct name *names, int *count, const char *name, int node)
{
	int i = 0;

	while (i < *count && strcmp(names[i].name, name) != 0)
		i++;
	/* A place whose file is gone will do. */
	for (int k = 0; i == *count && k < *count; k++) {
		if (names[k].node < 0)
			i = k;
	}
	disk_must(i < FILES, "too many names");
	snprintf(names[i].name, sizeof(names[i].name), "%s", name);
	names[i].node = node;
	*count += i == *count;
}

void disk_apply(struct name *names, int *count, const struct change *change)
{
	for (int i = 0; i < change->count; i++)
		set_name(names, count, change->set[i].name, change->set[i].node);
}

void disk_add_change(const char *a, int a_node, const char *b, int b_node)
{
	struct change *change = &disk.change[disk.changes++];

	disk_must(disk.changes < CHANGES, "too many changes");
	change->count = b == NULL ? 1 : 2;
	snprintf(change->set[0].name, sizeof(change->set[0].name), "%s", a);
	change->set[0].node = a_node;
	if (b != NULL) {
		snprintf(change->set[1].name, sizeof(change->set[1].name), "%s", b);
		change->set[1].node = b_node;
	}
	disk_apply(disk.now, &disk.now_count, change);
}

/* ---- Contents ---- */

int disk_new_node(void)
{
	disk_must(disk.nodes < NODES, "too many files");
	disk.node[disk.nodes] = (struct node){ .first = NULL };
	disk.node[disk.nodes].last = &disk.node[disk.nodes].first;
	return disk.nodes++;
}

static struct write *take_first(struct node *node)
{
	struct write *w = node->first;

	node->first = w->next;
	if (node->first == NULL)
		node->last = &node->first;
	return w;
}

static void free_write(struct write *w)
{
	free(w->bytes.data);
	free(w);
}

static void set_length(struct bytes *b, size_t len)
{
	char *data = realloc(b->data, len + 1);

	disk_must(data != NULL, "realloc");
	if (len > b->len)
		memset(data + b->len, 0, len - b->len);
	b->data = data;
	b->len = len;
}

static void apply_write(struct bytes *b, const struct write *w, size_t from, size_t to)
{
	if (w->bytes.data == NULL) {
		set_length(b, w->offset);
		return;
	}
	if (w->offset + to > b->len)
		set_length(b, w->offset + to);
	memcpy(b->data + w->offset + from, w->bytes.data + from, to - from);
}

void disk_add_write(int node, const void *data, size_t len, uint64_t offset)
{
	struct write *w = calloc(1, sizeof(*w));

	disk_must(w != NULL, "calloc");
	w->offset = offset;
	w->bytes.len = len;
	if (data != NULL) {
		w->bytes.data = malloc(len + 1);
		disk_must(w->bytes.data != NULL, "malloc");
		memcpy(w->bytes.data, data, len);
	}
	*disk.node[node].last = w;
	disk.node[node].last = &w->next;
}

void disk_make_durable(struct node *node)
{
	while (node->first != NULL) {
		struct write *w = take_first(node);

		apply_write(&node->durable, w, 0, w->bytes.len);
		free_write(w);
	}
}

/* What was not synced: each write is there, or is not, or only a part of it is. */
static void lose_some(struct node *node)
{
	bool all = chance(4) == 0, none = !all && chance(4) == 0;

	while (node->first != NULL) {
		struct write *w = take_first(node);
		size_t a = chance(w->bytes.len + 1), b = chance(w->bytes.len + 1);

		if (all || (!none && chance(3) == 0))
			apply_write(&node->durable, w, 0, w->bytes.len);
		else if (!none && chance(2) == 0)
			apply_write(&node->durable, w, a < b ? a : b, a < b ? b : a);
		free_write(w);
	}
}

/* ---- What tests ask for ---- */

static void free_node(struct node *node)
{
	while (node->first != NULL)
		free_write(take_first(node));
	free(node->durable.data);
}

void disk_forget(void)
{
	for (int i = 0; i < disk.nodes; i++)
		free_node(&disk.node[i]);
	memset(&disk, 0, sizeof(disk));
}

static void read_file(const char *name)
{
	int node = disk_new_node();
	struct bytes *b = &disk.node[node].durable;
	char path[2 * PATH_MAX];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", disk.dir, name);
	fd = open(path, O_RDONLY);
	disk_must(fd >= 0 && fstat(fd, &st) == 0, path);
	set_length(b, (size_t)st.st_size);
	disk_must(read(fd, b->data, b->len) == (ssize_t)b->len, path);
	close(fd);
	disk_add_change(name, node, NULL, 0);
}

static void write_file(const char *name, const struct bytes *b)
{
	char path[2 * PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", disk.dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	disk_must(fd >= 0 && (b->len == 0 || write(fd, b->data, b->len) == (ssize_t)b->len), path);
	close(fd);
}

static void each_file(void (*fn)(const char *name))
{
	DIR *dir = opendir(disk.dir);
	struct dirent *entry;

	disk_must(dir != NULL, disk.dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.')
			fn(entry->d_name);
	}
	closedir(dir);
}

static void remove_file(const char *name)
{
	char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", disk.dir, name);
	unlink(path);
}

static void changes_are_durable(bool some)
{
	for (int i = 0; i < disk.changes; i++) {
		if (!some || chance(2) == 0)
			disk_apply(disk.durable, &disk.durable_count, &disk.change[i]);
	}
	disk.changes = 0;
}

void disk_watch(const char *dir)
{
	disk_forget();
	snprintf(disk.dir, sizeof(disk.dir), "%s", dir);
	each_file(read_file);
	changes_are_durable(false);
	disk.on = true;
}

unsigned long disk_calls(void)
{
	return disk.calls;
}

void disk_refuse(unsigned long nth, unsigned long count, int error, bool half)
{
	disk.refuse_at = nth == 0 ? 0 : disk.calls + nth;
	disk.refuse_count = count;
	disk.error = error;
	disk.half = half;
}

void disk_die(unsigned long nth)
{
	disk.die_at = disk.calls + nth;
}

void disk_reboot(uint64_t seed)
{
	random_state = seed * 2654435761u + 88172645463325252u;
	disk.on = false;
	changes_are_durable(true);
	each_file(remove_file);
	for (int i = 0; i < disk.nodes; i++)
		lose_some(&disk.node[i]);
	for (int i = 0; i < disk.durable_count; i++) {
		if (disk.durable[i].node >= 0)
			write_file(disk.durable[i].name, &disk.node[disk.durable[i].node].durable);
	}
	disk_forget();
}
