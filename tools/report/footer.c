/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/footer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define NAME_WIDTH 23 /* with the colon */

static void put(FILE *to, const char *name, const char *fmt, ...) ATTR_PRINTF(3, 4);

static void put(FILE *to, const char *name, const char *fmt, ...)
{
	va_list ap;

	fprintf(to, "%s:%*s", name, NAME_WIDTH - 1 - (int)strlen(name), "");
	va_start(ap, fmt);
	vfprintf(to, fmt, ap);
	va_end(ap);
	fputc('\n', to);
}

static void put_count(FILE *to, const char *name, uint64_t n)
{
	put(to, name, "%" PRIu64, n);
}

/* A second as a date where a day begins, else as a time. */
static void moment_text(int64_t t, char out[48])
{
	int64_t day = bucket_begin(BUCKET_DAY, t), s = t - day;
	char date[BUCKET_TEXT];

	bucket_text(BUCKET_DAY, day, date);
	if (s == 0)
		text_format(out, 48, "%s", date);
	else
		text_format(out, 48, "%sT%02d:%02d:%02dZ", date, (int)(s / 3600),
		    (int)(s / 60 % 60), (int)(s % 60));
}

static void put_period(const struct footer *f, FILE *to)
{
	int64_t until = f->tally->until;
	char begin[48], end[48];

	if (f->join->last_us == LINE_NO_TIME)
		return;
	moment_text(f->tally->since == PERIOD_OPEN_SINCE ?
	    bucket_begin(BUCKET_DAY, f->join->first_us / 1000000) : f->tally->since, begin);
	/* A day that belongs to it is named as the last one. */
	moment_text(until == bucket_begin(BUCKET_DAY, until) && until > f->tally->since ?
	    bucket_begin(BUCKET_DAY, until - 1) : until, end);
	put(to, "period", "%s to %s (UTC)", begin, end);
}

static void put_deliveries(const struct footer *f, FILE *to)
{
	const struct tally_counts *t = f->tally;
	bool messages = f->options->view.messages;
	uint64_t sent = 0;

	for (int i = 0; i < SECURITY_SENT; i++)
		sent += messages ? t->sent_messages[i] : t->sent[i];
	put(to, "deliveries counted", "%" PRIu64 " sent, %" PRIu64 " blocked", sent, t->blocked);
	put(to, "counted are", messages ? "messages, once for each security type and error" :
	    "recipients of messages; --count messages counts messages");
	put_count(to, "excluded as internal", f->join->internal);
	if (f->join->probes > 0)
		put_count(to, "excluded as probes", f->join->probes);
	if (f->join->twice > 0)
		put_count(to, "lines seen twice", f->join->twice);
}

/* What would have told more, as far as it would have. */
static void put_better(const struct footer *f, FILE *to)
{
	const struct tally_counts *t = f->tally;
	const uint64_t *e = t->evidence;
	bool older = e[EVIDENCE_SUMMARY] + e[EVIDENCE_SILENCE] + e[EVIDENCE_NONE] +
	    (e[EVIDENCE_FEATURE] == 0 ? e[EVIDENCE_TEXT] + e[EVIDENCE_CAUSE] : 0) > 0;
	bool secured = t->blocked + t->sent[SECURITY_DANE] + t->sent[SECURITY_STS] +
	    t->sent[SECURITY_EITHER] > 0;

	if (older)
		put(to, "better evidence",
		    "smtp_tls_loglevel = summary,certmatch in main.cf of Postfix before 3.11");
	if (older || (e[EVIDENCE_FEATURE] == 0 && e[EVIDENCE_PROOF] > 0))
		put(to, "better evidence", "Postfix 3.11 or later");
	if (secured && f->join->decisions == 0)
		put(to, "better evidence", "danestsd's lines (--policies FILE, when they are not in"
		    " the mail log) tell where both protect");
}

static void put_evidence(const struct footer *f, FILE *to)
{
	uint64_t any = 0;

	for (int i = 0; i < EVIDENCE_COUNT; i++)
		any += f->tally->evidence[i];
	if (any > 0) {
		put(to, "weakest evidence used", "%s", evidence_text(f->tally->weakest));
		put_better(f, to);
	}
	if (f->tally->no_dnssec)
		put(to, "warning", "Postfix had no DNSSEC and so no DANE (\"DNSSEC validation may"
		    " be unavailable\"): see to a validating resolver and \"options trust-ad\"");
}

/* One mistaken stamp takes the period with it. */
static void put_future(const struct footer *f, FILE *to)
{
	int64_t last = f->join->last_us / 1000000;
	char newest[48];

	if (f->join->last_us == LINE_NO_TIME || last <= (int64_t)clock_now() + 86400 ||
	    f->options->view.period.until != PERIOD_OPEN_UNTIL)
		return;
	moment_text(last, newest);
	put(to, "warning", "the newest line is of %s, which is in the future, and the period ends"
	    " there: --until tells otherwise", newest);
}

static void put_bounds(const struct footer *f, FILE *to)
{
	const struct {
		uint64_t n;
		const char *what;
	} bounds[] = {
		{ f->join->forgotten_messages, "messages: some have no sender and no Message ID" },
		{ f->join->forgotten_processes,
			"processes of Postfix: some deliveries lack their TLS line" },
		{ f->join->forgotten_domains, "decisions of danestsd" },
		{ f->join->forgotten_places, "hosts and instances of Postfix" },
		{ f->tally->forgotten_messages, "messages: some may count twice as messages" },
		{ f->tally->dropped_blocked,
			"blocked messages: counted, but not in blocked-details" },
		{ f->tally->dropped_cells,
			"deliveries: no-tls, or sent or blocked, is short of them" },
		{ f->tally->dropped_troubles, "texts of trouble: summary is short" },
	};

	for (size_t i = 0; i < COUNT_OF(bounds); i++)
		if (bounds[i].n > 0)
			put(to, "too many, left out", "%" PRIu64 " %s", bounds[i].n,
			    bounds[i].what);
}

static void put_years(const struct footer *f, FILE *to)
{
	char first[BUCKET_TEXT], last[BUCKET_TEXT];

	if (f->input->guessed == 0 || f->join->last_us == LINE_NO_TIME)
		return;
	bucket_text(BUCKET_MONTH, f->join->first_us / 1000000, first);
	bucket_text(BUCKET_MONTH, f->join->last_us / 1000000, last);
	first[strcspn(first + 1, "-") + 1] = last[strcspn(last + 1, "-") + 1] = '\0';
	put(to, "year", "%" PRIu64 " lines carry no year: taken as %s%s%s; --year tells otherwise",
	    f->input->guessed, first, strcmp(first, last) != 0 ? " to " : "",
	    strcmp(first, last) != 0 ? last : "");
}

void footer_write(const struct footer *f, FILE *to)
{
	size_t lost = f->input->missing + f->input->damaged;

	/* Where a table stands above. */
	if (f->options->out == NULL && isatty(STDOUT_FILENO) && isatty(fileno(to)))
		fputc('\n', to);
	put_count(to, "lines read", f->input->lines);
	put_count(to, "lines not understood", f->input->strange + f->join->strange);
	if (lost > 0)
		put(to, "files not read whole", "%zu: the report is short of them", lost);
	put_period(f, to);
	put_years(f, to);
	put_deliveries(f, to);
	put_evidence(f, to);
	put_future(f, to);
	put_bounds(f, to);
}
