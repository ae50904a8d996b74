/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * To forget what was made of something that is no longer so: of one domain's policy, or
 * all of it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plugin/desk.h"
#include "plugin/desk_impl.h"

/* ---- One domain ---- */

/* What follows the domain in a key, "" or ":587". */
static const char *port_of(const char *key)
{
	const char *end = key[0] == '[' ? strchr(key, ']') : NULL;
	const char *port = strchr(end != NULL ? end : key, ':');

	return port != NULL ? port : "";
}

bool desk_can_forget(struct desk *desk, const char *key)
{
	const char *port = port_of(key);

	for (size_t i = 0; i < desk->port_count; i++)
		if (strcmp(desk->ports[i], port) == 0)
			return true;
	if (desk->port_count == DESK_PORTS || strlen(port) >= sizeof(desk->ports[0]))
		return false;
	text_format(desk->ports[desk->port_count++], sizeof(desk->ports[0]), "%s", port);
	return true;
}

static void forget_key(struct desk *desk, const char *key)
{
	size_t len = strlen(key);
	struct memo_entry *e = memo_known(&desk->memo, key, len);
	struct pending *p = pending_find(&desk->pendings, key, len);

	if (e != NULL)
		memo_expire(e);
	/* It may rest on what was held before. */
	if (p != NULL)
		p->era = desk->era - 1;
}

static void forget_domain(struct desk *desk, const char *domain)
{
	char key[DANESTS_NEXTHOP_MAX + sizeof(desk->ports[0])];

	for (size_t i = 0; i < desk->port_count; i++) {
		text_format(key, sizeof(key), "%s%s", domain, desk->ports[i]);
		forget_key(desk, key);
		text_format(key, sizeof(key), "[%s]%s", domain, desk->ports[i]);
		forget_key(desk, key);
	}
}

/* ---- All ---- */

/* To free a million entries takes a second, which the worker has and this thread has
 * not. */
struct old_memo {
	struct list link; /* in desk->old */
	struct errand errand;
	struct memo memo;
};

static void old_free(struct old_memo *old)
{
	list_remove(&old->link);
	memo_free(&old->memo);
	free(old);
}

static void old_run(struct errand *errand, danests *ctx)
{
	(void)ctx;
	memo_free(&CONTAINER_OF(errand, struct old_memo, errand)->memo);
}

static void old_done(struct errand *errand)
{
	old_free(CONTAINER_OF(errand, struct old_memo, errand));
}

static void forget_all(struct desk *desk)
{
	struct old_memo *old = calloc(1, sizeof(*old));
	struct memo memo;

	desk_configure(desk, &desk->options, &memo);
	if (old == NULL) {
		memo_free(&memo);
		return;
	}
	old->memo = memo;
	list_append(&desk->old, &old->link);
	old->errand = (struct errand){ .run = old_run, .done = old_done };
	worker_call(desk->worker, &old->errand);
}

void desk_forget(struct desk *desk, const char *domain)
{
	if (domain[0] != '\0')
		forget_domain(desk, domain);
	else
		forget_all(desk);
}

void desk_forget_free(struct desk *desk)
{
	while (!list_empty(&desk->old))
		old_free(CONTAINER_OF(desk->old.next, struct old_memo, link));
}
