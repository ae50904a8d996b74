/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the tally share: texts kept once, counts, cells, who was counted already. */
#ifndef REPORT_TALLY_IMPL_H
#define REPORT_TALLY_IMPL_H

#include "base/map.h"
#include "tools/report/ledger.h"
#include "tools/report/tally_names.h"
#include "tools/report/tally.h"

#define TALLY_SECOND INT64_C(1000000)
#define TALLY_HOUR 3600
#define TALLY_DAY 86400

/* ---- Bounds ---- */

#define TALLY_BLOCKED 50000       /* messages with their details */
#define TALLY_CELLS 100000        /* (day, domain) without TLS */
#define TALLY_TROUBLES 1000       /* different texts */
#define TALLY_TROUBLE_DAYS 32     /* cells per text, on average */
#define TALLY_TROUBLE_CUT 200     /* octets of a text */
#define TALLY_COUNTS 400000       /* (day or hour, what) */
#define TALLY_TOTALS (1 << 18)      /* (message, type) of messages that live */
#define TALLY_MARKS 300000        /* (message, row), with --count messages */
#define TALLY_MIXED 200000        /* of messages that only the end can tell */
#define TALLY_LATE (1 << 18)      /* blocked ones without details: fingerprints */

/* ---- What is counted by slot: a day, or an hour where rows are by hour ---- */

enum {
	WHAT_TYPE = 0,                               /* + enum security: sent */
	WHAT_EVIDENCE = 16,                          /* + enum evidence */
	WHAT_NO_DNSSEC = WHAT_EVIDENCE + EVIDENCE_COUNT,
	WHAT_SMARTHOST,                              /* sent, counted by its type as well */
	WHAT_PASSED = 32,                            /* + enum statement */
	WHAT_DOUBT = 64,                             /* + place in tally.doubts */
	WHAT_PLACE = 128,                            /* + place: sent, nothing logged */
};
#define TALLY_DOUBTS (WHAT_PLACE - WHAT_DOUBT)

struct count {
	struct map_node node;
	struct count_key { int32_t slot; uint32_t what; } key;
	uint64_t n;
	uint64_t messages;   /* whose last one of this kind is here */
	uint64_t rows;       /* the same, per row of `sent` */
};

struct counts {
	struct map map;
	size_t limit;
	bool out_of_memory;
	int32_t slot;                     /* near[] is of it: the one used last */
	struct count *near[WHAT_PLACE + 1]; /* the last one: of some place */
};

void counts_init(struct counts *c, size_t limit);
/* Makes it when it is not there; NULL: no room. Valid until the next counts_drop(). */
struct count *counts_slow(struct counts *c, int32_t slot, uint32_t what);
struct count *counts_find(const struct counts *c, int32_t slot, uint32_t what);
void counts_drop(struct counts *c, int32_t before); /* slots before this one */
void counts_free(struct counts *c);

static inline struct count *counts_at(struct counts *c, int32_t slot, uint32_t what)
{
	struct count *found = c->near[what < WHAT_PLACE ? what : WHAT_PLACE];

	if (found != NULL && found->key.slot == slot && found->key.what == what)
		return found;
	return counts_slow(c, slot, what);
}

/* ---- What is counted by day and text: domains, troubles ---- */

struct cell {
	struct map_node node;
	struct cell_key { uint64_t name; int32_t day; uint32_t what; } key;
	struct name *name;
	uint64_t n, messages;
};

#define CELLS_NEAR 4096

struct cells {
	struct map map;
	struct names *names;
	size_t limit;
	bool out_of_memory;
	struct cell *near[CELLS_NEAR]; /* those used lately, by something quicker than a hash */
};

void cells_init(struct cells *c, struct names *names, size_t limit);
struct cell *cells_at(struct cells *c, struct slice text, int32_t day, uint32_t what);
struct cell *cells_find(const struct cells *c, const struct name *name, int32_t day,
    uint32_t what);
void cells_drop(struct cells *c, int32_t before);
void cells_free(struct cells *c);

static inline const struct cell *cell_of(const struct map_node *node)
{
	return (const struct cell *)(const void *)node;
}

/* ---- Messages: each counts once, where its last delivery is ---- */

/* Once per type, or once per row. A cut at the front of the period is right that way. */
struct once {
	uint64_t message;
	struct name *name;   /* of a row of no-tls; else NULL */
	int32_t row;         /* ONCE_TOTAL: per type */
	int32_t slot;        /* of its last delivery */
	uint32_t what;       /* a type, or WHAT_PLACE + place */
};
#define ONCE_TOTAL INT32_MIN

struct totals {                /* open addressing; what + 1, so that 0 is empty */
	struct totals_entry { uint64_t message; uint32_t what; int32_t slot; } *entries;
	size_t room, count;  /* room: a power of two, or 0 */
};

struct marks {
	struct map map, holders;
};

/* Those whose types are known at the end only: two of what may be one type then. */
struct mixed {
	struct once *all;
	size_t count, room;
};

