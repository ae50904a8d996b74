/* SPDX-License-Identifier: BSD-2-Clause */
/* What both examples do before they come to the point. */
#ifndef EXAMPLES_COMMON_H
#define EXAMPLES_COMMON_H

#include <danests.h>

struct common {
	danests *ctx;
	danests_trust *trust;  /* the authorities of ca_file, or of the system */
	char *text;            /* the message as DATA wants it, CRLF "." CRLF at its end */
	size_t len;
};

/* Takes -o name=value from the arguments, which must leave least others, opens the context
 * and reads the message from standard input. 0, or an exit code; it has complained. */
int common_begin(struct common *common, int argc, char **argv, int least, const char *usage);
void common_end(struct common *common);

#endif
