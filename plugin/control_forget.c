/* SPDX-License-Identifier: BSD-2-Clause */
/* To empty the memo takes a second when it has a million entries, which the worker has
 * and this thread has not. */
#include <stdlib.h>

#include "plugin/control_impl.h"

struct old_memo {
	struct list all; /* in control->old */
	struct errand errand;
	struct memo memo;
};

static void old_free(struct old_memo *old)
{
	list_remove(&old->all);
	memo_free(&old->memo);
	free(old);
}

static void run(struct errand *errand, danests *ctx)
{
	(void)ctx;
	memo_free(&CONTAINER_OF(errand, struct old_memo, errand)->memo);
}

static void done(struct errand *errand)
{
	old_free(CONTAINER_OF(errand, struct old_memo, errand));
}

void control_forget(struct control *control)
{
	struct old_memo *old = calloc(1, sizeof(*old));
	struct desk *desk = control->service->desk;
	struct memo memo;

	desk_configure(desk, &desk->options, &memo);
	if (old == NULL) {
		memo_free(&memo);
		return;
	}
	old->memo = memo;
	list_append(&control->old, &old->all);
	old->errand = (struct errand){ .run = run, .done = done };
	worker_call(control->service->worker, &old->errand);
}

void control_forget_free(struct control *control)
{
	while (!list_empty(&control->old))
		old_free(CONTAINER_OF(control->old.next, struct old_memo, all));
}
