/* SPDX-License-Identifier: BSD-2-Clause */
/* A policy that is held, as a record of "danests cache export", and back. */
#ifndef CTL_HELD_H
#define CTL_HELD_H

#include <stdbool.h>

#include "ctl/grow.h"
#include "danests.h"

#define HELD_PROBLEM 200

/* "text", or "text_hex" where the text is no UTF-8: then nothing of it is lost. NULL
 * when memory is short. */
json_t *held_value(const struct danests_held *held, bool with_text);

/*
 * What danests_held_put() needs. Strings belong to value; bytes to the caller, where a
 * text in hexadecimal has gone. False, with what is wrong.
 */
bool held_read(const json_t *value, struct danests_held *out, struct buf *bytes,
    char problem[HELD_PROBLEM]);

#endif
