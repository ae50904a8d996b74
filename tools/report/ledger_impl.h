/* SPDX-License-Identifier: BSD-2-Clause */
/* message ▸ recipients ▸ errors ▸ first failures by day */
#ifndef REPORT_LEDGER_IMPL_H
#define REPORT_LEDGER_IMPL_H

#include "base/list.h"
#include "base/map.h"
#include "tools/report/ledger.h"

struct try {
	int64_t us;
	struct name *text;
};

struct record {
	struct record *next;
	const struct danests_fault *fault;
	enum security security;  /* of the best evidence, which was seen at best_us */
	enum evidence evidence;
	const char *doubt;
	int64_t best_us;
	int64_t last_us;         /* of the last time */
	bool final;
	struct try *tries;       /* by time, one a day */
	size_t count, room;
	size_t shown;            /* octets of its text in a report, where no text is kept once */
};

struct who {
	struct map_node node;
	struct who_key { uint64_t message, recipient; } key;
	struct ledger_message *of;
	struct who *next;
	struct name *recipient, *domain;
	int64_t other_us;        /* when it last ended otherwise */
	struct record *records;
};

struct ledger_message {
	struct map_node node;
	struct list all;
	uint64_t number;
	bool live;               /* in the maps, and so are its recipients */
	struct name *sender, *id;
	struct who *whos;
};

#define TRY_TEXT 1024 /* octets of a statement */
#define LEDGER_HINTS 16384

struct ledger {
	struct names *names;
	struct map live, whos;
	struct list all;
	size_t records, limit;
	size_t bytes;            /* without the names */
	bool days;
	bool out_of_memory;      /* where nobody is there to be told */
	/* How many live messages have a number that ends like this; 255: at least so many,
	 * for good. Most deliveries are of none, and that is known without a hash. */
	uint8_t hints[LEDGER_HINTS];
};

#define LEDGER_NEVER INT64_MIN

/* ledger_try.c */
/* False: no memory. */
bool record_failed(struct ledger *l, struct record *r, int64_t us, struct slice text);
void record_merge(struct ledger *l, struct record *into, struct record *from);
void record_drop(struct ledger *l, struct record *r, int64_t before_us);
void record_free(struct ledger *l, struct record *r);
/* The better of what two deliveries say of the same error stays. */
void record_judge(struct record *r, enum security security, enum evidence evidence,
    const char *doubt, int64_t us);

/* ledger_end.c */
void ledger_hint(struct ledger *l, uint64_t number, int change);
void ledger_close(struct ledger *l, struct ledger_message *m, bool expired);
void ledger_trim(struct ledger *l, struct ledger_message *m); /* may free it */
void ledger_forget(struct ledger *l, struct ledger_message *m);

#endif
