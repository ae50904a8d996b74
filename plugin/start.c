/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/start.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/self.h"
#include "base/text.h"
#include "plugin/daemon.h"
#include "plugin/logline.h"
#include "plugin/server.h"
#include "plugin/yield.h"

/* Descriptors besides clients: sockets of lookups, files, pipes, what libraries hold. */
#define START_SPARE_FILES 256
#define START_FILES_PER_LOOKUP 2

/* How long a start waits for the DNSSEC self-test, to say how it went. Clients queue
 * meanwhile: their endpoints are open. */
#define START_SELF_TEST_MS 1000

#define START_MIN_CACHE (UINT64_C(1) << 20) /* of the library */

/* Parameters whose work this version does not do, though it takes them. */
static const enum conf_id later[] = { CONF_CONTROL, CONF_CACHE_DIR, CONF_REFRESH, CONF_METRICS };

int start_check(const struct conf *conf)
{
	const char *overrides = conf_text(conf, CONF_OVERRIDES);
	const char *user = conf_text(conf, CONF_USER);
	const char *hints = conf_text(conf, CONF_ROOT_HINTS);

	/* To pass over a local decision would be to give a wrong answer. */
	if (overrides[0] != '\0') {
		log_fatal("%s: overrides = %s: this version has no overrides; remove the"
		    " parameter", conf_where(conf, CONF_OVERRIDES), overrides);
		return EX_CONFIG;
	}
	if (user[0] != '\0' && !daemon_user_exists(user)) {
		log_fatal("%s: user = %s: there is no such user", conf_where(conf, CONF_USER),
		    user);
		return EX_CONFIG;
	}
	/* The library looks at it only when it recurses. */
	if (hints[0] != '\0' && access(hints, R_OK) != 0) {
		log_fatal("%s: root_hints = %s: %s", conf_where(conf, CONF_ROOT_HINTS), hints,
		    strerror(errno));
		return EX_CONFIG;
	}
	return EX_OK;
}

/* ---- The context ---- */

static int status_of(int error)
{
	switch (error) {
	case DANESTS_EINVAL:
	case DANESTS_ERESOLVER:
	case DANESTS_ETRUST:
		return EX_CONFIG;
	default:
		return EX_OSERR;
	}
}

/* The cache is shared in halves: what the library learnt, and what it made of it. */
static size_t memo_share(const struct conf *conf)
{
	return (size_t)conf_number(conf, CONF_CACHE_SIZE) / 2;
}

static int set_one(danests *ctx, const struct conf *conf, enum conf_id id)
{
	const char *name = conf_table[id].name, *text = conf_text(conf, id), *problem;
	uint64_t share = conf_number(conf, CONF_CACHE_SIZE) - memo_share(conf);
	char size[24];
	int r;

	if (id == CONF_CACHE_SIZE) {
		snprintf(size, sizeof(size), "%" PRIu64,
		    share > START_MIN_CACHE ? share : START_MIN_CACHE);
		text = size;
	}
	if (text[0] == '\0')
		return EX_OK;
	r = danests_set(ctx, name, text);
	if (r == DANESTS_OK)
		return EX_OK;
	problem = danests_problem(ctx);
	log_fatal("%s: %s", conf_where(conf, id), problem[0] != '\0' ? problem :
	    danests_strerror(r));
	return status_of(r);
}

/* Where the parameter was set that the library's words are about; "" when all it
 * speaks of are defaults. */
static void blame(char *where, size_t size, const struct conf *conf, int error,
    const char *problem)
{
	/* In this order: a resolver is to blame before the mode that cannot use it. */
	static const struct {
		const char *words;
		enum conf_id id;
	} rows[] = {
		{ "trust anchor", CONF_TRUST_ANCHOR },
		{ "root_hints",   CONF_ROOT_HINTS },
		{ "resolver",     CONF_RESOLVER },
		{ "dnssec",       CONF_DNSSEC },
	};
	enum conf_id id = CONF_COUNT;

	where[0] = '\0';
	if (error == DANESTS_ETRUST)
		id = CONF_CA_FILE;
	else if (error == DANESTS_EINVAL || error == DANESTS_ERESOLVER)
		for (size_t i = 0; i < COUNT_OF(rows) && id == CONF_COUNT; i++)
			if (conf_is_set(conf, rows[i].id) && strstr(problem, rows[i].words))
				id = rows[i].id;
	if (id == CONF_COUNT || !conf_is_set(conf, id))
		return;
	if (strncmp(problem, conf_table[id].name, strlen(conf_table[id].name)) == 0)
		text_format(where, size, "%s: ", conf_where(conf, id));
	else
		text_format(where, size, "%s: %s: ", conf_where(conf, id), conf_table[id].name);
}

static int open_context(danests *ctx, const struct conf *conf)
{
	char stub[PATH_MAX], where[CONF_PROBLEM];
	const char *problem;
	int r, status;

	if (self_stub(stub, sizeof(stub)) && (r = danests_set_stub(ctx, stub)) != DANESTS_OK) {
		log_fatal("%s: %s", stub, danests_strerror(r));
		return EX_SOFTWARE;
	}
	for (size_t id = 0; id < CONF_COUNT; id++) {
		if (!conf_table[id].library)
			continue;
		status = set_one(ctx, conf, (enum conf_id)id);
		if (status != EX_OK)
			return status;
	}
	status = set_one(ctx, conf, CONF_CACHE_SIZE);
	if (status != EX_OK)
		return status;
	r = danests_open(ctx);
	if (r == DANESTS_OK)
		return EX_OK;
	problem = danests_problem(ctx);
	blame(where, sizeof(where), conf, r, problem);
	log_fatal("%s%s", where, problem[0] != '\0' ? problem : danests_strerror(r));
	return status_of(r);
}

struct opening {
	danests *ctx;
	const struct conf *conf;
	int status;
};

static void open_it(void *arg)
{
	struct opening *o = arg;

	o->status = open_context(o->ctx, o->conf);
}

int start_context(const struct conf *conf, danests **out)
{
	struct opening o = { .conf = conf };
	int r = danests_new(&o.ctx);

	if (r != DANESTS_OK) {
		log_fatal("%s", danests_strerror(r));
		return EX_OSERR;
	}
	yield_while(open_it, &o); /* it may start the helper of trust-ad */
	if (o.status == EX_OK)
		*out = o.ctx;
	else
		danests_free(o.ctx);
	return o.status;
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
		.memo_bytes = memo_share(conf),
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
