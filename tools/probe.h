/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A conversation with one address of a server, as far as its certificate: SMTP up to
 * STARTTLS and the handshake, or TLS at once for a policy host. Nothing is believed and
 * nothing is verified here: what the other side showed is handed on.
 *
 *	probe_smtp.c    the dialogue: greeting, EHLO, STARTTLS, QUIT
 *	smtp_reply.c    octets to replies: incremental, bounded
 *	probe_tls.c     the handshake
 *	probe_wire.c    the socket: deadline, bound, how it ended
 *	probe.c         connect, deadline, all of it in order
 */
#ifndef TOOLS_PROBE_H
#define TOOLS_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "danests.h"

enum probe_stage { /* the last one that was begun */
	PROBE_CONNECT,
	PROBE_GREETING, /* 220 */
	PROBE_EHLO,
	PROBE_STARTTLS, /* with PROBE_REPLY: not offered, or (starttls is true) refused */
	PROBE_TLS,
	PROBE_DONE,     /* there is a certificate, or a key */
};

enum probe_end {
	PROBE_OK,
	PROBE_TIMEOUT,
	PROBE_REFUSED,  /* connect: refused, unreachable; else: connection closed */
	PROBE_REPLY,    /* a reply that says no: said[] has it */
	PROBE_GARBAGE,  /* no SMTP, no TLS, over a bound, or an answer before EHLO, STARTTLS */
	PROBE_FAILED,   /* TLS: alert, version, cipher */
	PROBE_LOCAL,    /* out of memory, out of descriptors, no IPv6 here, helo or sni that are
	                 * no names: nothing is known of the server */
};

enum {
	PROBE_SAID = 256,
	PROBE_CHAIN = 32,          /* certificates that are kept */
	PROBE_CHAIN_BYTES = 256 * 1024,
};

struct probe {
	/* What is wanted: set by the caller, borrowed while it runs. */
	struct sockaddr_storage addr;
	socklen_t addr_len;
	const char *helo;          /* our name in EHLO; not used with plain_tls */
	const char *sni;           /* U15, S18; NULL or "": none is sent */
	bool plain_tls;            /* no SMTP before: a policy host */
	bool raw_key;              /* offer RFC 7250, too */
	int timeout_ms;            /* for all of it together */

	/* What came. */
	enum probe_stage stage;
	enum probe_end end;
	char said[PROBE_SAID];     /* reply or error, printable ASCII: "554 5.7.1 go away"; "" when
	                            * all went well */
	char greeting[PROBE_SAID]; /* the first line of the 220, without code, printable ASCII */
	bool starttls;             /* it was offered */
	bool mixed;                /* the lines of a reply had different codes */
	char unasked[PROBE_SAID];  /* came in the clear with the 220 of STARTTLS and behind it,
	                            * printable ASCII; thrown away. "": nothing did */
	char tls[96];              /* "TLS 1.3, X25519, AES-256-GCM"; "": no handshake ended well */
	struct danests_der chain[PROBE_CHAIN]; /* in one block, owned */
	size_t count;
	size_t sent;               /* certificates that were sent, also beyond PROBE_CHAIN */
	bool got_raw_key;          /* chain[0] is a SubjectPublicKeyInfo */
	int ms;                    /* from start until it was known, without saying goodbye */
	unsigned char *block;
};

/* Blocks until it is known, at most timeout_ms; any number of threads, each with a probe
 * of its own. Never leaves a socket behind. A server that wants a certificate from us, which
 * in TLS 1.3 shows after the handshake: PROBE_TLS, PROBE_FAILED, and the chain is there. */
void probe_run(struct probe *probe);
void probe_free(struct probe *probe); /* only what came; NULL is fine */

const char *probe_stage_name(enum probe_stage stage); /* for people: "connect" */

#endif
