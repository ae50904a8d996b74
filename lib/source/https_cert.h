/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The policy host's certificate (S7, RFC 8461 3.3), verified here rather than by
 * curl: its TLS back ends accept common names, partial wildcards and certificates
 * that are not for servers, and parse the whole list of authorities for each fetch.
 */
#ifndef SOURCE_HTTPS_CERT_H
#define SOURCE_HTTPS_CERT_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/attr.h"
#include "cert/pkix.h"

#define HTTPS_WHY CERT_WHY

/*
 * Is the chain (leaf first, as curl tells it; NULL: there is none) good for this
 * host, now? If not, why[] says it in printable ASCII.
 */
bool https_cert_good(const struct danests_trust *trust, const struct curl_certinfo *chain,
    const char *host, char why[HTTPS_WHY]) ATTR_MUST_CHECK;

#endif
