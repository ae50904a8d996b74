/* SPDX-License-Identifier: BSD-2-Clause */
/* libcurl's sockets and its timer on our loop: nothing in it may block. */
#ifndef SOURCE_HTTPS_LOOP_H
#define SOURCE_HTTPS_LOOP_H

#include <curl/curl.h>

#include "base/attr.h"
#include "base/list.h"
#include "base/loop.h"

/* A transfer is over; called outside of curl, so the handle may be taken out. */
typedef void https_loop_fn(void *arg, CURL *easy, CURLcode code);

struct https_loop {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer timer;
	struct list sockets;
	https_loop_fn *done;
	void *arg;
};

/* DANESTS_OK, DANESTS_ENOMEM. */
int https_loop_open(struct https_loop *hl, struct loop *loop, https_loop_fn *done,
    void *arg) ATTR_MUST_CHECK;

/* All transfers must have been removed. Zeroed is fine. */
void https_loop_close(struct https_loop *hl);

#endif
