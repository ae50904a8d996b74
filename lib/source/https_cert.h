/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The policy host's certificate (S7, RFC 8461 3.3), verified here rather than by
 * curl: its TLS back ends accept common names, partial wildcards and certificates
 * that are not for servers, and parse the whole list of authorities for each fetch.
 */
#ifndef SOURCE_HTTPS_CERT_H
#define SOURCE_HTTPS_CERT_H

#include <curl/curl.h>
#include <gnutls/x509.h>
#include <stdbool.h>

#include "base/attr.h"
#include "source/https.h"

#define HTTPS_WHY 150

/* The authorities of a PEM file, or of the system (NULL). DANESTS_OK,
 * DANESTS_ENOMEM, DANESTS_ETRUST; problem[] says what. */
int https_cert_authorities(gnutls_x509_trust_list_t *out, const char *ca_file,
    char problem[HTTPS_PROBLEM]) ATTR_MUST_CHECK;

/*
 * Is the chain (leaf first, as curl tells it; NULL: there is none) good for this
 * host, now? If not, why[] says it in printable ASCII.
 */
bool https_cert_good(gnutls_x509_trust_list_t authorities, const struct curl_certinfo *chain,
    const char *host, char why[HTTPS_WHY]) ATTR_MUST_CHECK;

#endif
