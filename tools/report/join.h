/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events to deliveries: what Postfix logs of one delivery in several lines, of several programs,
 * is put together again (maillog.md A.3 to A.6, B.2).
 *
 * Kept, each with a bound that is told when it is reached (join_counts): per (host, instance, pid)
 * the last TLS session, the last cause, the last proof, and what of them is bound to a queue
 * id; per (host, instance, queue id) the message: sender, message id, who has it already;
 * per policy domain danestsd's last decision; per (host, instance) whether TLS is logged.
 *
 * One delivery may come more than once, from overlapping copies of a log: it is the same when
 * host, instance, second, and the line up to the answer are, the host by its first label, and
 * the answer is as long. Only the first goes on, and a copy of a run of lines changes nothing
 * that follows: what speaks of a message or a place that is younger than the line is passed
 * over.
 */
#ifndef REPORT_JOIN_H
#define REPORT_JOIN_H

#include "tools/report/event.h"
#include "tools/report/internal.h"

/* What danestsd's line says, as far as it matters here. */
enum dane_word { DANE_UNKNOWN, DANE_NONE, DANE_UNUSABLE, DANE_HALF, DANE_PARTIAL, DANE_FULL,
	DANE_BOGUS, DANE_ERROR };
enum sts_word { STS_UNKNOWN, STS_ABSENT, STS_NONE, STS_TESTING, STS_ENFORCE, STS_ERROR };

struct known {                 /* of the recipient's domain, at the time of the delivery */
	bool there;
	enum dane_word dane;
	enum sts_word sts;
	struct slice reply;        /* "dane-only", "secure", "TEMP", ... */
	struct slice token;        /* of the error, or "" */
	bool override;             /* source=override: the administrator's own policy */
};

enum logged { LOGGED_UNKNOWN, LOGGED_YES, LOGGED_CUT /* unknown: the log begins too late */ };

struct delivery {
	int64_t us;
	uint64_t message;          /* the same for all tries and recipients of one message */
	struct slice host, instance, qid;
	struct slice recipient;    /* as logged */
	struct slice domain;       /* of the recipient: lower case, A-labels; as logged when it is
	                            * no domain name */
	struct slice sender;       /* "" for <>; NULL: not in the logs */
	struct slice message_id;   /* without <>; "" or NULL: none, or not in the logs */
	enum status status;
	bool bounced;              /* STATUS_BOUNCED */
	bool lmtp;
	struct feature tls;
	bool cut;                  /* the log may begin after the lines about its session: place
	                            * is one for such deliveries only */
	enum trust trust;          /* of the session it went through */
	bool session;              /* such a line was there (new or reused) */
	enum proof proof;          /* of that session, or of one that was resumed */
	enum cause cause;          /* of the session that failed */
	bool sts_mx;               /* an MX host was left out: not in the MTA-STS policy */
	bool unusable;             /* all TLSA records unusable, said Postfix */
	bool no_proxy;             /* this side's tlsproxy could not be reached */
	bool tlsrpt;               /* there was a line; then what it said */
	enum tlsrpt_word tlsrpt_word;
	enum statement statement;
	struct slice text;         /* without "delivery temporarily suspended: " */
	struct slice dsn;
	struct known known;
	unsigned place;            /* (host, instance) between two starts: see join_next */
	uint16_t port;
	bool smarthost;            /* port 587 or 465: the last hop is not this one */
};

/* Who gets it. Slices live until the call returns. */
struct join_next {
	void *arg;
	void (*delivery)(void *arg, const struct delivery *d);
	/* The message left the queue; expired: it was given back as too old. Once for each message
	 * that had a delivery, at the first of these lines; not when it is put into the queue anew
	 * under another id (postsuper -r): that is the same message. */
	void (*gone)(void *arg, uint64_t message, bool expired, int64_t us);
	/* An MX host was passed over, with this statement; another one was tried. */
	void (*passed)(void *arg, int64_t us, enum statement statement, struct slice domain);
	/* This side's own trouble, in Postfix's words, also of no delivery: EVENT_LOCAL and
	 * EVENT_NO_DNSSEC. */
	void (*trouble)(void *arg, int64_t us, enum event_kind kind, struct slice text);
	/* At the end, for each place: would TLS have been logged there? A place is proved by
	 * a client's session line of its own, or of the places before and after it of the same
	 * host and instance: a restart may have changed smtp_tls_loglevel. Of deliveries that may
	 * be cut: only where that log tells nothing of the life of messages at all, so that it was
	 * not cut but chosen from. */
	void (*place)(void *arg, unsigned place, enum logged logged);
};

struct join_counts {
	uint64_t deliveries;   /* lines of final or temporary ends that were taken */
	uint64_t internal;     /* left out: loopback, sockets, --internal */
	uint64_t probes;       /* left out: address probes */
	uint64_t twice;        /* left out: the same line again */
	uint64_t strange;      /* EVENT_STRANGE */
	uint64_t decisions;    /* lines of danestsd */
	uint64_t forgotten_messages, forgotten_processes, forgotten_domains; /* bounds reached */
	uint64_t forgotten_places;
	int64_t first_us, last_us; /* of the lines with a time, but danestsd's; LINE_NO_TIME: none */
	bool out_of_memory;
};

struct join;

struct join *join_new(const struct internal *internal, const struct join_next *next);
/* Also for events of kind EVENT_NONE: every line's time counts. */
void join_push(struct join *j, const struct line *line, const struct event *event);
void join_end(struct join *j);
const struct join_counts *join_counts(const struct join *j);
void join_free(struct join *j);

#endif
