/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values of the attributes of a policy in Postfix's words. What is wrong with one, in
 * static words that follow "name= ", or NULL.
 */
#ifndef PLUGIN_TLSVALUE_H
#define PLUGIN_TLSVALUE_H

const char *tlsvalue_not_empty(const char *value);
const char *tlsvalue_host(const char *value);
const char *tlsvalue_ciphers(const char *value);
const char *tlsvalue_protocols(const char *value);
const char *tlsvalue_exclude(const char *value);
const char *tlsvalue_yes_no(const char *value);
const char *tlsvalue_policy_type(const char *value);
const char *tlsvalue_failure(const char *value);
const char *tlsvalue_ttl(const char *value);
const char *tlsvalue_fingerprints(const char *value); /* match, at level fingerprint */

#endif
