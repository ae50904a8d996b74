/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by join.c and the files beside it. */
#ifndef REPORT_JOIN_IMPL_H
#define REPORT_JOIN_IMPL_H

#include "tools/report/decisions.h"
#include "tools/report/failures.h"
#include "tools/report/messages.h"
#include "tools/report/places.h"
#include "tools/report/processes.h"
#include "tools/report/seen.h"

/* How much is kept; the usual ones are in join.c. */
struct join_bounds {
	size_t messages, octets; /* of these */
	size_t processes, peers, domains, wheres, places;
};

#define DOMAIN_TEXT 1024 /* octets of a recipient's domain that is looked at */

/* Deliveries at this place that may be cut: by where a session would have been logged, and those
 * that need no such proof. */
enum cut_kind { CUT_LOGGED, CUT_ALWAYS, CUT_KINDS };

struct cut {
	uint64_t root;      /* of struct where */
	bool used[CUT_KINDS];
	bool mixed;         /* the last place stands for several hosts */
};

struct cuts {
	struct keep lived;  /* roots with lines of a message's life */
	uint64_t last;      /* the last one of these */
	bool any, too_many;
	size_t max;         /* places */
	struct cut *list;   /* by place */
	size_t count;
};

struct join {
	const struct internal *internal;
	struct join_next next;
	struct join_counts counts;
	uint64_t seed[2];
	int64_t us; /* of this line, or of the last one that had a time */
	struct places places;
	struct seen seen;
	struct messages messages;
	struct processes processes;
	struct decisions decisions;
	struct failures failures;
	struct cuts cuts;
	char domain[DOMAIN_TEXT];
};

struct join *join_new_within(const struct internal *internal, const struct join_next *next,
    const struct join_bounds *bounds);

/* A line that tells something, and where it is from. */
struct heard {
	const struct line *line;
	const struct event *event;
	struct where *where;
	int64_t second;
	bool client; /* smtp, lmtp */
	bool lmtp;
};

/* join_delivery.c */
void join_delivery(struct join *j, const struct heard *h);
/* The same line was there before, with the same host, instance and second. */
bool join_twice(struct join *j, const struct heard *h, uint64_t more);

/* join_cut.c */
void join_cut_init(struct join *j, const struct join_bounds *bounds);
void join_cut_free(struct join *j);
/* There are such lines in this log. */
void join_lived(struct join *j, const struct heard *h);
bool join_is_cut(const struct join *j, const struct heard *h, const struct delivery *d);
/* The place of one, for d->place; false: no memory. */
bool join_cut_place(struct join *j, const struct heard *h, struct delivery *d);
void join_cut_end(struct join *j);

/* join_life.c */
void join_born(struct join *j, const struct heard *h);
void join_sender(struct join *j, const struct heard *h);
void join_expired(struct join *j, const struct heard *h);
void join_removed(struct join *j, const struct heard *h);
struct message *join_message(struct join *j, const struct heard *h);

/* join_domain.c: of an address: lower case, A-labels, in buf; "" where it has none. */
struct slice join_domain(struct slice recipient, char *buf, size_t size);

#endif
