/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process danests-stub: started, fed, listened to, buried, started again.
 * Whatever it sends is hostile: one odd octet, and it is killed.
 */
#ifndef SOURCE_DNS_HELPER_H
#define SOURCE_DNS_HELPER_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/loop.h"
#include "source/dns_conf.h"
#include "source/stubproto.h"

struct dns_helper {
	struct loop *loop;
	const char *program;
	int timeout_ms;
	struct dns_servers servers;
	/* False: no reply that we could have asked for. */
	bool (*on_reply)(void *arg, const struct stub_reply *reply);
	void (*on_up)(void *arg);
	void (*on_death)(void *arg);
	void *arg;

	pid_t pid;              /* 0: not running */
	int fd;
	struct loop_watch watch;
	struct loop_timer flush, restart;
	struct buf in, out;
	int64_t started_ms;
	int pause_ms;           /* before the next start */
	unsigned deaths;
	int error;              /* errno of a start that failed, or 0 */
};

/* Begin with zeroes; the first five and four members set by the caller. The
 * process is up, or will be tried again. */
void helper_start(struct dns_helper *h);
/* Again, when nothing else would start it any more; at most once a second. */
void helper_retry(struct dns_helper *h);
/* Kill it; no callback. Safe in any state, also on a zeroed one. */
void helper_stop(struct dns_helper *h);

static inline bool helper_up(const struct dns_helper *h) { return h->pid != 0; }

/* Sent at the end of the turn, with all others. DANESTS_OK; DANESTS_EBUSY: not
 * running, or it does not keep up. */
int helper_ask(struct dns_helper *h, const struct stub_question *q) ATTR_MUST_CHECK;

#endif
