/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the mode of the socket is the only fence. */
#include "plugin/control.h"

bool control_peer(int fd)
{
	(void)fd;
	return true;
}
