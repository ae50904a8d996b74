/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A policy as smtp_tls_policy_maps holds it: "secure match=.example.com". Would
 * Postfix take it? One that it does not take makes it hold all mail of the domain.
 */
#ifndef PLUGIN_TLSREPLY_H
#define PLUGIN_TLSREPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define TLSREPLY_PROBLEM 300

/*
 * On true *level is its level word (static, lower case), and out gets the policy with
 * single blanks between its words. On false problem[] says what Postfix would not take.
 */
bool tlsreply_check(const char *text, size_t len, const char **level, struct buf *out,
    char problem[TLSREPLY_PROBLEM]);

#endif
