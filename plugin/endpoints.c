/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/endpoints.h"

#include <string.h>
#include <syslog.h>

#include "base/text.h"
#include "plugin/control.h"
#include "plugin/logline.h"
#include "plugin/metrics.h"
#include "plugin/server.h"

#define ENDPOINTS_CONTROL_MODE 0600 /* spec.md 2 */

/* As at the start: nobody asked by name for a unix socket that is a default. */
static bool may_miss(const struct conf *conf, enum conf_id id, const char *item)
{
	return !conf_is_set(conf, id) && strncmp(item, "unix:", 5) == 0;
}

static bool open_list(struct listeners *next, const struct listeners *now,
    const struct conf *conf, enum conf_id id, mode_t mode, char problem[MODEL_PROBLEM])
{
	const char *list = conf_text(conf, id);
	char item[256], what[LISTEN_PROBLEM];

	if (!listen_keep_inherited(next, now, what)) {
		text_format(problem, MODEL_PROBLEM, "%s", what);
		return false;
	}
	while (conf_item(&list, item, sizeof(item))) {
		if (listen_again(next, now, item, mode, what) || may_miss(conf, id, item))
			continue;
		text_format(problem, MODEL_PROBLEM, "%s: %s: %s", conf_where(conf, id),
		    conf_table[id].name, what);
		return false;
	}
	return true;
}

bool endpoints_open(struct endpoints *next, const struct conf *conf,
    const struct service *service, char problem[MODEL_PROBLEM])
{
	mode_t mode = (mode_t)conf_number(conf, CONF_LISTEN_MODE);

	if (!open_list(&next->socketmap, service->listeners, conf, CONF_LISTEN, mode, problem) ||
	    !open_list(&next->control, service->control, conf, CONF_CONTROL,
	    ENDPOINTS_CONTROL_MODE, problem) ||
	    !open_list(&next->metrics, service->metrics, conf, CONF_METRICS, mode, problem))
		return false;
	if (next->socketmap.count > 0)
		return true;
	text_format(problem, MODEL_PROBLEM, "%s: listen: nothing to listen on",
	    conf_where(conf, CONF_LISTEN));
	return false;
}

static void adopt(struct listeners *now, struct listeners *next)
{
	char problem[LISTEN_PROBLEM];

	if (!listen_adopt(now, next, problem))
		log_line(LOG_WARNING, "%s", problem);
}

void endpoints_adopt(struct endpoints *next, const struct service *service)
{
	server_watch(service->server, false);
	control_watch(service->administration, false);
	metrics_watch(service->figures, false);
	adopt(service->listeners, &next->socketmap);
	adopt(service->control, &next->control);
	adopt(service->metrics, &next->metrics);
	server_watch(service->server, true);
	control_watch(service->administration, true);
	metrics_watch(service->figures, true);
}

void endpoints_drop(struct endpoints *next)
{
	listen_close(&next->socketmap);
	listen_close(&next->control);
	listen_close(&next->metrics);
}
