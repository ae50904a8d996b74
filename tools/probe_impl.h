/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of a probe tell each other. */
#ifndef TOOLS_PROBE_IMPL_H
#define TOOLS_PROBE_IMPL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "tools/probe.h"
#include "tools/probe_wire.h"

enum {
	PROBE_HANDSHAKE_BYTES = PROBE_CHAIN_BYTES, /* of one message: certificates are one */
};

/* All behind the connect, over a wire that is open. */
void probe_talk(struct probe *probe, struct wire *wire);

/* Greeting, EHLO, STARTTLS. true: the handshake may begin. */
bool probe_smtp(struct probe *probe, struct wire *wire);
/* Without waiting for a reply; there is no TLS. */
void probe_smtp_quit(struct wire *wire);

void probe_tls(struct probe *probe, struct wire *wire);
/* Takes a copy of as many as there is room for; false: out of memory. */
bool probe_keep(struct probe *probe, const struct danests_der *certs, size_t count);

/* How it ended, in words of any octets. */
void probe_ends(struct probe *probe, enum probe_end end, const char *fmt, ...)
    ATTR_PRINTF(3, 4);
/* It ended because the wire did, while waiting for the stage's answer. */
void probe_lost(struct probe *probe, const struct wire *wire);
/* Printable ASCII, without line ends behind it. */
void probe_quote(char *out, size_t size, const char *text, size_t len);
/* In words: "connection refused", "error 17". Static but for unknown ones, in room. */
const char *probe_errno(int error, char room[32]);

#endif
