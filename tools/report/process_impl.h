/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of processes.h. Spans are in seconds. */
#ifndef REPORT_PROCESS_IMPL_H
#define REPORT_PROCESS_IMPL_H

#include "tools/report/processes.h"

#define SESSION_HOLDS 7200 /* a client process does not live longer with one connection */
#define PROOF_HOLDS 3600   /* smtp_tls_session_cache_timeout */
#define OWN_NEAR 60        /* between the lines of one handshake, with slow servers */
#define PROXY_NEAR 5       /* the same, of tlsproxy: others use the same server, too */
#define PROXY_REPORT_NEAR 60 /* from a handshake to the end of the message */
#define POLICY_NEAR 600
#define USED_NEAR 10       /* between the recipients of one attempt */

struct process *process_find(struct processes *all, const struct speaker *who, bool make);
struct peer *process_peer(struct processes *all, const struct speaker *who, uint64_t number,
    bool make);
uint64_t process_number(const struct processes *all, struct slice text); /* never 0 */
uint64_t process_report_number(const struct processes *all, struct slice mx,
    struct slice domain);

#endif
