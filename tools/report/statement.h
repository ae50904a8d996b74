/* SPDX-License-Identifier: BSD-2-Clause */
/* What Postfix itself says of a delivery that did not work: maillog.md A.4. */
#ifndef REPORT_STATEMENT_H
#define REPORT_STATEMENT_H

#include "tools/report/slice.h"

enum statement {
	STATEMENT_OTHER,        /* not of TLS, or a server's words */
	STATEMENT_NOT_OFFERED,  /* TLS is required, but was not offered by host */
	STATEMENT_REFUSED,      /* TLS is required, but host ... refused to start TLS */
	STATEMENT_HANDSHAKE,    /* Cannot start TLS: handshake failure */
	STATEMENT_NOT_TRUSTED,  /* Server certificate not trusted (to 3.5) */
	STATEMENT_NOT_VERIFIED, /* Server certificate not verified */
	STATEMENT_NO_DNSSEC,    /* non DNSSEC destination */
	STATEMENT_NO_TLSA,      /* no TLSA records found */
	STATEMENT_UNUSABLE,     /* TLSA records unusable */
	STATEMENT_TLSA_LOOKUP,  /* TLSA lookup error for */
	STATEMENT_MX_INSECURE,  /* Verification not possible, MX RRset is insecure */
	STATEMENT_NO_SERVER,    /* server unavailable or unable to receive mail */
	STATEMENT_DNS,          /* Host or domain name not found. ... try again */
	STATEMENT_LOCAL,        /* a fault of this side */
	STATEMENT_REQUIRETLS,   /* what the sender asked for cannot be had */
};

/* The text must begin with it: what comes later may be a server's. */
enum statement statement_of(struct slice text);

#endif
