/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QID: to=<R>[, orig_to=<R>], relay=S[, conn_use=N], delay=S, delays=S/S/S/S[, tls=S], dsn=S,
 * status=WORD (TEXT)
 *
 * From the left to the right, each field where it belongs. A recipient may hold any of this:
 * Postfix before 3.5 writes it without quotes, so its end is the first '>' from which on
 * all the rest can be read. TEXT may be a server's: nothing is looked for in it. So in that
 * older form a recipient that holds a whole line is taken for that line: nothing tells it from
 * a server that writes such lines, which must not hide deliveries.
 */
#include "base/attr.h"
#include "base/text.h"
#include "tools/report/event_impl.h"
#include "tools/report/feature.h"

#define ENDS_TRIED 256 /* octets '>' that may end an address; a longest address has fewer */
#define FIELDS_MOST 64 /* commas between delays= and dsn= */

#define RELAY SLICE(", relay=")
#define ORIG_TO SLICE(", orig_to=<")

bool event_split_peer(struct slice peer, struct slice *host, struct slice *address,
    uint16_t *port)
{
	const char *open = memchr(peer.p, '[', peer.len), *close, *const end = peer.p + peer.len;
	unsigned number = 0;

	if (open == NULL || (close = memchr(open, ']', (size_t)(end - open))) == NULL ||
	    end - close < 3 || end - close > 7 || close[1] != ':')
		return false;
	for (const char *at = close + 2; at < end; at++) {
		if (!text_is_digit(*at))
			return false;
		number = number * 10 + (unsigned)(*at - '0');
	}
	if (number == 0 || number > UINT16_MAX)
		return false;
	*host = (struct slice){ peer.p, (size_t)(open - peer.p) };
	*address = (struct slice){ open + 1, (size_t)(close - open) - 1 };
	*port = (uint16_t)number;
	return true;
}

static void read_relay(struct event *out)
{
	const struct slice relay = out->delivery.relay, nothing = { NULL, 0 };

	if (event_split_peer(relay, &out->delivery.relay_host, &out->delivery.relay_address,
	    &out->delivery.port)) {
		out->delivery.relay_kind = RELAY_HOST;
		return;
	}
	out->delivery.relay_host = out->delivery.relay_address = nothing;
	out->delivery.port = 0;
	out->delivery.relay_kind = relay.len == 4 && slice_begins(relay, SLICE("none")) ?
	    RELAY_NONE : RELAY_LOCAL;
}

static enum status status_of(struct slice word)
{
	switch (word.len) {
	case 4:
		return slice_begins(word, SLICE("sent")) ? STATUS_SENT : STATUS_OTHER;
	case 7:
		return slice_begins(word, SLICE("bounced")) ? STATUS_BOUNCED : STATUS_OTHER;
	case 8:
		return slice_begins(word, SLICE("deferred")) ? STATUS_DEFERRED : STATUS_OTHER;
	case 11:
		return slice_begins(word, SLICE("deliverable")) ? STATUS_PROBE : STATUS_OTHER;
	case 13:
		return slice_begins(word, SLICE("undeliverable")) ? STATUS_PROBE : STATUS_OTHER;
	default:
		return STATUS_OTHER;
	}
}

/* Takes a value and the ',' behind it, not the blank; none of them is empty. */
static inline bool take_value(struct slice *s, struct slice *value)
{
	return event_take_until(s, ',', value) && value->len > 0;
}

/* A field that has its place elsewhere: what was taken for the end of an address is none, or
 * this is a server's text already. */
static bool is_elsewhere(struct slice name)
{
	static const struct slice names[] = {
		SLICE("status"), SLICE("relay"), SLICE("delay"), SLICE("delays"), SLICE("to"),
		SLICE("orig_to"), SLICE("conn_use"),
	};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (slice_equal(name, names[i]))
			return true;
	return false;
}

/*
 * Fields between delays= and dsn=: tls= comes first, what later versions add may be anything but
 * a field that stands elsewhere. A delivery must not get lost for it.
 */
static bool take_features(struct slice *s, struct event *out)
{
	struct slice field, name;

	out->delivery.tls = (struct feature){0};
	if (slice_take(s, SLICE(" tls="))) {
		if (!take_value(s, &field))
			return false;
		out->delivery.tls = feature_of(field);
	}
	for (int i = 0; i < FIELDS_MOST; i++) {
		if (slice_take(s, SLICE(" dsn=")))
			return true;
		if (!event_take_until(s, ',', &field))
			return false;
		if (slice_take(&field, SLICE(" ")) && event_take_until(&field, '=', &name) &&
		    is_elsewhere(name))
			return false;
	}
	return false;
}

/* From the word of the status on. */
static bool read_status(struct slice s, struct event *out)
{
	if (!event_take_until(&s, ' ', &out->delivery.word) || out->delivery.word.len == 0 ||
	    !slice_take(&s, SLICE("(")))
		return false;
	if (s.len > 0 && s.p[s.len - 1] == ')')
		s.len--;
	out->delivery.status = status_of(out->delivery.word);
	out->delivery.suspended = slice_take(&s, SLICE("delivery temporarily suspended: "));
	out->delivery.text = s;
	/* What was sent has a server's answer here, which begins with its code. */
	out->delivery.statement = out->delivery.status == STATUS_SENT ? STATEMENT_OTHER :
	    statement_of(s);
	return true;
}

