/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libdanests for programs that speak TLS with GnuTLS: the chain comes from the session.
 * With another TLS library hand its chain to danests_verify().
 */
#ifndef DANESTS_GNUTLS_H
#define DANESTS_GNUTLS_H

#include <danests.h>
#include <gnutls/gnutls.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Before the handshake: sends danests_policy_sni() of this host. The caller chooses
 * priorities and credentials. DANESTS_OK, DANESTS_EINVAL (no such host), DANESTS_ENOMEM. */
int danests_gnutls_prepare(gnutls_session_t session, const danests_policy *policy, size_t host);

/* After it: danests_verify(), or danests_verify_key() where a raw public key was
 * negotiated. DANESTS_EINVAL also when the session has no certificate. */
int danests_gnutls_verify(gnutls_session_t session, const danests_policy *policy,
    const danests_trust *trust, const char *host, time_t now, struct danests_verdict *out);

#ifdef __cplusplus
}
#endif
#endif
