/* SPDX-License-Identifier: BSD-2-Clause */
/* A policy as JSON: what it says of a destination, and what that rests on. The names
 * are those of danests(1), JSON OUTPUT. */
#ifndef CTL_VALUE_H
#define CTL_VALUE_H

#include "ctl/grow.h"
#include "danests.h"

/* Everything about it, added to an object. */
void value_put_policy(struct grow *object, const danests_policy *policy);

#endif
