/* SPDX-License-Identifier: BSD-2-Clause */
/* libunbound's event interface (unbound-event.h) on our loop. */
#ifndef SOURCE_DNS_UNBOUND_LOOP_H
#define SOURCE_DNS_UNBOUND_LOOP_H

#include <unbound.h>
#include <unbound-event.h>

#include "base/loop.h"

struct ub_loop {
	struct ub_event_base base; /* for ub_ctx_create_ub_event() */
	struct loop *loop;
};

/* The ub_loop must outlive every context made from it. */
void ub_loop_init(struct ub_loop *ubl, struct loop *loop);

#endif
