/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/start.h"

#include <pwd.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>

#include "plugin/logline.h"
#include "plugin/model.h"
#include "plugin/server.h"
#include "plugin/yield.h"

/* Descriptors besides clients: sockets of lookups, files, pipes, what libraries hold. */
#define START_SPARE_FILES 256
#define START_FILES_PER_LOOKUP 2

static int fatal(const char *problem, int status)
{
	log_fatal("%s", problem);
	return status;
}

int start_check(const struct conf *conf, struct overrides **overrides)
{
	char problem[MODEL_PROBLEM];
	int status = model_check(conf, overrides, problem);

	return status == EX_OK ? EX_OK : fatal(problem, status);
}

/* ---- The context ---- */

struct opening {
	danests *ctx;
	int result;
};

static void open_it(void *arg)
{
	struct opening *o = arg;

	o->result = danests_open(o->ctx);
}

/* The helper of trust-ad is to yield as the worker does, and inherits that from whoever
 * starts it. Without one nothing does: memory for a million policies comes quicker in
 * the thread that the process began with. */
static void open_context(struct opening *o, const struct conf *conf)
{
	if (conf_number(conf, CONF_DNSSEC) == CONF_TRUST_AD)
		yield_while(open_it, o);
	else
		open_it(o);
}

int start_context(struct conf *conf, danests **out)
{
	struct opening o = {0};
	char problem[MODEL_PROBLEM];
	int status = model_make(&o.ctx, conf, problem);

	if (status != EX_OK)
		return fatal(problem, status);
	open_context(&o, conf);
	if (o.result == DANESTS_ECACHE &&
	    (o.result = start_cache_refused(conf, o.ctx)) == DANESTS_OK)
		open_context(&o, conf);
	if (o.result == DANESTS_OK) {
		*out = o.ctx;
		return EX_OK;
	}
	status = model_blame(o.ctx, conf, o.result, problem);
	danests_free(o.ctx);
	return fatal(problem, status);
}

/* ---- Endpoints ---- */

int start_listening(const struct conf *conf, struct listeners *out)
{
	const char *list = conf_text(conf, CONF_LISTEN);
	mode_t mode = (mode_t)conf_number(conf, CONF_LISTEN_MODE);
	char item[256], problem[LISTEN_PROBLEM];

	if (listen_inherit(out, problem) < 0) {
		log_fatal("%s", problem);
		return EX_OSERR;
	}
	while (conf_item(&list, item, sizeof(item))) {
		if (listen_open(out, item, mode, problem))
			continue;
		/* Nobody asked for this one by name: somebody who tries us out is not root,
		 * and has no /run/danests. */
		if (!conf_is_set(conf, CONF_LISTEN) && strncmp(item, "unix:", 5) == 0) {
			log_line(LOG_WARNING, "%s (going on without: it is a default)", problem);
			continue;
		}
		log_fatal("%s: listen: %s", conf_where(conf, CONF_LISTEN), problem);
		return EX_UNAVAILABLE;
	}
	if (out->count > 0)
		return EX_OK;
	log_fatal("%s: listen: nothing to listen on", conf_where(conf, CONF_LISTEN));
	return EX_CONFIG;
}

/* One for the administrator alone: it must not be reached from other hosts or users. */
static int start_control(const struct conf *conf, struct listeners *out)
{
	const char *endpoint = conf_text(conf, CONF_CONTROL);
	char problem[LISTEN_PROBLEM];

	if (endpoint[0] == '\0' || listen_open(out, endpoint, 0600, problem))
		return EX_OK;
	if (!conf_is_set(conf, CONF_CONTROL)) {
		log_line(LOG_WARNING, "%s (going on without: it is a default)", problem);
		return EX_OK;
	}
	log_fatal("%s: control: %s", conf_where(conf, CONF_CONTROL), problem);
	return EX_UNAVAILABLE;
}

int start_admin(const struct conf *conf, struct listeners *control, struct listeners *metrics)
{
	const char *endpoint = conf_text(conf, CONF_METRICS);
	char problem[LISTEN_PROBLEM];
	int status = start_control(conf, control);

	if (status != EX_OK || endpoint[0] == '\0')
		return status;
	if (listen_open(metrics, endpoint, (mode_t)conf_number(conf, CONF_LISTEN_MODE), problem))
		return EX_OK;
	log_fatal("%s: metrics: %s", conf_where(conf, CONF_METRICS), problem);
	return EX_UNAVAILABLE;
}

void start_give_folders(const struct service *service)
{
	const char *user = conf_text(service->conf, CONF_USER);
	const struct passwd *pw = user[0] != '\0' ? getpwnam(user) : NULL;

	if (pw == NULL)
		return;
	listen_give_folders(service->listeners, pw->pw_uid, pw->pw_gid);
	listen_give_folders(service->control, pw->pw_uid, pw->pw_gid);
	listen_give_folders(service->metrics, pw->pw_uid, pw->pw_gid);
}

/* ---- Numbers ---- */

size_t start_descriptors(const struct conf *conf)
{
	return server_limit((size_t)conf_number(conf, CONF_MAX_CLIENTS)) +
	    START_FILES_PER_LOOKUP * (size_t)conf_number(conf, CONF_MAX_LOOKUPS) +
	    START_SPARE_FILES;
}

struct desk_options start_options(const struct conf *conf, const struct overrides *overrides)
{
	struct danests_postfix postfix = {
		.report_testing = conf_number(conf, CONF_REPORT_TESTING) == CONF_YES,
		.insecure_mx_may = conf_number(conf, CONF_INSECURE_MX) == CONF_INSECURE_MAY,
		.mixed_secure = conf_number(conf, CONF_DANE_STS_MIXED) == CONF_MIXED_SECURE,
	};
	struct desk_options options = {
		.overrides = overrides,
		.query_tlsrpt = conf_number(conf, CONF_TLSRPT) == CONF_YES,
		.memo_bytes = model_desk_share(conf),
		.max_lookups = (size_t)conf_number(conf, CONF_MAX_LOOKUPS),
		.answer_timeout = (int64_t)conf_number(conf, CONF_ANSWER_TIMEOUT),
		.log_repeat = (time_t)(conf_number(conf, CONF_LOG_REPEAT) / 1000),
	};

	options.postfix[MEMO_PLAIN] = postfix;
	options.postfix[MEMO_TLSRPT] = postfix;
	options.postfix[MEMO_TLSRPT].tlsrpt = true;
	/* Each client has one question at a time; those it gave up on are queued too. */
	options.max_queued = 4 * server_limit((size_t)conf_number(conf, CONF_MAX_CLIENTS));
	return options;
}
