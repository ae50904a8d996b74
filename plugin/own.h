/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies that are the service's own and not the library's: at most 200 octets. */
#ifndef PLUGIN_OWN_H
#define PLUGIN_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin/netstring.h"

#define OWN_REPLY 200  /* spec.md 4 */
#define OWN_REASON 120 /* room for a reason, its NUL included; longer ones are cut */

typedef char own_frame[OWN_REPLY + 1 + NETSTRING_OVERHEAD];

/* Both: the length of the frame. A key that is too long for "TEMP key: reason" loses
 * its middle, so that the reason stays whole. */
size_t own_reply(own_frame frame, const char *reply);
size_t own_temp(own_frame frame, const char *key, const char *reason);

/* What to say after so many milliseconds of a lookup that runs, or waits for its turn. */
void own_late(char reason[OWN_REASON], int64_t ms, bool running);

#endif
