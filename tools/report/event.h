/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a line of Postfix, or of danestsd, says. Pure: one line in, one event out, no memory.
 * Lines that say nothing to us are EVENT_NONE, and there are many of them: that must be quick.
 * Remote servers choose what stands behind "status=": it is never searched, only compared from
 * its first character on (maillog.md A.1, A.4).
 */
#ifndef REPORT_EVENT_H
#define REPORT_EVENT_H

#include "tools/report/line.h"
#include "tools/report/statement.h"

enum event_kind {
	EVENT_NONE,
	EVENT_STRANGE,  /* begins like a line we need, and cannot be read */
	EVENT_DELIVERY, /* "QID: to=<...>, ..., status=..." of smtp, lmtp, error, retry, others */
	EVENT_PASSED,   /* "QID: STATEMENT" of smtp: this MX host did not do, the next is tried; with
			 * STATEMENT_OTHER perhaps the same one again, without TLS */
	EVENT_SESSION,  /* "Verified TLS connection established to PEER: ..." of a client */
	EVENT_PROOF,    /* "PEER: Matched DANE EE certificate ...", "PEER: matched peername: ..." */
	EVENT_CAUSE,    /* "server certificate verification failed for PEER: ..." */
	EVENT_POLICY,   /* "TLS policy lookup for DEST/HOST: STATEMENT" */
	EVENT_STS_MX,   /* "MX name 'H' does not match STS MX pattern for 'D'" */
	EVENT_UNUSABLE, /* "PEER: all TLSA records unusable, ..." */
	EVENT_TLSRPT,   /* "TLSRPT: status=..." */
	EVENT_LOCAL,    /* a fault of this side: table, TLS engine, tlsproxy (maillog.md A.5) */
	EVENT_NO_DNSSEC,/* "DNSSEC validation may be unavailable": DANE is silently off */
	EVENT_BORN,     /* pickup, smtpd, cleanup: a message has this queue id from now on */
	EVENT_SENDER,   /* qmgr: "QID: from=<...>, size=..., nrcpt=... (queue active)" */
	EVENT_EXPIRED,  /* qmgr: "QID: from=<...>, status=expired, returned to sender", or force- */
	EVENT_REMOVED,  /* qmgr: "QID: removed"; cleanup: "QID: removed (canceled)" */
	EVENT_STARTED,  /* master: "daemon started", "reload": settings may be others from now on */
	EVENT_DECISION, /* danestsd: "policy nexthop=..." */
};

enum status {
	STATUS_OTHER, /* SOFTBOUNCE and what may come */
	STATUS_SENT, STATUS_DEFERRED, STATUS_BOUNCED,
	STATUS_PROBE, /* deliverable, undeliverable: never a message */
};

enum relay_kind {
	RELAY_NONE,   /* "none": never connected */
	RELAY_HOST,   /* "host[addr]:port" */
	RELAY_LOCAL,  /* UNIX sockets, "local", "virtual", names of pipes */
};

/* tls=: [!]LEVEL[:DOWNGRADE][?][/[!]requiretls...] (maillog.md A.2) */
enum level {
	LEVEL_ABSENT, /* no tls= at all */
	LEVEL_UNKNOWN, /* "unknown" */
	LEVEL_OTHER,  /* a word that we do not know */
	LEVEL_NONE, LEVEL_MAY, LEVEL_ENCRYPT, LEVEL_FINGERPRINT, LEVEL_VERIFY, LEVEL_SECURE,
	LEVEL_HALFDANE, LEVEL_DANE, LEVEL_DANE_ONLY,
};

struct feature {
	enum level level;
	enum level downgrade; /* what stands behind ':'; LEVEL_ABSENT: nothing */
	bool broken;          /* '!': the policy was not met */
	bool open;            /* '?': not decided */
	bool requiretls;      /* "/...": the sender asked for REQUIRETLS */
};

/* As the word says; none came to be logged for a session in the clear. */
enum trust { TRUST_NONE, TRUST_ANONYMOUS, TRUST_UNTRUSTED, TRUST_TRUSTED, TRUST_VERIFIED };

enum proof { PROOF_NONE, PROOF_DANE, PROOF_NAME, PROOF_FINGERPRINT };

/* Why a certificate did not do. */
enum cause {
	CAUSE_NONE,
	CAUSE_NO_MATCH,  /* num=65: no TLSA record matches */
	CAUSE_HOSTNAME,  /* num=62 */
	CAUSE_EXPIRED,
	CAUSE_UNTRUSTED, /* self-signed, untrusted issuer, not yet valid, chain, purpose, ... */
	CAUSE_STS_FETCH, CAUSE_STS_INVALID, CAUSE_STS_WEBPKI, /* external policy failure (...) */
	CAUSE_OTHER,
};

enum tlsrpt_word {
	TLSRPT_SUCCESS, TLSRPT_STARTTLS, TLSRPT_HOSTNAME, TLSRPT_UNTRUSTED, TLSRPT_EXPIRED,
	TLSRPT_HANDSHAKE, TLSRPT_TLSA, TLSRPT_OTHER,
};

struct event {
	enum event_kind kind;
	struct slice qid;              /* "" for lines without one */
	union {
		struct {
			struct slice recipient; /* without <>, as logged, also when cut */
			struct slice relay;     /* all of it: "mx[192.0.2.1]:25" */
			struct slice relay_host, relay_address;
			enum relay_kind relay_kind;
			uint16_t port;
			uint32_t conn_use;      /* 1 when not written */
			struct slice delays;    /* "a/b/c/d" */
			struct feature tls;
			struct slice dsn;
			enum status status;
			bool suspended;         /* the prefix was taken off the text */
			struct slice text;      /* between the parentheses */
			enum statement statement;
			struct slice word;      /* of the status, as written */
		} delivery;
		struct { enum statement statement; struct slice text; } passed;
		struct { struct slice peer; enum trust trust; bool reused; } session;
		struct { struct slice peer; enum proof proof; bool anchor; } proof; /* DANE-TA */
		struct { struct slice peer; enum cause cause; } cause;
		struct { struct slice destination, host; enum statement statement; } policy;
		struct { struct slice mx, domain; } sts_mx;
		struct { struct slice peer; } unusable;
		/* mx: "HOST[ADDR]", what the peer has before ":PORT". */
		struct { struct slice domain, mx; enum tlsrpt_word word; } tlsrpt;
		struct { struct slice text; bool no_proxy; } local; /* no_proxy: tlsproxy is gone */
		/* text: of message-id=<...> without <>, NULL when the line has none; "" for <>. */
		struct { struct slice message_id, old_qid; } born;
		struct { struct slice sender; } sender; /* also of EVENT_EXPIRED */
		struct { struct slice pairs; } decision; /* for decision_parse() */
	};
};

void event_read(const struct line *line, struct event *out);

#endif
