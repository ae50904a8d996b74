/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Times as the lines of a log have them, in two steps: what is written there, and which time
 * that is. The second needs a clock for each file, because what is left out, the year and the
 * zone, follows from the lines before.
 */
#ifndef REPORT_STAMP_H
#define REPORT_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STAMP_NONE INT64_MIN

/* As it is written. */
struct stamp {
	int32_t year;   /* 0: not there */
	uint8_t month, day, hour, minute;
	uint8_t second; /* 60 in a leap second */
	bool zoned;     /* offset is there */
	int32_t offset; /* seconds east of Greenwich */
	uint32_t us;
};

/*
 * The stamp at the front: "Nov  8 02:56:21", "2026-06-05T14:09:33.208849+02:00",
 * "1763779146.123456", "Sun 2026-11-22 02:59:06 UTC", each with and without a fraction of any
 * length. How many octets it has; 0: there is none.
 */
size_t stamp_read(const char *p, size_t len, struct stamp *out);

/* The digits at the front as a fraction of a second; those after the sixth do not count. How
 * many there are. */
static inline size_t stamp_fraction(const char *p, size_t len, uint32_t *us)
{
	static const uint32_t worth[] = { 1000000, 100000, 10000, 1000, 100, 10, 1 };
	uint32_t value = 0;
	size_t n = 0;

	for (; n < len && n < 6 && p[n] >= '0' && p[n] <= '9'; n++)
		value = value * 10 + (uint32_t)(p[n] - '0');
	*us = value * worth[n];
	while (n < len && p[n] >= '0' && p[n] <= '9')
		n++;
	return n;
}

/* Times without a zone are local ones, by the zone of the process (TZ, tzset(3)). One that
 * exists twice, because the clock was put back, is the earlier one, unless that would be a step
 * back. One that does not exist, because it was put on, is as if it had not yet been. */
struct line_zone {
	int64_t now;   /* seconds; a line without a year is not from after tomorrow */
	int year;      /* of the first line without one; 0: the latest that is not in the future */
};

/* The minute of a stamp in the two commonest shapes, as it was written: lines that have the same
 * one again need only their seconds read. */
struct stamp_memo {
	char minute[17]; /* "Nov 22 02:59:", "2026-11-22T02:59:" */
	char zone[6];    /* "", "Z", "+02:00" */
	uint8_t minute_len, zone_len; /* minute_len 0: nothing is remembered */
	bool yearless;
};

struct stamp_clock {
	struct line_zone zone;
	int64_t last_us;    /* of the line before; STAMP_NONE: there was none */
	uint64_t guessed;   /* times whose year was guessed */
	int64_t now_offset; /* seconds east of Greenwich, now */
	/* Of the last stamp: its minute, as a number, and what that is. */
	uint64_t minute;
	int64_t minute_us;
	struct stamp_memo memo;
	/* A quarter of an hour of local time, in which the offset does not change. */
	int64_t quarter;
	int64_t offset, later; /* later: the other one, when the clock is put back there */
	bool known;            /* quarter is */
};

void stamp_clock_init(struct stamp_clock *c, const struct line_zone *zone);

/* Microseconds since 1970, UTC. A leap second is the second after. */
int64_t stamp_time(struct stamp_clock *c, const struct stamp *s);

/* What was read last is written so: n octets at p. */
void stamp_remember(struct stamp_clock *c, const char *p, size_t n, const struct stamp *s);

/* Is this the same minute again? How many octets, and its time; 0: it has to be read. */
size_t stamp_again(const struct stamp_clock *c, const char *p, size_t len, int64_t *us);

/* The time that stamp_again() gave is that of a line. */
int64_t stamp_time_again(struct stamp_clock *c, int64_t us);

/* The same as stamp_time() for a stamp that a logger put behind one of its own, a moment later:
 * that knows year and zone when s does not. */
int64_t stamp_time_within(struct stamp_clock *c, const struct stamp *s,
    const struct stamp *outer);

#endif
