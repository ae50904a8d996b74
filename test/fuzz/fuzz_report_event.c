/* SPDX-License-Identifier: BSD-2-Clause */
/* A program's name, a line end, a text: whatever it is, what is read lies within it, and what
 * stands behind "status=WORD (", which may be a server's, changes nothing else. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/report/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool law)
{
	if (!law)
		abort();
}

static void check_inside(const struct line *line, struct slice s)
{
	if (s.len == 0)
		return;
	check(s.p >= line->text.p && s.len <= line->text.len);
	check((size_t)(s.p - line->text.p) <= line->text.len - s.len);
}

static void check_delivery(const struct line *line, const struct event *e)
{
	const char *const end = line->text.p + line->text.len;
	const char *text_end = e->delivery.text.p + e->delivery.text.len;

	check_inside(line, e->delivery.recipient);
	check_inside(line, e->delivery.relay);
	check_inside(line, e->delivery.relay_host);
	check_inside(line, e->delivery.relay_address);
	check_inside(line, e->delivery.dsn);
	check_inside(line, e->delivery.word);
	check_inside(line, e->delivery.text);
	check(text_end == end || (text_end == end - 1 && *text_end == ')'));
	check((e->delivery.port != 0) == (e->delivery.relay_host.p != NULL));
	check(e->delivery.relay_kind != RELAY_HOST || e->delivery.port != 0);
	check(e->delivery.conn_use > 0 && e->delivery.word.len > 0);
	check(e->delivery.tls.level <= LEVEL_DANE_ONLY && e->delivery.status <= STATUS_PROBE);
	check(e->delivery.statement <= STATEMENT_REQUIRETLS);
	check(e->delivery.recipient.p == e->qid.p + e->qid.len + strlen(": to=<"));
}

static void check_tls(const struct line *line, const struct event *e)
{
	switch (e->kind) {
	case EVENT_SESSION:
		check_inside(line, e->session.peer);
		check(e->session.trust >= TRUST_ANONYMOUS && e->session.trust <= TRUST_VERIFIED);
		break;
	case EVENT_PROOF:
		check_inside(line, e->proof.peer);
		check(e->proof.proof >= PROOF_DANE && e->proof.proof <= PROOF_FINGERPRINT);
		break;
	case EVENT_CAUSE:
		check_inside(line, e->cause.peer);
		check(e->cause.cause >= CAUSE_NO_MATCH && e->cause.cause <= CAUSE_OTHER);
		break;
	case EVENT_POLICY:
		check_inside(line, e->policy.destination);
		check_inside(line, e->policy.host);
		break;
	case EVENT_STS_MX:
		check_inside(line, e->sts_mx.mx);
		check_inside(line, e->sts_mx.domain);
		break;
	case EVENT_UNUSABLE:
		check_inside(line, e->unusable.peer);
		break;
	case EVENT_TLSRPT:
		check_inside(line, e->tlsrpt.domain);
		check_inside(line, e->tlsrpt.mx);
		check(e->tlsrpt.word <= TLSRPT_OTHER);
		break;
	default:
		break;
	}
}

static void check_others(const struct line *line, const struct event *e)
{
	switch (e->kind) {
	case EVENT_PASSED:
		check_inside(line, e->passed.text);
		check(e->passed.statement <= STATEMENT_REQUIRETLS && e->qid.len > 0);
		break;
	case EVENT_LOCAL:
		check_inside(line, e->local.text);
		break;
	case EVENT_BORN:
		check_inside(line, e->born.message_id);
		check_inside(line, e->born.old_qid);
		break;
	case EVENT_SENDER:
	case EVENT_EXPIRED:
		check_inside(line, e->sender.sender);
		break;
	case EVENT_DECISION:
		check_inside(line, e->decision.pairs);
		break;
	default:
		check_tls(line, e);
	}
}

static bool same_place(const struct line *a, struct slice x, const struct line *b, struct slice y)
{
	return x.len == y.len && (x.len == 0 || x.p - a->text.p == y.p - b->text.p);
}

/* The line again, with another text of len octets. No quotation marks: a mark in a recipient
 * that only the text would end makes the line strange. */
static void check_with(const struct line *line, const struct event *e, const char *text,
    size_t len)
{
	const size_t head = (size_t)(e->delivery.text.p - line->text.p) -
	    (e->delivery.suspended ? strlen("delivery temporarily suspended: ") : 0);
	char *const copy = malloc(head + len + 1);
	struct line again = *line;
	struct event other;

	check(copy != NULL);
	memcpy(copy, line->text.p, head);
	for (size_t i = 0; i < len; i++)
		copy[head + i] = (char)(text[i] == '"' ? '\'' : text[i]);
	again.text = (struct slice){ copy, head + len };
	event_read(&again, &other);
	check(other.kind == EVENT_DELIVERY);
	check_delivery(&again, &other);
	check(same_place(line, e->qid, &again, other.qid));
	check(same_place(line, e->delivery.recipient, &again, other.delivery.recipient));
	check(same_place(line, e->delivery.relay, &again, other.delivery.relay));
	check(same_place(line, e->delivery.dsn, &again, other.delivery.dsn));
	check(same_place(line, e->delivery.word, &again, other.delivery.word));
	check(e->delivery.status == other.delivery.status);
	check(e->delivery.port == other.delivery.port);
	check(e->delivery.conn_use == other.delivery.conn_use);
	check(e->delivery.tls.level == other.delivery.tls.level);
	check(e->delivery.tls.broken == other.delivery.tls.broken);
	check(e->delivery.tls.open == other.delivery.tls.open);
	free(copy);
}

static void check_texts(const struct line *line, const struct event *e)
{
	static const char forged[] = "4>, relay=mx[192.0.2.6]:25, delay=1, delays=1/1/1/1, "
	    "tls=dane, dsn=2.0.0, status=sent (250 ok>, orig_to=<x>, relay=none, delay=1)";
	const struct slice text = e->delivery.text;
	char *reversed = malloc(text.len + 1);

	check(reversed != NULL);
	for (size_t i = 0; i < text.len; i++)
		reversed[i] = text.p[text.len - 1 - i];
	check_with(line, e, "", 0);
	check_with(line, e, forged, sizeof(forged) - 1);
	check_with(line, e, reversed, text.len);
	free(reversed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *const split = size > 0 ? memchr(data, '\n', size) : NULL;
	struct line line = {0};
	struct event e;

	if (split == NULL)
		return 0;
	line.program = (struct slice){ (const char *)data, (size_t)(split - data) };
	line.text = (struct slice){ (const char *)split + 1, size - line.program.len - 1 };
	event_read(&line, &e);
	check(e.kind <= EVENT_DECISION);
	check_inside(&line, e.qid);
	check(e.kind != EVENT_NONE || e.qid.len == 0);
	if (e.kind == EVENT_DELIVERY) {
		check_delivery(&line, &e);
		check_texts(&line, &e);
	} else {
		check_others(&line, &e);
	}
	return 0;
}
