/* SPDX-License-Identifier: BSD-2-Clause */
/* Two resolvers on loopback that take questions and never answer, and contexts that
 * ask one of them. */
#ifndef CHANGE_HELP_H
#define CHANGE_HELP_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "danests.h"

static char anchor[] = "/tmp/test_change.XXXXXX";
static char resolver[2][32];
static int silent[2];

static inline int set_up(void **state)
{
	static const char ds[] = ". IN DS 20326 8 2 "
	    "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d\n";
	int fd = mkstemp(anchor);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sockaddr_in to = { .sin_family = AF_INET };
		socklen_t len = sizeof(to);

		to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		silent[i] = socket(AF_INET, SOCK_DGRAM, 0);
		if (bind(silent[i], (struct sockaddr *)&to, len) != 0 ||
		    getsockname(silent[i], (struct sockaddr *)&to, &len) != 0)
			return -1;
		snprintf(resolver[i], sizeof(resolver[i]), "127.0.0.1:%u", ntohs(to.sin_port));
	}
	return fd < 0 || write(fd, ds, sizeof(ds) - 1) != sizeof(ds) - 1 || close(fd) != 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	return close(silent[0]) != 0 || close(silent[1]) != 0 || unlink(anchor) != 0;
}

static inline void set(danests *ctx, const char *name, const char *value)
{
	assert_int_equal(danests_set(ctx, name, value), DANESTS_OK);
}

static inline danests *context(unsigned which)
{
	danests *ctx;

	assert_int_equal(danests_new(&ctx), DANESTS_OK);
	set(ctx, "resolver", resolver[which]);
	set(ctx, "trust_anchor", anchor);
	set(ctx, "dns_timeout", "200ms");
	set(ctx, "cache_size", "4M");
	return ctx;
}

static inline void turn(danests *ctx)
{
	struct pollfd pfd = { .fd = danests_fd(ctx), .events = POLLIN };

	assert_true(poll(&pfd, 1, danests_timeout(ctx)) >= 0);
	assert_int_equal(danests_process(ctx), DANESTS_OK);
}

static inline struct danests_status status(danests *ctx)
{
	struct danests_status s;

	danests_get_status(ctx, &s);
	return s;
}

#endif
