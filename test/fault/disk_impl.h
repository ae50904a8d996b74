/* SPDX-License-Identifier: BSD-2-Clause */
/* What the fake disk knows: disk.c keeps it, disk_wrap.c changes it. */
#ifndef FAULT_DISK_IMPL_H
#define FAULT_DISK_IMPL_H

#include <limits.h>
#include <stddef.h>

#include "test/fault/disk.h"

#define FILES 64     /* names at a time */
#define NODES 512    /* files that ever were, between two reboots */
#define FDS 256
#define CHANGES 4096 /* of the directory, not durable yet */

struct bytes {
	char *data;
	size_t len;
};

struct write {               /* not durable yet; data NULL: the file was cut to offset */
	struct write *next;
	uint64_t offset;
	struct bytes bytes;
};

struct node {
	struct bytes durable;
	struct write *first, **last;
};

struct name {
	char name[64];
	int node;            /* -1: there is none of that name */
};

struct change {              /* of one call: a rename sets two names */
	struct name set[2];
	int count;
};

struct disk {
	char dir[PATH_MAX];
	bool on, dead;
	unsigned long calls, refuse_at, refuse_count, die_at;
	int error;
	bool half;
	struct node node[NODES];
	int nodes;
	struct name now[FILES], durable[FILES];
	int now_count, durable_count;
	struct change change[CHANGES];
	int changes;
	int fd[FDS];         /* 1 + node */
};

extern struct disk disk;

void disk_must(bool ok, const char *what); /* or the test ends here */
int disk_lookup(const struct name *names, int count, const char *name);
void disk_apply(struct name *names, int *count, const struct change *change);
void disk_add_change(const char *a, int a_node, const char *b, int b_node);
int disk_new_node(void);
void disk_add_write(int node, const void *data, size_t len, uint64_t offset);
void disk_make_durable(struct node *node);

#endif
