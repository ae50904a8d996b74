/* SPDX-License-Identifier: BSD-2-Clause */
/* The blocking form: start, process, reap. */
#include <errno.h>
#include <poll.h>

#include "base/attr.h"
#include "danests.h"

ATTR_PUBLIC int danests_lookup(danests *ctx, const char *nexthop, danests_policy **out)
{
	struct danests_done done = {0};
	char tag; /* its address is a tag that nobody else has */
	int r;

	r = danests_start(ctx, nexthop, &tag);
	while (r == DANESTS_OK && !danests_reap(ctx, &done)) {
		struct pollfd pfd = { .fd = danests_fd(ctx), .events = POLLIN };

		if (poll(&pfd, 1, danests_timeout(ctx)) < 0 && errno != EINTR)
			r = DANESTS_ESYSTEM;
		else
			r = danests_process(ctx);
	}
	if (r != DANESTS_OK) {
		danests_cancel(ctx, &tag);
		return r;
	}
	*out = done.policy;
	return done.error;
}
