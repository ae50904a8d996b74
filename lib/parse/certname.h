/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names in certificates (RFC 6125, rules.md 5.3): text only. Who takes a
 * certificate apart hands in what it found, whatever its bytes.
 */
#ifndef PARSE_CERTNAME_H
#define PARSE_CERTNAME_H

#include <stdbool.h>
#include <stddef.h>

struct certname {
	const char *text; /* as in the certificate; may hold NUL */
	size_t len;
	bool cn;          /* a common name of the subject; else a dNSName (DNS-ID) */
};

/*
 * Does the name stand for the host? host is lower case, in A-labels, without
 * final dot. '*' counts only as the whole left-most label, and stands for exactly
 * one label (S7). Directly beneath the root ("*.com") it stands for nothing.
 */
bool certname_match(const char *name, size_t len, const char *host);

/* Does any? CN-IDs count only with allow_cn, and only when there is no DNS-ID. */
bool certname_any(const struct certname *names, size_t count, const char *host,
    bool allow_cn);

#endif
