/* SPDX-License-Identifier: BSD-2-Clause */
/* The summary's lists: what could not be told, hosts passed over, trouble of this side. */
#include <stdlib.h>

#include "danests.h"
#include "tools/report/tally_impl.h"

struct item {
	struct slice text;
	uint64_t n;
};

/* ---- Sums by kind ---- */

static const char unlogged[] =
    "no line of a TLS session, and nothing tells that one would have been logged";

/* By what, in the period: those below WHAT_PLACE, and at it all that turned out Unknown. */
static void sum_kinds(const struct tally *t, uint64_t n[WHAT_PLACE + 1])
{
	struct map_node *node = NULL;
	const struct count *count;
	size_t cursor = 0;

	memset(n, 0, (WHAT_PLACE + 1) * sizeof(n[0]));
	while ((node = map_next(&t->counts.map, &cursor, node)) != NULL) {
		count = (const struct count *)(const void *)node;
		if (!tally_has_slot(t, count->key.slot))
			continue;
		if (count->key.what < WHAT_PLACE)
			n[count->key.what] += count->n;
		else if (tally_type(t, count->key.what) == SECURITY_UNKNOWN)
			n[WHAT_PLACE] += count->n;
	}
}

static int by_count(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return slice_order(a->text, b->text);
}

static void put_items(struct item *items, size_t count, const char *section,
    const char *remark, struct sheet *out)
{
	if (count > 0)
		qsort(items, count, sizeof(*items), by_count);
	for (size_t i = 0; i < count; i++)
		if (items[i].n > 0)
			summary_put(out, section, items[i].text, items[i].n, 0, remark);
}

/* ---- What could not be told ---- */

struct doubts {
	const struct tally *t;
	uint64_t n[TALLY_DOUBTS];
};

static void add_doubt(void *arg, const struct ledger_row *row)
{
	struct doubts *d = arg;

	if (row->doubt == NULL || !tally_shows(d->t, row->security, row->fault, row->final))
		return;
	for (size_t i = 0; i < TALLY_DOUBTS && d->t->doubts[i] != NULL; i++)
		if (strcmp(d->t->doubts[i], row->doubt) == 0)
			d->n[i]++;
}

static void put_doubts(const struct tally *t, const uint64_t *n, struct sheet *out)
{
	struct item items[TALLY_DOUBTS + 1];
	struct doubts d = { t, {0} };
	size_t count = 0;

	ledger_walk(t->ledger, tally_us(t->since), tally_us(t->until), add_doubt, &d);
	while (count < TALLY_DOUBTS && t->doubts[count] != NULL) {
		items[count].text = slice_of(t->doubts[count]);
		items[count].n = n[WHAT_DOUBT + count] + d.n[count];
		count++;
	}
	if (t->type_passes[SECURITY_UNKNOWN])
		items[count++] = (struct item){ slice_of(unlogged), n[WHAT_PLACE] };
	put_items(items, count, "Could not be told", "", out);
}

/* ---- Hosts passed over ---- */

static const char *const statements[] = {
	[STATEMENT_OTHER] = "another reason",
	[STATEMENT_NOT_OFFERED] = "STARTTLS was not offered",
	[STATEMENT_REFUSED] = "STARTTLS was refused",
	[STATEMENT_HANDSHAKE] = "the TLS handshake failed",
	[STATEMENT_NOT_TRUSTED] = "the certificate was not trusted",
	[STATEMENT_NOT_VERIFIED] = "the certificate was not verified",
	[STATEMENT_NO_DNSSEC] = "no DNSSEC where DANE is required",
	[STATEMENT_NO_TLSA] = "no TLSA records where DANE is required",
	[STATEMENT_UNUSABLE] = "no usable TLSA records where DANE is required",
	[STATEMENT_TLSA_LOOKUP] = "the TLSA records could not be looked up",
	[STATEMENT_MX_INSECURE] = "MX records without DNSSEC where DANE is required",
	[STATEMENT_NO_SERVER] = "no server to send to",
	[STATEMENT_DNS] = "the name could not be looked up",
	[STATEMENT_LOCAL] = "trouble of this side",
	[STATEMENT_REQUIRETLS] = "what the sender asked for could not be had",
};

static void put_passed(const uint64_t *n, struct sheet *out)
{
	struct item items[COUNT_OF(statements)];

	for (size_t i = 0; i < COUNT_OF(statements); i++)
		items[i] = (struct item){ slice_of(statements[i]), n[WHAT_PASSED + i] };
	put_items(items, COUNT_OF(statements), "MX hosts passed over",
	    "another host was tried: no message was blocked by this", out);
}

/* ---- Trouble ---- */

static int by_text(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;

	return slice_order(a->text, b->text);
}

static size_t fold(struct item *items, size_t count)
{
	size_t n = 0;

	if (count > 0)
		qsort(items, count, sizeof(*items), by_text);
	for (size_t i = 0; i < count; i++) {
		if (n > 0 && slice_equal(items[n - 1].text, items[i].text))
			items[n - 1].n += items[i].n;
		else
			items[n++] = items[i];
	}
	return n;
}

static void put_trouble(const struct tally *t, uint32_t kind, const char *section,
    struct sheet *out)
{
	struct item *items = calloc(t->troubles.map.count + 1, sizeof(*items));
	struct map_node *node = NULL;
	const struct cell *cell;
	size_t cursor = 0, n = 0;

	if (items == NULL) {
		out->bad = true;
		return;
	}
	while ((node = map_next(&t->troubles.map, &cursor, node)) != NULL) {
		cell = cell_of(node);
		if (cell->key.what == kind && tally_has_day(t, cell->key.day))
			items[n++] = (struct item){ name_slice(cell->name), cell->n };
	}
	put_items(items, fold(items, n), section, "lines", out);
	free(items);
}

void summary_events(const struct tally *t, struct sheet *out)
{
	uint64_t n[WHAT_PLACE + 1];

	sum_kinds(t, n);
	put_doubts(t, n, out);
	put_passed(n, out);
	put_trouble(t, VERDICT_POLICY, "Local policy", out);
	put_trouble(t, VERDICT_REQUIRETLS, "REQUIRETLS", out);
	put_trouble(t, VERDICT_LOCAL, "Local trouble", out);
	if (n[WHAT_NO_DNSSEC] > 0)
		summary_put(out, "DNSSEC", SLICE("Postfix says that DNSSEC validation may be"
		    " unavailable: DANE is silently off"), n[WHAT_NO_DNSSEC], 0, "lines");
}
