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
#include "plugin/lines.h"
#include "plugin/logline.h"
#include "plugin/model.h"
#include "plugin/start.h"

#define RELOAD_MAX_FILE ((size_t)1 << 28) /* of overrides, as when they are read */

/* What a process cannot change that has given up its privileges, and holds a lock. */
static const enum conf_id fixed[] = { CONF_USER, CONF_CACHE_DIR };

/* What the replies rest on that are remembered. */
static const enum conf_id decisive[] = {
	CONF_RESOLVER, CONF_ROOT_HINTS, CONF_DNSSEC, CONF_TRUST_ANCHOR, CONF_INSECURE_MX,
	CONF_DANE_STS_MIXED, CONF_REPORT_TESTING, CONF_OVERRIDES,
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
	struct overrides *overrides;
	danests *model;
	struct endpoints endpoints;
	struct memo memo;        /* the old one, to be freed */
	int status;              /* not EX_OK: it is refused, with this problem */
	char problem[MODEL_PROBLEM];
	char kept[128];          /* names of fixed parameters that were to change */
	uint64_t print, old_print; /* of the file of overrides */
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
	(void)ctx;
	clear(CONTAINER_OF(errand, struct reload, errand));
}

static void swept(struct errand *errand)
{
	over(CONTAINER_OF(errand, struct reload, errand));
}

static void refuse(struct reload *r)
{
	log_line(LOG_ERR, "reload refused: %s; the running configuration stays", r->problem);
	r->service->desk->stats.reloads_refused++;
	r->service->desk->stats.reload_refused = true;
	endpoints_drop(&r->endpoints);
	daemon_ready();
	go(r, STAGE_SWEEP, sweep, swept);
}

/* ---- It is in force ---- */

static bool is_decisive(const struct reload *r)
{
	const struct conf *old = r->service->conf;

	if (r->print != r->old_print || conf_number(&r->conf, CONF_CACHE_SIZE) <
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
		    r->print != r->old_print ? ", read anew" : "");
	log_line(LOG_NOTICE, "reloaded:%s", names.len == 0 ? " nothing has changed" :
	    names.bad ? " out of memory for the names of what has changed" :
	    names.data + (names.data[0] == ';'));
	buf_free(&names);
	if (r->kept[0] != '\0')
		log_line(LOG_WARNING, "reload: %s can only change at a restart; in force is"
		    " what was", r->kept);
}

/* Room for more clients, as far as we may. */
static void make_room(const struct conf *old, const struct conf *now)
{
	char problem[DAEMON_PROBLEM];

	if (start_descriptors(now) > start_descriptors(old) &&
	    !daemon_descriptors(start_descriptors(now), problem))
		log_line(LOG_WARNING, "%s", problem);
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
	options = start_options(s->conf);
	options.overrides = s->overrides;
	desk_configure(s->desk, &options, anew ? &r->memo : NULL);
	make_room(&old, s->conf);
	endpoints_adopt(&r->endpoints, s);
	report(r, &old);
	s->desk->stats.reloads++;
	s->desk->stats.reload_refused = false;
	r->conf = old;
	r->overrides = overrides;
	r->old_print = r->print;
	daemon_ready();
	go(r, STAGE_SWEEP, sweep, swept);
}

/* ---- The library changes ---- */

static void change(struct errand *errand, danests *ctx)
{
	struct reload *r = CONTAINER_OF(errand, struct reload, errand);
	int result = danests_change(ctx, r->model);

	r->status = result == DANESTS_OK ? EX_OK : model_blame(ctx, &r->conf, result, r->problem);
}

static void changed(struct errand *errand)
{
	struct reload *r = CONTAINER_OF(errand, struct reload, errand);

	if (r->status == EX_OK)
		apply(r);
	else
		refuse(r);
}

/* ---- Reading and checking ---- */

/* Of a file's content; read before the file is used, so that what is written to it in
 * between makes a difference the next time. 0: there is none. */
static uint64_t fingerprint(const char *path)
{
	static const uint64_t seed[2] = { 1, 2 };
	char problem[LINES_PROBLEM];
	struct buf text = {0};
	uint64_t print = 0;

	if (path[0] != '\0' && lines_load(&text, path, RELOAD_MAX_FILE, true, problem))
		print = map_hash(seed, text.data, text.len) | 1;
	buf_free(&text);
	return print;
}

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

static int read_all(struct reload *r)
{
	char problem[CONF_PROBLEM];
	int status;

	if (!conf_load(&r->conf, r->service->sources, problem)) {
		text_format(r->problem, sizeof(r->problem), "%s", problem);
		return EX_CONFIG;
	}
	r->print = fingerprint(conf_text(&r->conf, CONF_OVERRIDES));
	status = model_check(&r->conf, &r->overrides, r->problem);
	if (status != EX_OK)
		return status;
	if (!keep_fixed(r)) {
		text_format(r->problem, sizeof(r->problem), "out of memory");
		return EX_OSERR;
	}
	return model_make(&r->model, &r->conf, r->problem);
}

static void read_it(struct errand *errand, danests *ctx)
{
	struct reload *r = CONTAINER_OF(errand, struct reload, errand);

	(void)ctx;
	r->status = read_all(r);
}

static void has_read(struct errand *errand)
{
	struct reload *r = CONTAINER_OF(errand, struct reload, errand);

	if (r->status != EX_OK || !endpoints_open(&r->endpoints, &r->conf, r->service, r->problem))
		refuse(r);
	else
		go(r, STAGE_CHANGE, change, changed);
}

/* ---- Life ---- */

void reload_begin(struct reload *r)
{
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
