/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/socket.h>
#include <unistd.h>

#include "plugin/control.h"

bool control_peer(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	    (peer.uid == 0 || peer.uid == geteuid());
}
