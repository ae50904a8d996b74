/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/reload.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>

#include "base/buf.h"
#include "base/text.h"
#include "plugin/daemon.h"
#include "plugin/endpoints.h"
#include "plugin/logline.h"
#include "plugin/model.h"
#include "plugin/start.h"

#define RELOAD_FREE 4096 /* overrides freed in one errand */

/* What a process cannot change that has given up its privileges, and holds a lock. */
static const enum conf_id fixed[] = { CONF_USER, CONF_CACHE_DIR };

/* What the replies rest on that are remembered; besides DNSSEC: the library tells when
 * that rests on other things, which are not all in the configuration. */
static const enum conf_id decisive[] = {
	CONF_INSECURE_MX, CONF_DANE_STS_MIXED, CONF_REPORT_TESTING, CONF_OVERRIDES,
};

/* In this order; from the second on the new configuration is whole, and from the fourth
 * on in force. */
enum stage { STAGE_IDLE, STAGE_READ, STAGE_CHANGE, STAGE_SWEEP };

struct reload {
	struct service *service;
	enum stage stage;        /* the errand is at the worker, unless it is idle */
	bool again;
	struct errand errand;
	struct conf conf;        /* the new one; then the old one, to be freed */
	struct overrides_reader *reader; /* while it is at work */
	struct overrides *overrides; /* as conf */
	danests *model;
	struct endpoints endpoints;
	struct memo memo;        /* the old one, to be freed */
	int status;              /* not EX_OK: it is refused, with this problem */
	char problem[MODEL_PROBLEM];
	char kept[128];          /* names of fixed parameters that were to change */
	char room[DAEMON_PROBLEM]; /* why there is none for more clients */
};

/* ---- One stage after the other ---- */

static void go(struct reload *r, enum stage stage, void (*run)(struct errand *, danests *),
    void (*done)(struct errand *))
{
	r->stage = stage;
	r->errand = (struct errand){ .run = run, .done = done };
	worker_call(r->service->worker, &r->errand);
}

static void clear(struct reload *r)
{
	endpoints_drop(&r->endpoints);
	danests_free(r->model);
	r->model = NULL;
	overrides_reader_free(r->reader);
	r->reader = NULL;
	overrides_free(r->overrides);
	r->overrides = NULL;
	conf_free(&r->conf);
	memo_free(&r->memo);
	r->memo = (struct memo){0};
}

static void over(struct reload *r)
{
	bool again = r->again;

	r->stage = STAGE_IDLE;
	r->again = false;
	if (again)
		reload_begin(r);
}

/* ---- What is left to free, which may be a lot ---- */

static void sweep(struct errand *errand, danests *ctx)
{
	struct reload *r = CONTAINER_OF(errand, struct reload, errand);

	(void)ctx;
	if (overrides_free_some(r->overrides, RELOAD_FREE))
		return;
	r->overrides = NULL;
	clear(r);
}

static void swept(struct errand *errand)
{
	struct reload *r = CONTAINER_OF(errand, struct reload, errand);

	if (r->overrides != NULL)
		go(r, STAGE_SWEEP, sweep, swept);
	else
		over(r);
}

/* The service ends, and has said so: it neither opens endpoints nor is ready again. */
static bool is_ending(const struct reload *r) { return r->service->desk->closing != NULL; }

static void give_up(struct reload *r)
{
	endpoints_drop(&r->endpoints);
	go(r, STAGE_SWEEP, sweep, swept);
}

static void refuse(struct reload *r)
{
	log_line(LOG_ERR, "reload refused: %s; the running configuration stays", r->problem);
	r->service->desk->stats.reloads_refused++;
	r->service->desk->stats.reload_refused = true;
	daemon_ready();
	give_up(r);
}

/* ---- It is in force ---- */

static bool is_read_anew(const struct reload *r)
{
	return overrides_print(r->overrides) != overrides_print(r->service->overrides);
}

static bool is_decisive(const struct reload *r)
{
	const struct conf *old = r->service->conf;

	if (is_read_anew(r) || conf_number(&r->conf, CONF_CACHE_SIZE) <
	    conf_number(old, CONF_CACHE_SIZE))
		return true;
	for (size_t i = 0; i < COUNT_OF(decisive); i++)
		if (!conf_same(&r->conf, old, decisive[i]))
			return true;
	return false;
}

static void report(const struct reload *r, const struct conf *old)
{
	const struct overrides *overrides = r->service->overrides;
	struct buf names = {0};

	for (size_t id = 0; id < CONF_COUNT; id++)
		if (!conf_same(r->service->conf, old, (enum conf_id)id))
			buf_printf(&names, "%s%s", names.len > 0 ? ", " : " changed: ",
			    conf_table[id].name);
	if (overrides != NULL)
		buf_printf(&names, "; %zu overrides%s", overrides_count(overrides),
		    is_read_anew(r) ? ", read anew" : "");
	log_line(LOG_NOTICE, "reloaded:%s", names.len == 0 ? " nothing has changed" :
	    names.bad ? " out of memory for the names of what has changed" :
	    names.data + (names.data[0] == ';'));
	buf_free(&names);
	if (r->kept[0] != '\0')
		log_line(LOG_WARNING, "reload: %s can only change at a restart; in force is"
		    " what was", r->kept);
	if (r->room[0] != '\0')
		log_line(LOG_WARNING, "%s", r->room);
}

