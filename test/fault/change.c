/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A change of settings with the n-th allocation failing, for every n, while lookups are
 * under way: it succeeds, or nothing has changed; and each lookup ends once.
 */
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
#include "wrap.h"

#define LOOKUPS 8
#define MOST 20000 /* allocations of a change: far more than there are */

static const char ds[] = ". IN DS 20326 8 2 "
    "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d\n";
/* Some authority, so that not all of the system's are read each time. */
static const char authority[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbjCCARWgAwIBAgIUDmO5UKRMm9KFVrMMB6EGpOereSwwCgYIKoZIzj0EAwIw\n"
    "DDEKMAgGA1UEAwwBdDAgFw0yNjExMjIwOTA2NTFaGA8yMTI2MTAyOTA5MDY1MVow\n"
    "DDEKMAgGA1UEAwwBdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABG8zlDJWVR0Y\n"
    "BPJffbTuIoSP79hciw3nZlvIJKb3b9D+WugnCU34MJIJTcyKWIDFVqNIo2mi2oYk\n"
    "kktNZ7DjDDajUzBRMB0GA1UdDgQWBBTu4i6cUCkMl2oBwwb49DNpn8/tXTAfBgNV\n"
    "HSMEGDAWgBTu4i6cUCkMl2oBwwb49DNpn8/tXTAPBgNVHRMBAf8EBTADAQH/MAoG\n"
    "CCqGSM49BAMCA0cAMEQCIGpQimQvH7T401oKGYQ3SukQ/3UWYrJkB18NEc7DYct4\n"
    "AiBNQvIuyevXroK6jEiHqtoMnj3OOuMKTVOgDqILnrTvXA==\n"
    "-----END CERTIFICATE-----\n";

static char anchor[] = "/tmp/change-anchor.XXXXXX", ca[] = "/tmp/change-ca.XXXXXX";
static char resolver[2][32];
static int silent[2];

static int write_file(char *path, const char *text)
{
	int fd = mkstemp(path);
	size_t len = strlen(text);

	return fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) != 0;
}

/* Two that take questions and never answer. */
static int set_up(void **state)
{
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
	return write_file(anchor, ds) || write_file(ca, authority);
}

static int tear_down(void **state)
{
	(void)state;
	return close(silent[0]) || close(silent[1]) || unlink(anchor) || unlink(ca);
}

static danests *context(unsigned which)
{
	danests *ctx;

	assert_int_equal(danests_new(&ctx), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "resolver", resolver[which]), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "trust_anchor", anchor), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "ca_file", ca), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "dns_timeout", "300ms"), DANESTS_OK);
	assert_int_equal(danests_set(ctx, "cache_size", "4M"), DANESTS_OK);
	return ctx;
}

static bool asks(danests *ctx, unsigned which)
{
	struct danests_status status;

	danests_get_status(ctx, &status);
	return strstr(status.resolver_text, resolver[which]) != NULL;
}

static void start(danests *ctx, char *tags, size_t from, size_t to)
{
	char name[32];

	for (size_t i = from; i < to; i++) {
		snprintf(name, sizeof(name), "d%zu.example", i / 2 % 3);
		assert_int_equal(danests_start(ctx, name, &tags[i]), DANESTS_OK);
	}
}

static void reap_all(danests *ctx, size_t count)
{
	struct danests_done done;

	while (count > 0) {
		struct pollfd pfd = { .fd = danests_fd(ctx), .events = POLLIN };

		assert_true(poll(&pfd, 1, danests_timeout(ctx)) >= 0);
		assert_int_equal(danests_process(ctx), DANESTS_OK);
		while (danests_reap(ctx, &done)) {
			char *tag = done.tag;

			assert_int_equal(*tag, 0);
			*tag = 1;
			danests_policy_unref(done.policy);
			count--;
		}
	}
}

/* Until there is memory enough; which one is asked in the end. libunbound makes some
 * thousand events at once: not each of them needs a turn. */
static unsigned sweep(danests *ctx, danests *const model[2], void (*wrap)(unsigned long))
{
	unsigned now = 0, failures = 0;
	bool whole = false;

	for (unsigned long n = 1; !whole; n += n < 150 ? 1 : 211) {
		int r;

		assert_true(n < MOST);
		wrap(n);
		r = danests_change(ctx, model[1 - now]);
		whole = wrap_counted() < n;
		wrap_fail_from(0);
		assert_true(r == DANESTS_OK || !whole);
		failures += r != DANESTS_OK;
		now = r == DANESTS_OK ? 1 - now : now;
		assert_true(asks(ctx, now) && !asks(ctx, 1 - now));
	}
	assert_true(failures > 5);
	return now;
}

static void all_or_nothing(void (*wrap)(unsigned long))
{
	char tags[3 * LOOKUPS] = {0};
	danests *ctx = context(0), *model[2] = { context(0), context(1) };

	start(ctx, tags, 0, LOOKUPS);
	assert_true(asks(ctx, sweep(ctx, model, wrap)));
	start(ctx, tags, LOOKUPS, 3 * LOOKUPS);
	danests_free(model[0]);
	danests_free(model[1]);
	reap_all(ctx, sizeof(tags));
	danests_free(ctx);
}

static void all_or_nothing_when_one_allocation_fails(void **state)
{
	(void)state;
	all_or_nothing(wrap_fail_only);
}

static void all_or_nothing_when_memory_is_used_up(void **state)
{
	(void)state;
	all_or_nothing(wrap_fail_from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_or_nothing_when_one_allocation_fails),
		cmocka_unit_test(all_or_nothing_when_memory_is_used_up),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
