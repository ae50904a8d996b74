/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_SELF_H
#define BASE_SELF_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A program beside the one that runs: "../lib/danests-stub" seen from its folder.
 * True when there is such an executable, which is so in a build tree and not once
 * installed. For danests_set_stub().
 */
bool self_stub(char *out, size_t size);

#endif
