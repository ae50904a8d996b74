/* SPDX-License-Identifier: BSD-2-Clause */
/* Linting TLSA records: RFC 6698 2, RFC 7672 3.1, RFC 7671 9; rules U1-U6. */
#include <stdlib.h>
#include <string.h>

#include "api/lint.h"
#include "base/text.h"
#include "parse/tlsa.h"

static bool is_space(char c) { return text_is_blank(c) || c == '\n' || c == '\r'; }

static int hex_digit(char c)
{
	if (text_is_digit(c))
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The next of "U S M", an octet in decimal, with a blank or the end behind it. */
static bool take_octet(const char **at, const char *end, uint8_t *out)
{
	const char *begin;
	uint64_t value;

	while (*at < end && is_space(**at))
		(*at)++;
	for (begin = *at; *at < end && !is_space(**at); (*at)++)
		continue;
	if (!text_number(begin, (size_t)(*at - begin), 0, UINT8_MAX, &value))
		return false;
	*out = (uint8_t)value;
	return true;
}

#define NOT_A_RECORD "it is not of the form \"U S M HEX\", such as \"3 1 1\" and 64 " \
	"hexadecimal digits"

/* NULL, or what is wrong with the form. Without HEX it is a record without data: such a
 * one can be published (L16). */
static const char *read_record(struct danests_tlsa *out, uint8_t *data, const char *text,
    size_t len)
{
	const char *at = text, *end = text + len;
	struct danests_tlsa rec = { .data = data };
	bool odd = false;
	int digit;

	if (len == 0 || !take_octet(&at, end, &rec.usage) ||
	    !take_octet(&at, end, &rec.selector) || !take_octet(&at, end, &rec.mtype))
		return NOT_A_RECORD;
	for (; at < end; at++) {
		if (is_space(*at))
			continue;
		digit = hex_digit(*at);
		if (digit < 0)
			return "the data is not hexadecimal";
		if (odd)
			data[rec.len++] |= (uint8_t)digit;
		else
			data[rec.len] = (uint8_t)(digit << 4);
		odd = !odd;
	}
	if (odd)
		return "the data has an odd number of hexadecimal digits";
	*out = rec;
	return NULL;
}

ATTR_PUBLIC int danests_tlsa_read(struct danests_tlsa *out, uint8_t *data, const char *text,
    size_t len)
{
	return read_record(out, data, text, len) == NULL ? DANESTS_OK : DANESTS_EINVAL;
}

ATTR_PUBLIC const char *danests_tlsa_unusable(const struct danests_tlsa *rec)
{
	return tlsa_unusable(rec);
}

/* A set of them, each with its data in one block, and why it is unusable or NULL. */
struct set {
	size_t count;
	struct danests_tlsa *recs;
	const char **why;
	bool *drop;      /* digest agility (U6) */
	uint8_t *block;
};

static void set_free(struct set *set)
{
	free(set->recs);
	free(set->why);
	free(set->drop);
	free(set->block);
}

static int set_read(struct set *set, const struct danests_text *records, size_t count)
{
	size_t total = 0, used = 0, i;

	for (i = 0; i < count; i++)
		total += records[i].len / 2 + 1;
	set->count = count;
	set->recs = calloc(count + 1, sizeof(*set->recs));
	set->why = calloc(count + 1, sizeof(*set->why));
	set->drop = calloc(count + 1, sizeof(*set->drop));
	set->block = malloc(total + 1);
	if (set->recs == NULL || set->why == NULL || set->drop == NULL || set->block == NULL)
		return DANESTS_ENOMEM;
	for (i = 0; i < count; i++) {
		set->why[i] = read_record(&set->recs[i], set->block + used, records[i].data,
		    records[i].len);
		/* Zeroed, what is no record is one of usage 0: unusable, too. */
		if (set->why[i] == NULL)
			set->why[i] = tlsa_unusable(&set->recs[i]);
		used += records[i].len / 2 + 1;
	}
	(void)tlsa_agility(set->recs, count, set->drop);
	return DANESTS_OK;
}

static bool same(const struct danests_tlsa *a, const struct danests_tlsa *b)
{
	return a->usage == b->usage && a->selector == b->selector && a->mtype == b->mtype &&
	    a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void note_record(const struct set *set, size_t i, struct notes *notes)
{
	const struct danests_tlsa *rec = &set->recs[i];
	size_t j;

	if (set->drop[i])
		note_add(notes, "record %zu is passed over by senders: a stronger digest of the "
		    "same usage and selector stands beside it (RFC 7671 9)", i + 1);
	for (j = 0; j < i && j < NOTE_MAX; j++) {
		if (set->why[j] == NULL && same(rec, &set->recs[j])) {
			note_add(notes, "record %zu is the same as record %zu", i + 1, j + 1);
			return;
		}
	}
}

/* What holds up no mail today. */
static void note_set(const struct set *set, struct notes *notes)
{
	size_t usable = 0, anchors = 0, i;

	for (i = 0; i < set->count; i++) {
		if (set->why[i] != NULL)
			continue;
		usable++;
		anchors += set->recs[i].usage == 2;
		note_record(set, i, notes);
	}
	if (usable == 0 && set->count > 0)
		note_add(notes, "with no usable record senders demand TLS, but check no "
		    "certificate");
	else if (usable == anchors && usable > 0)
		note_add(notes, "only usage 2: the server must send the certificate of that "
		    "authority, too, and its own must be valid and have the right name; 3 1 1 "
		    "asks for neither");
}

static void say_set(danests_lint *lint, const struct set *set)
{
	size_t bad = 0, i;

	for (i = 0; i < set->count; i++)
		bad += set->why[i] != NULL;
	if (set->count == 0)
		lint_verdict(lint, false, "invalid: there is no record");
	else if (bad == 0)
		lint_verdict(lint, true, "valid");
	else
		lint_verdict(lint, false, "invalid: %zu of %zu %s unusable", bad, set->count,
		    set->count == 1 ? "record is" : "records are");
	for (i = 0; i < set->count; i++) {
		if (set->why[i] == NULL)
			lint_line(lint, "usable");
		else
			lint_line(lint, "unusable: %s", set->why[i]);
	}
}

ATTR_PUBLIC int danests_lint_tlsa(danests_lint **out, const struct danests_text *records,
    size_t count)
{
	danests_lint *lint = lint_new();
	struct notes notes = {0};
	struct set set = {0};

	if (lint == NULL)
		return DANESTS_ENOMEM;
	if (set_read(&set, records, count) == DANESTS_OK) {
		say_set(lint, &set);
		note_set(&set, &notes);
	} else {
		lint->text.bad = true;
	}
	lint_warnings(lint, &notes);
	set_free(&set);
	return lint_done(out, lint);
}
