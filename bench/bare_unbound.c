/* SPDX-License-Identifier: BSD-2-Clause */
/* libunbound alone, validating, forwarding: the rate that dnssec = validate is held to. */
#include <err.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unbound.h>
#include <unbound-event.h>

#include "five.h"

struct asked {
	struct five_domain *domain;
	enum five_type type;
};

static struct ub_ctx *ctx;
static struct event_base *base;

static void answered(void *arg, int rcode, void *packet, int len, int sec, char *why_bogus,
    int was_ratelimited)
{
	struct asked *a = arg;
	struct asked copy = *a;

	(void)packet, (void)len, (void)why_bogus, (void)was_ratelimited;
	free(a);
	five_answer(copy.domain, copy.type, sec == 2, (rcode != 0 && rcode != 3) || sec == 1);
	if (five_finished())
		event_base_loopbreak(base);
}

static void ask(const char *name, enum five_type type, struct five_domain *d)
{
	struct asked *a = malloc(sizeof(*a));
	int r;

	if (a == NULL)
		err(EX_OSERR, "malloc");
	a->domain = d;
	a->type = type;
	r = ub_resolve_event(ctx, name, (int)type, 1, a, answered, NULL);
	if (r != 0)
		errx(EX_SOFTWARE, "ub_resolve_event: %s", ub_strerror(r));
}

static void set(const char *name, const char *value)
{
	int r = ub_ctx_set_option(ctx, name, value);

	if (r != 0)
		errx(EX_CONFIG, "%s %s: %s", name, value, ub_strerror(r));
}

int main(int argc, char **argv)
{
	struct five five;
	int r;

	five_options(&five, argc, argv);
	base = event_base_new();
	ctx = base == NULL ? NULL : ub_ctx_create_event(base);
	if (ctx == NULL)
		errx(EX_OSERR, "no libunbound context");
	set("do-not-query-localhost:", "no");
	set("outgoing-range:", "4096");
	set("num-queries-per-thread:", "4096");
	set("msg-cache-size:", "64m");
	set("rrset-cache-size:", "128m");
	r = ub_ctx_set_fwd(ctx, five.resolver);
	if (r == 0 && five.anchor != NULL)
		r = ub_ctx_add_ta_file(ctx, five.anchor);
	if (r != 0)
		errx(EX_CONFIG, "%s", ub_strerror(r));
	five_start(&five, ask);
	if (!five_finished())
		event_base_dispatch(base);
	five_report();
	ub_ctx_delete(ctx);
	event_base_free(base);
	return 0;
}
