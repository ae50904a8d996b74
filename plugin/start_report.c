/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is said about the start. Where DNSSEC trust comes from, and whether it works, is
 * said by the worker: its self-test asks the world, and clients do not wait for that.
 */
#include <syslog.h>

#include "base/buf.h"
#include "plugin/logline.h"
#include "plugin/start.h"

static void add_names(struct buf *line, const char *before, const struct listeners *ls)
{
	for (size_t i = 0; i < ls->count; i++)
		buf_printf(line, "%s%s", i > 0 ? ", " : before, ls->each[i].name);
}

static void report_endpoints(const struct service *service)
{
	struct buf line = {0};

	add_names(&line, "listening on ", service->listeners);
	add_names(&line, "; control at ", service->control);
	add_names(&line, "; metrics at ", service->metrics);
	if (!line.bad)
		log_line(LOG_INFO, "%s", line.data);
	buf_free(&line);
}

void start_report(const struct service *service, danests *ctx)
{
	struct danests_status status;

	danests_get_status(ctx, &status);
	log_line(LOG_INFO, "danestsd %s starts", danests_version());
	log_line(LOG_INFO, "resolver: %s", status.resolver_text);
	log_line(LOG_INFO, "cache: %zu entries loaded; %s; up to %s of memory", status.held,
	    status.cache_text, conf_text(service->conf, CONF_CACHE_SIZE));
	report_endpoints(service);
}
