/* SPDX-License-Identifier: BSD-2-Clause */
/* What the MX records, or their absence, mean for a destination. Pure. */
#ifndef PLAN_MX_H
#define PLAN_MX_H

#include <stdbool.h>

#include "plan/facts.h"
#include "plan/sts.h"

enum mx_class { MX_FAILED, MX_SECURE, MX_INSECURE, MX_NO_MAIL };

enum mx_class mx_class(const struct facts *facts, const struct sts_view *sts);

/* DNSSEC vouches for them, or for there being none; [host] counts as secure. */
bool mx_is_secure(const struct facts *facts);

#endif
