/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/event.h"

#include "base/attr.h"
#include "base/text.h"
#include "tools/report/event_impl.h"

#define QID_LEAST 6 /* five digits of microseconds, one or more of the inode */
#define QID_MOST 64
#define CUT_FROM 1900 /* octets; Postfix cuts at 2000, with what stands in front */

typedef void event_reader(struct slice text, struct event *out);

/* Letters and digits, without a branch for each range: every line passes here. */
static const bool in_qid[256] = {
	['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1,
	['8'] = 1, ['9'] = 1,
	['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1, ['G'] = 1, ['H'] = 1,
	['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1, ['N'] = 1, ['O'] = 1, ['P'] = 1,
	['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1, ['V'] = 1, ['W'] = 1, ['X'] = 1,
	['Y'] = 1, ['Z'] = 1,
	['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1, ['g'] = 1, ['h'] = 1,
	['i'] = 1, ['j'] = 1, ['k'] = 1, ['l'] = 1, ['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1,
	['q'] = 1, ['r'] = 1, ['s'] = 1, ['t'] = 1, ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1,
	['y'] = 1, ['z'] = 1,
};

/* Takes "QID: ". A word of letters and digits in front may be no queue id at all: what
 * follows decides. */
static bool take_qid(struct slice *s, struct slice *qid)
{
	const size_t most = s->len < QID_MOST + 2 ? s->len : QID_MOST + 2;
	size_t n = 0;

	while (n < most && in_qid[(unsigned char)s->p[n]])
		n++;
	if (n < QID_LEAST || n + 2 > most || s->p[n] != ':' || s->p[n + 1] != ' ')
		return false;
	*qid = (struct slice){ s->p, n };
	*s = slice_after(*s, n + 2);
	return true;
}

static struct slice without_severity(struct slice text)
{
	static const struct slice words[] = {
		SLICE("warning: "), SLICE("error: "), SLICE("fatal: "), SLICE("info: "),
	};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (text.len > 0 && text.p[0] == words[i].p[0] && slice_take(&text, words[i]))
			break;
	return text;
}

/* "QID: STATEMENT", "QID: lost connection with HOST ...", "QID: host HOST said: ...": this host, or
 * this connection, did not do. Not so what is said of one that goes on. */
static void read_passed(struct slice text, struct event *out)
{
	static const struct slice goes_on[] = {
		SLICE("enabling "), SLICE("breaking "), SLICE("using "), SLICE("status="),
		SLICE("from=<"),
	};

	if (slice_begins(SLICE("to=<"), text)) /* cut */
		return;
	for (size_t i = 0; i < COUNT_OF(goes_on); i++)
		if (slice_begins(text, goes_on[i]))
			return;
	out->passed.statement = statement_of(text);
	out->passed.text = text;
	out->kind = EVENT_PASSED;
}

static void read_client(struct slice text, struct event *out)
{
	struct slice qid, rest = text;

	if (take_qid(&rest, &qid) && !slice_equal(qid, SLICE("warning")) &&
	    !slice_equal(qid, SLICE("TLSRPT"))) {
		out->qid = qid;
		if (slice_take(&rest, SLICE("to=<")))
			event_read_delivery(rest, out);
		else
			read_passed(rest, out);
		return;
	}
	event_read_tls(without_severity(text), false, out);
}

static void read_proxy(struct slice text, struct event *out)
{
	event_read_tls(without_severity(text), true, out);
}

/* error and retry: no connection was made. */
static void read_unsent(struct slice text, struct event *out)
{
	struct slice qid;

	if (!take_qid(&text, &qid) || !slice_take(&text, SLICE("to=<")))
		return;
	out->qid = qid;
	event_read_delivery(text, out);
}

/* Deliveries that stay here, whatever they call their relay. */
static void read_inside(struct slice text, struct event *out)
{
	read_unsent(text, out);
	if (out->kind == EVENT_DELIVERY)
		out->delivery.relay_kind = RELAY_LOCAL;
}

/* Takes `with` off the end. */
static bool drop(struct slice *s, struct slice with)
{
	if (s->len < with.len || memcmp(s->p + s->len - with.len, with.p, with.len) != 0)
		return false;
	s->len -= with.len;
	return true;
}

/* Takes digits and what stands before them off the end. */
static bool drop_number(struct slice *s, struct slice before)
{
	size_t n = 0;

	while (n < s->len && text_is_digit(s->p[s->len - 1 - n]))
		n++;
	s->len -= n;
	return n > 0 && drop(s, before);
}

/* What follows "from=<": from the back, because a sender may look like anything. */
static void read_sender(struct slice s, struct event *out)
{
	out->kind = EVENT_STRANGE;
	out->sender.sender = s;
	if (drop(&s, SLICE(" (queue active)"))) {
		if (!drop_number(&s, SLICE(", nrcpt=")) || !drop_number(&s, SLICE(">, size=")))
			return;
		out->kind = EVENT_SENDER;
	} else if (drop(&s, SLICE("expired, returned to sender"))) {
		if (!drop(&s, SLICE(">, status=")) && !drop(&s, SLICE(">, status=force-")))
			return;
		out->kind = EVENT_EXPIRED;
	}
	out->sender.sender = s;
}

static void read_qmgr(struct slice text, struct event *out)
{
	if (!take_qid(&text, &out->qid))
		return;
	if (slice_take(&text, SLICE("from=<")))
		read_sender(text, out);
	else if (slice_equal(text, SLICE("removed")))
		out->kind = EVENT_REMOVED;
	else if (slice_take(&text, SLICE("to=<")))
		event_read_delivery(text, out);
}

static void born(struct slice message_id, struct slice old_qid, struct event *out)
{
	out->born.message_id = message_id;
	out->born.old_qid = old_qid;
	out->kind = EVENT_BORN;
}

/* "UID from=<SENDER> orig_id=OLD": behind the last '>', as the sender may hold the words, and not
 * within its quotation marks. What may have been cut tells nothing. */
static struct slice old_qid(struct slice text)
{
	const struct slice none = { NULL, 0 };
	struct slice uid;
	size_t i, shut;

	if (text.len >= CUT_FROM || !event_take_until(&text, ' ', &uid) ||
	    !slice_take(&text, SLICE("from=<")))
		return none;
	for (i = text.len; i > 0 && text.p[i - 1] != '>'; i--)
		;
	if (i == 0)
		return none;
	if (text.p[0] == '"' && ((shut = event_shut(text, 1, '"')) == 0 || shut >= i))
		return none;
	text = slice_after(text, i);
	return slice_take(&text, SLICE(" orig_id=")) ? text : none;
}

static void read_pickup(struct slice text, struct event *out)
{
	if (take_qid(&text, &out->qid) && slice_take(&text, SLICE("uid=")))
		born((struct slice){ NULL, 0 }, old_qid(text), out);
}

static void read_smtpd(struct slice text, struct event *out)
{
	const struct slice none = { NULL, 0 };

	if (take_qid(&text, &out->qid) && slice_begins(text, SLICE("client=")) &&
	    !slice_equal(out->qid, SLICE("NOQUEUE")))
		born(none, none, out);
}

/* It ends with the line, whatever it holds. A cut one has no '>'; some programs write none at
 * all. */
static struct slice message_id(struct slice s)
{
	struct slice id;

	if (s.len > 1 && s.p[0] == '<' && s.p[s.len - 1] == '>')
		return (struct slice){ s.p + 1, s.len - 2 };
	if (slice_take(&s, SLICE("<")) && event_take_until(&s, '>', &id))
		return id;
	return s;
}

static void read_cleanup(struct slice text, struct event *out)
{
	if (!take_qid(&text, &out->qid))
		return;
	if (slice_take(&text, SLICE("message-id=")))
		born(message_id(text), (struct slice){ NULL, 0 }, out);
	else if (slice_begins(text, SLICE("removed (")))
		out->kind = EVENT_REMOVED;
}

static void read_master(struct slice text, struct event *out)
{
	if (slice_begins(text, SLICE("daemon started")) || slice_begins(text, SLICE("reload")))
		out->kind = EVENT_STARTED;
}

static void read_danestsd(struct slice text, struct event *out)
{
	if (slice_take(&text, SLICE("policy ")) && slice_begins(text, SLICE("nexthop="))) {
		out->decision.pairs = text;
		out->kind = EVENT_DECISION;
	}
}

struct program {
	struct slice name;
	event_reader *read;
};

/* By the length of the name, so that most others are told apart by that alone. */
static event_reader *reader_of(struct slice name)
{
	static const struct program of[][6] = {
		[4] = { { SLICE("qmgr"), read_qmgr }, { SLICE("pipe"), read_inside } },
		[5] = { { SLICE("smtpd"), read_smtpd }, { SLICE("error"), read_unsent },
			{ SLICE("retry"), read_unsent }, { SLICE("local"), read_inside },
			{ SLICE("oqmgr"), read_qmgr }, { SLICE("qmqpd"), read_smtpd } },
		[6] = { { SLICE("pickup"), read_pickup }, { SLICE("master"), read_master } },
		[7] = { { SLICE("cleanup"), read_cleanup }, { SLICE("virtual"), read_inside },
			{ SLICE("discard"), read_inside } },
		[8] = { { SLICE("tlsproxy"), read_proxy }, { SLICE("danestsd"), read_danestsd } },
	};

	if (name.len < 4)
		return NULL;
	/* Also under longer names: programs may be copied or linked. */
	if (memcmp(name.p + name.len - 4, "smtp", 4) == 0 ||
	    memcmp(name.p + name.len - 4, "lmtp", 4) == 0)
		return read_client;
	if (name.len >= COUNT_OF(of))
		return NULL;
	for (const struct program *p = of[name.len]; p < of[name.len] + 6 && p->read != NULL; p++)
		if (p->name.p[0] == name.p[0] && slice_equal(name, p->name))
			return p->read;
	return NULL;
}

void event_read(const struct line *line, struct event *out)
{
	event_reader *const read = reader_of(line->program);

	out->kind = EVENT_NONE;
	out->qid = (struct slice){ NULL, 0 };
	if (read == NULL || line->text.len == 0)
		return;
	read(line->text, out);
	if (out->kind == EVENT_NONE)
		out->qid = (struct slice){ NULL, 0 };
}
