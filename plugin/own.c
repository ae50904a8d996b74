/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/own.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

size_t own_reply(own_frame frame, const char *reply)
{
	size_t len = strnlen(reply, OWN_REPLY);

	return netstring_frame(frame, reply, len);
}

size_t own_temp(own_frame frame, const char *key, const char *reason)
{
	size_t len = strlen(key), said = strnlen(reason, OWN_REASON - 1);
	size_t room = OWN_REPLY - strlen("TEMP ...: ") - said;
	char reply[OWN_REPLY + 1];

	if (len <= room)
		text_format(reply, sizeof(reply), "TEMP %s: %s", key, reason);
	else
		text_format(reply, sizeof(reply), "TEMP %.*s...%s: %s", (int)(room / 2), key,
		    key + len - room / 2, reason);
	return own_reply(frame, reply);
}

void own_late(char reason[OWN_REASON], int64_t ms, bool running)
{
	bool whole = ms % 1000 == 0;

	text_format(reason, OWN_REASON, "lookup not %s after %" PRId64 " %s, %s; try again",
	    running ? "finished" : "begun", whole ? ms / 1000 : ms, whole ? "s" : "ms",
	    running ? "it goes on" : "others come first (max_lookups)");
}
