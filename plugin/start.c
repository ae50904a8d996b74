/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/start.h"

#include <poll.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>

#include "base/buf.h"
#include "base/clock.h"
#include "plugin/logline.h"
#include "plugin/model.h"
#include "plugin/server.h"
#include "plugin/yield.h"

/* Descriptors besides clients: sockets of lookups, files, pipes, what libraries hold. */
#define START_SPARE_FILES 256
#define START_FILES_PER_LOOKUP 2

/* How long a start waits for the DNSSEC self-test, to say how it went. Clients queue
 * meanwhile: their endpoints are open. */
#define START_SELF_TEST_MS 1000

/* Parameters whose work this version does not do, though it takes them. */
static const enum conf_id later[] = { CONF_CONTROL, CONF_CACHE_DIR, CONF_REFRESH, CONF_METRICS };

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

int start_context(const struct conf *conf, danests **out)
{
	struct opening o = {0};
	char problem[MODEL_PROBLEM];
	int status = model_make(&o.ctx, conf, problem);

	if (status != EX_OK)
		return fatal(problem, status);
	yield_while(open_it, &o); /* it may start the helper of trust-ad */
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

/* ---- Numbers ---- */

size_t start_descriptors(const struct conf *conf)
{
	return server_limit((size_t)conf_number(conf, CONF_MAX_CLIENTS)) +
	    START_FILES_PER_LOOKUP * (size_t)conf_number(conf, CONF_MAX_LOOKUPS) +
	    START_SPARE_FILES;
}

struct desk_options start_options(const struct conf *conf)
{
	struct danests_postfix postfix = {
		.report_testing = conf_number(conf, CONF_REPORT_TESTING) == CONF_YES,
		.insecure_mx_may = conf_number(conf, CONF_INSECURE_MX) == CONF_INSECURE_MAY,
		.mixed_secure = conf_number(conf, CONF_DANE_STS_MIXED) == CONF_MIXED_SECURE,
	};
	struct desk_options options = {
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

/* ---- What is said about it ---- */

/* "a, b": one line, whatever is in it. */
static void log_list(int priority, const char *before, const struct buf *list, const char *after)
{
	if (list->len > 0 && !list->bad)
		log_line(priority, "%s%s%s", before, list->data, after);
}

static void report_later(const struct conf *conf)
{
	struct buf names = {0};

	for (size_t i = 0; i < COUNT_OF(later); i++)
		if (conf_is_set(conf, later[i]) && conf_text(conf, later[i])[0] != '\0')
			buf_printf(&names, "%s%s", names.len > 0 ? ", " : "",
			    conf_table[later[i]].name);
	log_list(LOG_NOTICE, "set, but without effect in this version: ", &names, "");
	buf_free(&names);
}

/* A signal ends the wait. */
static void wait_for_self_test(danests *ctx, int signals, struct danests_status *status)
{
	int64_t end = clock_mono_ms() + START_SELF_TEST_MS;
	struct pollfd fds[2] = {
		{ .fd = danests_fd(ctx), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};

	for (;;) {
		int64_t left = end - clock_mono_ms();
		int ms = danests_timeout(ctx);

		danests_get_status(ctx, status);
		if (status->dnssec != DANESTS_TRUST_TESTING || left <= 0)
			return;
		poll(fds, COUNT_OF(fds), ms < 0 || ms > left ? (int)left : ms);
		if (fds[1].revents != 0 || danests_process(ctx) != DANESTS_OK)
			end = 0;
	}
}

void start_report(const struct conf *conf, danests *ctx, const struct listeners *ls, int signals)
{
	struct danests_status status;
	struct buf names = {0};

	log_line(LOG_INFO, "danestsd %s starts", danests_version());
	wait_for_self_test(ctx, signals, &status);
	log_line(LOG_INFO, "resolver: %s", status.resolver_text);
	log_line(status.dnssec == DANESTS_TRUST_FAILED ? LOG_WARNING : LOG_INFO, "dnssec: %s",
	    status.dnssec_text);
	log_line(LOG_INFO, "cache: %zu entries loaded; up to %s, in memory only in this version",
	    status.cache_entries, conf_text(conf, CONF_CACHE_SIZE));
	report_later(conf);
	for (size_t i = 0; i < ls->count; i++)
		buf_printf(&names, "%s%s", i > 0 ? ", " : "", ls->each[i].name);
	log_list(LOG_INFO, "listening on ", &names, "");
	buf_free(&names);
}