static void apply(struct reload *r)
{
	struct service *s = r->service;
	struct overrides *overrides = s->overrides;
	struct conf old = *s->conf;
	bool anew = is_decisive(r);
	struct desk_options options;

	*s->conf = r->conf;
	s->overrides = r->overrides;
	options = start_options(s->conf, s->overrides);
	desk_configure(s->desk, &options, anew ? &r->memo : NULL);
	endpoints_adopt(&r->endpoints, s);
	r->conf = old;
	r->overrides = overrides;
	report(r, &old);
	s->desk->stats.reloads++;
	s->desk->stats.reload_refused = false;
	daemon_ready();
	go(r, STAGE_SWEEP, sweep, swept);
}

/* ---- The library changes ---- */

/* For more clients, as far as we may: here, for it may take the system long. */
static void make_room(struct reload *r)
{
	size_t count = start_descriptors(&r->conf);

	r->room[0] = '\0';
	if (count > start_descriptors(r->service->conf))
		(void)daemon_descriptors(count, r->room);
}

static void change(struct errand *errand, danests *ctx)
{
	struct reload *r = CONTAINER_OF(errand, struct reload, errand);
	int result = danests_change(ctx, r->model);

	r->status = result == DANESTS_OK ? EX_OK : model_blame(ctx, &r->conf, result, r->problem);
	if (r->status == EX_OK)
		make_room(r);
}

static void changed(struct errand *errand)
{
	struct reload *r = CONTAINER_OF(errand, struct reload, errand);

	if (is_ending(r))
		give_up(r);
	else if (r->status == EX_OK)
		apply(r);
	else
		refuse(r);
}

/* ---- Reading and checking ---- */

/* A default that could not be had at the start is given up, and that was told then. */
static bool was_given_up(const struct conf *now, const struct conf *fresh, enum conf_id id)
{
	return strcmp(conf_where(now, id), "default") == 0 && !conf_is_set(fresh, id);
}

static bool keep_fixed(struct reload *r)
{
	const struct conf *now = r->service->conf;

	r->kept[0] = '\0';
	for (size_t i = 0; i < COUNT_OF(fixed); i++) {
		size_t len = strlen(r->kept);

		if (conf_same(&r->conf, now, fixed[i]))
			continue;
		if (!was_given_up(now, &r->conf, fixed[i]))
			text_format(r->kept + len, sizeof(r->kept) - len, "%s%s",
			    len > 0 ? ", " : "", conf_table[fixed[i]].name);
		if (!conf_keep(&r->conf, now, fixed[i]))
			return false;
	}
	return true;
}

static int read_conf(struct reload *r)
{
	char problem[CONF_PROBLEM];
	const char *file;
	int status;

	if (!conf_load(&r->conf, r->service->sources, problem)) {
		text_format(r->problem, sizeof(r->problem), "%s", problem);
		return EX_CONFIG;
	}
	status = model_possible(&r->conf, r->problem);
	if (status != EX_OK)
		return status;
	if (!keep_fixed(r)) {
		text_format(r->problem, sizeof(r->problem), "out of memory");
		return EX_OSERR;
	}
	status = model_make(&r->model, &r->conf, r->problem);
	file = conf_text(&r->conf, CONF_OVERRIDES);
	if (status != EX_OK || file[0] == '\0' || overrides_begin(&r->reader, file, problem))
		return status;
	text_format(r->problem, sizeof(r->problem), "%s", problem);
	return EX_CONFIG;
}

/* Some more of them. */
static int read_overrides(struct reload *r)
{
	char problem[OVERRIDES_PROBLEM];
	enum overrides_step step = overrides_go_on(r->reader, &r->overrides, problem);

	if (step == OVERRIDES_MORE)
		return EX_OK;
	overrides_reader_free(r->reader);
	r->reader = NULL;
	if (step == OVERRIDES_DONE)
		return EX_OK;
	text_format(r->problem, sizeof(r->problem), "%s", problem);
	return EX_CONFIG;
}

/* A piece at a time: lookups go on in between. */
static void read_it(struct errand *errand, danests *ctx)
{
	struct reload *r = CONTAINER_OF(errand, struct reload, errand);

	(void)ctx;
	r->status = r->reader == NULL ? read_conf(r) : read_overrides(r);
}

static void has_read(struct errand *errand)
{
	struct reload *r = CONTAINER_OF(errand, struct reload, errand);

	if (is_ending(r))
		give_up(r);
	else if (r->status == EX_OK && r->reader != NULL)
		go(r, STAGE_READ, read_it, has_read);
	else if (r->status != EX_OK ||
	    !endpoints_open(&r->endpoints, &r->conf, r->service, r->problem))
		refuse(r);
	else
		go(r, STAGE_CHANGE, change, changed);
}

/* ---- Life ---- */

void reload_begin(struct reload *r)
{
	if (is_ending(r))
		return;
	if (r->stage != STAGE_IDLE) {
		r->again = true;
		return;
	}
	daemon_reloading();
	go(r, STAGE_READ, read_it, has_read);
}

int reload_new(struct reload **out, struct service *service)
{
	struct reload *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return DANESTS_ENOMEM;
	r->service = service;
	*out = r;
	return DANESTS_OK;
}

void reload_free(struct reload *r)
{
	if (r == NULL)
		return;
	clear(r);
	free(r);
}
