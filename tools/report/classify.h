/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one delivery means: by which security it went, or why it did not. Pure; the tables of
 * maillog.md B.2 and C. What the log does not tell is not guessed.
 */
#ifndef REPORT_CLASSIFY_H
#define REPORT_CLASSIFY_H

#include "danests.h"
#include "tools/report/join.h"

/* As named in spec.md section 8; the first seven are the types of what was sent. */
enum security {
	SECURITY_DANE, SECURITY_STS, SECURITY_BOTH, SECURITY_TLS, SECURITY_NO_TLS,
	SECURITY_EITHER,   /* "DANE or MTA-STS" */
	SECURITY_UNKNOWN,
	SECURITY_REQUIRED, /* "TLS required": of blocked ones */
	SECURITY_UNLOGGED, /* no session line: NO_TLS where TLS is logged, else UNKNOWN */
};
#define SECURITY_SENT 7   /* types of what was sent */
#define SECURITY_NAMED 8  /* types with a name */

const char *security_name(enum security s);

enum verdict_kind {
	VERDICT_NONE,       /* failed for another reason than TLS, or bounced by the recipient */
	VERDICT_SENT,
	VERDICT_BLOCKED,
	VERDICT_LOCAL,      /* this side's own trouble: summary only */
	VERDICT_POLICY,     /* TLS asked for by local policy (encrypt, verify, ...): summary only */
	VERDICT_REQUIRETLS, /* asked for by the sender: summary only */
};

/* From the best to the weakest; what a footer tells. */
enum evidence {
	EVIDENCE_FEATURE, /* tls= of Postfix 3.11 */
	EVIDENCE_PROOF,   /* smtp_tls_loglevel = summary,certmatch */
	EVIDENCE_JOIN,    /* danestsd's lines */
	EVIDENCE_TLSRPT,  /* Postfix's TLSRPT lines */
	EVIDENCE_CAUSE,   /* why a certificate did not do */
	EVIDENCE_SUMMARY, /* the session line */
	EVIDENCE_SILENCE, /* no session line where TLS is logged */
	EVIDENCE_TEXT,    /* the statement alone */
	EVIDENCE_CUT,     /* the log begins too late, or lacks lines */
	EVIDENCE_NONE,
	EVIDENCE_COUNT
};

const char *evidence_text(enum evidence e); /* for people */

struct verdict {
	enum verdict_kind kind;
	enum security security;
	enum evidence evidence;
	const struct danests_fault *fault; /* token and code; NULL unless blocked */
	const char *doubt;  /* what could not be told and why, a static sentence; or NULL */
};

struct classify_options {
	bool halfdane_is_dane;  /* --halfdane dane; else TLS-only */
	bool assume_tls_logged; /* --assume-tls-logged */
};

void classify(const struct classify_options *options, const struct delivery *d,
    struct verdict *out);

#endif
