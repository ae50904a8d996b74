/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A log of any octets, with small bounds: what comes out of the join is numbered as join.h
 * says, and each message is gone once. The same log again adds no delivery that has the
 * time of one before, so the join never tells more than there are lines.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/report/join_impl.h"

#define MESSAGES 4096 /* whose end is watched */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PLACES 6

struct watch {
	uint64_t deliveries, newest;
	unsigned places, told;
	bool gone[MESSAGES];
};

static void check(int holds)
{
	if (!holds)
		abort();
}

static void take_delivery(void *arg, const struct delivery *d)
{
	struct watch *w = arg;

	w->deliveries++;
	check(d->message > 0 && d->message <= w->newest + 1);
	if (d->message > w->newest)
		w->newest = d->message;
	check(d->cut == (d->place >= PLACES));
	if (!d->cut && d->place >= w->places)
		w->places = d->place + 1;
	check(d->us != LINE_NO_TIME && d->status != STATUS_PROBE);
	check(d->bounced == (d->status == STATUS_BOUNCED));
	check(d->session || (d->trust == TRUST_NONE && d->proof == PROOF_NONE));
	check(d->proof == PROOF_NONE || d->trust >= TRUST_TRUSTED);
	check(d->domain.len == 0 || d->domain.p != NULL);
	check(d->message_id.len <= MESSAGE_TEXT_MAX && d->sender.len <= MESSAGE_TEXT_MAX);
}

static void take_gone(void *arg, uint64_t message, bool expired, int64_t us)
{
	struct watch *w = arg;

	(void)expired;
	(void)us;
	check(message > 0 && message <= w->newest);
	if (message >= MESSAGES)
		return;
	check(!w->gone[message]);
	w->gone[message] = true;
}

static void take_passed(void *arg, int64_t us, enum statement statement, struct slice domain)
{
	(void)arg;
	(void)us;
	(void)domain;
	check(statement != STATEMENT_OTHER);
}

static void take_trouble(void *arg, int64_t us, enum event_kind kind, struct slice text)
{
	(void)arg;
	(void)us;
	(void)text;
	check(kind == EVENT_LOCAL || kind == EVENT_NO_DNSSEC);
}

static void take_place(void *arg, unsigned place, enum logged logged)
{
	struct watch *w = arg;

	check(logged <= LOGGED_CUT && (logged != LOGGED_CUT || place >= PLACES));
	if (place < PLACES)
		check(place == w->told++);
	else
		check(w->told > 0 && place < 3 * PLACES);
}

static uint64_t push_all(struct join *j, const char *data, size_t size)
{
	struct line_reader reader;
	struct event event;
	struct line line;
	enum line_got got;
	uint64_t lines = 0;
	size_t used;

	line_reader_init(&reader, &(struct line_zone){ .now = INT64_C(1800000000) });
	while (size > 0) {
		got = line_next(&reader, data, size, true, &line, &used);
		check(got != LINE_MORE && used > 0 && used <= size);
		data += used;
		size -= used;
		if (got != LINE_GOOD)
			continue;
		lines++;
		event_read(&line, &event);
		join_push(j, &line, &event);
	}
	line_reader_free(&reader);
	return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct join_bounds bounds = { .messages = 8, .octets = 4096,
		.processes = 4, .peers = 4, .domains = 4, .wheres = 4, .places = PLACES };
	struct watch watch = {0};
	const struct join_next next = { &watch, take_delivery, take_gone, take_passed,
		take_trouble, take_place };
	struct join *j = join_new_within(NULL, &next, &bounds);
	const struct join_counts *counts;
	uint64_t lines;

	check(j != NULL);
	lines = push_all(j, (const char *)data, size);
	counts = join_counts(j);
	check(counts->deliveries == watch.deliveries && !counts->out_of_memory);
	check(counts->deliveries + counts->internal + counts->probes + counts->twice +
	    counts->strange + counts->decisions <= lines);
	check(j->messages.keep.count <= bounds.messages);
	check(counts->first_us <= counts->last_us);
	join_end(j);
	check(watch.told >= watch.places && watch.told <= bounds.places);
	join_free(j);
	return 0;
}