/* ---- The tally ---- */

struct tally {
	const struct view *view;
	struct tally_limits limits;
	bool by_domain;                  /* there are filters of domains */
	bool relative;                   /* some end of the period is known at the end only */
	bool type_passes[SECURITY_NAMED];
	int64_t since_us, until_us;      /* as far as known now */
	int64_t newest_us;
	int64_t swept_day;               /* day of newest_us when what is too old was dropped, */
	uint64_t since_swept;            /* and deliveries since then */
	int32_t unit;                    /* of a slot, in seconds */
	int64_t slot_from_us, slot_to_us;
	int32_t slot, day;               /* of what came last */
	struct names names;
	struct counts counts;
	struct cells no_tls, troubles, late; /* late: blocked ones without details */
	uint64_t *late_seen;             /* their fingerprints; 0: empty */
	size_t late_count;
	uint64_t late_seed[2];
	struct totals totals;
	struct marks marks;
	struct mixed mixed;
	struct ledger *ledger;
	const char *doubts[TALLY_DOUBTS];
	uint8_t *places;                 /* enum logged, by place */
	size_t places_count;
	int64_t since, until;            /* of the period, at the end; open ones are open */
	struct tally_counts counted;
};

/* tally_totals.c */
void totals_take(struct tally *t, uint64_t message, struct count *count);
void totals_gone(struct tally *t, uint64_t message);
void totals_end(struct tally *t);
void totals_free(struct totals *s);
bool once_is_open(uint32_t what);
void once_move(struct tally *t, struct once *o, int32_t slot);
void once_add(struct tally *t, const struct once *o);
void once_take_back(struct tally *t, const struct once *o);

/* tally_marks.c */
void marks_init(struct marks *m);
void marks_take(struct tally *t, uint64_t message, struct name *name, uint32_t what);
void marks_gone(struct tally *t, uint64_t message);
void marks_end(struct tally *t);
void marks_free(struct tally *t);

/* tally_mixed.c */
bool mixed_add(struct tally *t, const struct once *o); /* false: no room */
void mixed_end(struct tally *t);
void mixed_free(struct tally *t);

/* tally_late.c: what is blocked, beyond the ledger's bound */
struct late { enum security security; size_t fault; bool final; };
void late_init(struct tally *t);
void late_take(struct tally *t, const struct delivery *d, const struct verdict *v);
/* One by one, those that the period and the view show; zeroed to begin with. */
struct late_walk {
	size_t cursor;
	struct map_node *node;
	const struct cell *cell;
	struct late late;
	const struct danests_fault *fault;
};
bool late_next(const struct tally *t, struct late_walk *walk);

/* tally_end.c */
enum security tally_type(const struct tally *t, uint32_t what); /* at the end */
int64_t tally_us(int64_t seconds);                             /* open stays open */
bool tally_has_slot(const struct tally *t, int32_t slot);       /* in the period */
bool tally_has_day(const struct tally *t, int32_t day);

static inline int32_t tally_slot_day(const struct tally *t, int32_t slot)
{
	return t->unit == TALLY_DAY ? slot : slot / (TALLY_DAY / TALLY_HOUR);
}

/* ---- Errors and their filters ---- */

#define TALLY_ERROR 96
/* "5.7.323 tlsa-invalid"; the token alone where there is no code. */
struct slice tally_error(const struct danests_fault *fault, bool final, char out[TALLY_ERROR]);
size_t tally_fault_index(const struct danests_fault *fault);
bool tally_shows(const struct tally *t, enum security type, const struct danests_fault *fault,
    bool final);

#define TALLY_DIGITS 24
struct slice tally_digits(uint64_t n, char out[TALLY_DIGITS]);
#define TALLY_TIME 32
struct slice tally_time(int64_t seconds, char out[TALLY_TIME]); /* 2026-11-22T02:50:51Z */

/* ---- The reports, one file each ---- */

int rows_blocked(const struct tally *t, struct sheet *out) ATTR_MUST_CHECK;
int rows_details(const struct tally *t, struct sheet *out) ATTR_MUST_CHECK;
int rows_sent(const struct tally *t, struct sheet *out) ATTR_MUST_CHECK;
int rows_no_tls(const struct tally *t, struct sheet *out) ATTR_MUST_CHECK;
int rows_summary(const struct tally *t, struct sheet *out) ATTR_MUST_CHECK;

/* Section, Name, Count, Share, Remark. Of total the share; 0: none. */
void summary_put(struct sheet *out, const char *section, struct slice name, uint64_t count,
    uint64_t total, const char *remark);
void summary_events(const struct tally *t, struct sheet *out); /* rows_events.c */

/* Every shown row of blocked-details, in no order. */
struct shown { struct ledger_row *all; size_t count; };
int tally_shown(const struct tally *t, struct shown *out) ATTR_MUST_CHECK;

/* As memcmp, the shorter first. */
int slice_order(struct slice a, struct slice b);

#endif
