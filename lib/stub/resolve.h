/* SPDX-License-Identifier: BSD-2-Clause */
/* getdns as a stub: one context for each resolver, so that the other side chooses. */
#ifndef STUB_RESOLVE_H
#define STUB_RESOLVE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/loop.h"
#include "source/dns_conf.h"
#include "source/stubproto.h"

struct resolve;

typedef void resolve_fn(void *arg, const struct stub_reply *reply);

/* NULL: no memory, or getdns does not want to. replied is called once for each
 * question, perhaps before resolve_ask() returns. */
struct resolve *resolve_new(struct loop *loop, const struct dns_servers *servers, int timeout_ms,
    resolve_fn *replied, void *arg);
void resolve_ask(struct resolve *r, const struct stub_question *q);

#endif
