/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/alive.h"

#include <stdbool.h>
#include <stdlib.h>
#include <syslog.h>

#include "plugin/daemon.h"
#include "plugin/logline.h"

#define ALIVE_PART 4 /* of systemd's patience: one that comes late must do no harm */

struct alive {
	struct loop *loop;
	struct worker *worker;
	struct loop_timer tick;
	struct errand errand;
	bool out;         /* the errand is on its way */
	int period;       /* ms */
};

static void at_the_worker(struct errand *errand, danests *ctx)
{
	(void)errand;
	(void)ctx;
}

static void is_back(struct errand *errand)
{
	CONTAINER_OF(errand, struct alive, errand)->out = false;
}

/* That this runs shows that clients are served; that the errand came back, that
 * lookups are. Whoever hangs is restarted by systemd. */
static void tick(void *arg)
{
	struct alive *a = arg;

	if (!a->out) {
		daemon_alive();
		a->out = true;
		worker_call(a->worker, &a->errand);
	}
	if (loop_timer(a->loop, &a->tick, a->period, tick, a) != DANESTS_OK)
		log_line(LOG_ERR, "the watchdog is no longer told that we live: out of memory");
}

int alive_start(struct alive **out, struct loop *loop, struct worker *worker)
{
	int period = daemon_watchdog_ms() / ALIVE_PART, r;
	struct alive *a;

	*out = NULL;
	if (daemon_watchdog_ms() <= 0)
		return DANESTS_OK;
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return DANESTS_ENOMEM;
	a->loop = loop;
	a->worker = worker;
	a->period = period > 0 ? period : 1;
	a->errand.run = at_the_worker;
	a->errand.done = is_back;
	r = loop_timer(loop, &a->tick, 0, tick, a);
	if (r != DANESTS_OK) {
		free(a);
		return r;
	}
	*out = a;
	return DANESTS_OK;
}

void alive_stop(struct alive *a)
{
	if (a != NULL)
		loop_untimer(a->loop, &a->tick);
}

void alive_free(struct alive *a)
{
	free(a);
}
