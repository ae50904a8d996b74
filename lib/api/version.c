/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/attr.h"
#include "danests.h"

ATTR_PUBLIC const char *danests_version(void) { return DANESTS_VERSION; }
