/* SPDX-License-Identifier: BSD-2-Clause */
/* Deliveries as the join would hand them over, in few words. */
#ifndef TEST_CLASSIFY_HELP_H
#define TEST_CLASSIFY_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "tools/report/classify.h"

#define MET(l) .tls = { .level = LEVEL_##l }               /* tls=l */
#define OPEN(l) .tls = { .level = LEVEL_##l, .open = true }   /* tls=l? */
#define BROKEN(l) .tls = { .level = LEVEL_##l, .broken = true } /* tls=!l */
#define DOWN(l, to) .tls = { .level = LEVEL_##l, .downgrade = LEVEL_##to }
#define SEEN(t) .session = true, .trust = TRUST_##t
#define BY(p) .proof = PROOF_##p
#define KNOWN(answer, d, s) .known = { .there = true, .reply = { answer, sizeof(answer) - 1 }, \
    .dane = DANE_##d, .sts = STS_##s, .token = { "", 0 } }
#define OWN(answer, d, s) .known = { .there = true, .reply = { answer, sizeof(answer) - 1 }, \
    .dane = DANE_##d, .sts = STS_##s, .token = { "", 0 }, .override = true }
#define TEMP(word, d, s) .known = { .there = true, .reply = { "TEMP", 4 }, .dane = DANE_##d, \
    .sts = STS_##s, .token = { word, sizeof(word) - 1 } }
#define RPT(w) .tlsrpt = true, .tlsrpt_word = TLSRPT_##w

#define CONFIGURATION .text = { "client TLS configuration problem", 32 }

#endif
