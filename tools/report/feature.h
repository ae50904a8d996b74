/* SPDX-License-Identifier: BSD-2-Clause */
/* tls= of a delivery line: [!]LEVEL[:DOWNGRADE][?][/[!]requiretls[:why][?]] (Postfix 3.11). */
#ifndef REPORT_FEATURE_H
#define REPORT_FEATURE_H

#include "tools/report/event.h"

/* What stands behind "tls=". Any octets: a word that is not known is LEVEL_OTHER. */
struct feature feature_of(struct slice value);

#endif