/* What follows "relay=", to the end of the line. */
static bool read_rest(struct slice s, struct event *out)
{
	struct slice value;
	uint64_t number = 1;

	if (!take_value(&s, &out->delivery.relay))
		return false;
	if (slice_take(&s, SLICE(" conn_use=")) && (!take_value(&s, &value) ||
	    !text_number(value.p, value.len, 1, UINT32_MAX, &number)))
		return false;
	out->delivery.conn_use = (uint32_t)number;
	return slice_take(&s, SLICE(" ")) && slice_take(&s, SLICE("delay=")) &&
	    take_value(&s, &value) && slice_take(&s, SLICE(" delays=")) &&
	    take_value(&s, &out->delivery.delays) && take_features(&s, out) &&
	    take_value(&s, &out->delivery.dsn) && slice_take(&s, SLICE(" status=")) &&
	    read_status(s, out);
}

/* One line, as far as it is read. */
struct reading {
	struct event *out;
	unsigned tries;
	bool strange; /* it can be read in more than one way, or begins with what does not end */
};

size_t event_shut(struct slice s, size_t from, char with)
{
	for (size_t i = from; i < s.len; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == with)
			return i + 1;
	}
	return 0;
}

/*
 * From where on an address may end. Since Postfix 3.5, blanks, ',' and '>' stand only inside of
 * a quoted local part, or of a domain literal. False: one of these does not end where it should:
 * the line was cut, or the form is an older one, whose end nobody can tell.
 */
static bool find_outside(struct slice s, size_t *from)
{
	const char *end, *open;
	size_t at = 0;

	*from = 0;
	if (s.len > 0 && s.p[0] == '"') {
		at = event_shut(s, 1, '"');
		if (at == 0 || at == s.len || (s.p[at] != '@' && s.p[at] != '>'))
			return false;
		*from = at;
	}
	while (at < s.len && (end = memchr(s.p + at, '>', s.len - at)) != NULL &&
	    (open = memchr(s.p + at, '[', (size_t)(end - s.p) - at)) != NULL) {
		at = (size_t)(open - s.p) + 1;
		if (at < 2 || (open[-1] != '@' && open[-1] != ']'))
			continue;
		at = event_shut(s, at, ']');
		if (at == 0)
			return false;
		*from = at;
	}
	return true;
}

/* Where the first ", status=" stands, from `from` on: beyond it, a server may have written
 * what looks like fields, so no address is searched there. */
static size_t limit(struct slice s, size_t from)
{
	static const struct slice mark = SLICE(", status=");
	const char *at;

	while (from < s.len && (at = memchr(s.p + from, ',', s.len - from)) != NULL) {
		from = (size_t)(at - s.p);
		if (slice_begins(slice_after(s, from), mark))
			return from;
		from++;
	}
	return s.len;
}

static bool read_address(struct slice s, bool orig, struct reading *r, size_t *len);

/* The line goes on here, behind the address. */
static bool read_on(struct slice s, bool orig, struct reading *r)
{
	size_t len;

	if (slice_take(&s, RELAY))
		return read_rest(s, r->out);
	return !orig && slice_take(&s, ORIG_TO) && read_address(s, true, r, &len);
}

/* Its end is at *len, between from and end: the first from which the rest can be read. */
static bool read_between(struct slice s, size_t from, size_t end, bool orig, struct reading *r,
    size_t *len)
{
	const char *at;
	size_t most;
	bool bounded = false;

	while (from < end && (at = memchr(s.p + from, '>', end - from)) != NULL) {
		*len = (size_t)(at - s.p);
		if (++r->tries > ENDS_TRIED ||
		    (!bounded && limit((struct slice){ s.p, *len }, from) < *len))
			return false;
		if (read_on(slice_after(s, *len + 1), orig, r))
			return true;
		if (r->strange)
			return false;
		most = bounded ? end : limit(s, from);
		end = most < end ? most : end;
		bounded = true;
		from = *len + 1;
	}
	return false;
}

/* s: what follows '<'. A quotation mark may be closed by a server's words only: then the address
 * can be read without it, too. */
static bool read_address(struct slice s, bool orig, struct reading *r, size_t *len)
{
	size_t from;

	if (!find_outside(s, &from)) {
		r->strange = true;
		return false;
	}
	if (from > 0) {
		r->strange = read_between(s, 0, from, orig, r, len);
		if (r->strange)
			return false;
	}
	return read_between(s, from, s.len, orig, r, len);
}

void event_read_delivery(struct slice s, struct event *out)
{
	struct reading r = { out, 0, false };
	size_t len;

	out->kind = EVENT_STRANGE;
	if (!read_address(s, false, &r, &len))
		return;
	out->delivery.recipient = (struct slice){ s.p, len };
	read_relay(out);
	out->kind = EVENT_DELIVERY;
}
