/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where lines come from: hosts, their instances of Postfix, and the places of join.h, which
 * are what lies between two starts of one of these.
 */
#ifndef REPORT_PLACES_H
#define REPORT_PLACES_H

#include <stdint.h>

#include "base/map.h"
#include "tools/report/keep.h"
#include "tools/report/slice.h"

#define SPELLING_MAX 256 /* octets of host and instance that tell; what is longer is cut */

/* (host, instance). A host is the same with and without its domain. */
struct where {
	struct keep_node node;
	uint32_t id;
	struct host *host;  /* NULL: of all those past the bound, and nothing is known of it */
	struct where *next; /* of the same host */
	uint64_t root;      /* keyed number of host and queue: "postfix" of "postfix/relay" */
	uint64_t print;     /* keyed number of the host's first label and the instance */
	char instance[SPELLING_MAX];
	size_t instance_len;
	int64_t first;      /* of its lines, in seconds */
	int64_t started;    /* the last start that was logged, in seconds */
	uint32_t starts;
	bool fresh;         /* started, and nothing went out since */
	bool placed;        /* place is one */
	unsigned place;
};

struct host {
	char name[SPELLING_MAX]; /* the longest form that was seen */
	size_t len, label;  /* label: of its first one */
	struct map_node by_label, by_name; /* by_label: the first one that has it */
	uint32_t number;
	struct where *wheres;
	struct host *next;
};

struct place {
	unsigned before, after; /* of the same where; itself: there is none */
	bool proved;
};

#define PLACES_CACHE 16

struct places {
	const uint64_t *seed;
	struct keep known;      /* spellings of host and instance */
	uint64_t misspelt;      /* of these, forgotten: they are found again */
	struct spelling *cache[PLACES_CACHE];
	struct keep wheres;
	size_t where_count, where_max;
	struct where *others;
	struct host *hosts;
	struct map labels, names; /* of hosts; by_name has those of more than one label */
	uint32_t host_count;
	struct place *list;
	size_t count, room, max;
	bool spilled;           /* the last one stands for more than one */
	uint64_t *forgotten;
};

void places_init(struct places *p, const uint64_t seed[2], size_t wheres, size_t places,
    uint64_t *forgotten);
void places_free(struct places *p);

/* Past the bound all others are one, at a place where TLS is not known to be logged. NULL: no
 * memory. */
struct where *places_find(struct places *p, struct slice host, struct slice instance);
/* Of this one and of those whose name goes on with "/": what was known of settings and of
 * processes is over. A start that was told before is passed over. */
void places_started(struct places *p, struct where *where, int64_t second);
/* The place of now; false: no memory. */
bool places_now(struct places *p, struct where *where, unsigned *place);
/* TLS is logged there. */
bool places_prove(struct places *p, struct where *where);
/* Proved, or between two that are. */
bool places_logged(const struct places *p, unsigned place);

#endif
