/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/model.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/self.h"
#include "base/text.h"
#include "plugin/daemon.h"

#define MODEL_MIN_CACHE (UINT64_C(1) << 20) /* of the library */

/* Files that are read when it is too late to name the parameter. */
static bool can_read(const struct conf *conf, enum conf_id id, char problem[MODEL_PROBLEM])
{
	const char *file = conf_text(conf, id);

	if (file[0] == '\0' || access(file, R_OK) == 0)
		return true;
	text_format(problem, MODEL_PROBLEM, "%s: %s = %s: %s", conf_where(conf, id),
	    conf_table[id].name, file, strerror(errno));
	return false;
}

int model_possible(const struct conf *conf, char problem[MODEL_PROBLEM])
{
	const char *user = conf_text(conf, CONF_USER);

	/* Anybody on this host could change state through it. */
	if (strncmp(conf_text(conf, CONF_CONTROL), "inet:", 5) == 0) {
		text_format(problem, MODEL_PROBLEM, "%s: control = %s: must be a unix socket,"
		    " unix:PATH: every user of this host could reach it otherwise",
		    conf_where(conf, CONF_CONTROL), conf_text(conf, CONF_CONTROL));
		return EX_CONFIG;
	}
	if (user[0] != '\0' && !daemon_user_exists(user)) {
		text_format(problem, MODEL_PROBLEM, "%s: user = %s: there is no such user",
		    conf_where(conf, CONF_USER), user);
		return EX_CONFIG;
	}
	return can_read(conf, CONF_ROOT_HINTS, problem) && can_read(conf, CONF_OVERRIDES, problem) ?
	    EX_OK : EX_CONFIG;
}

int model_check(const struct conf *conf, struct overrides **overrides,
    char problem[MODEL_PROBLEM])
{
	const char *file = conf_text(conf, CONF_OVERRIDES);
	char what[OVERRIDES_PROBLEM];
	int status = model_possible(conf, problem);

	*overrides = NULL;
	if (status != EX_OK)
		return status;
	/* To pass over a local decision would be to give a wrong answer. */
	if (file[0] != '\0' && !overrides_read(overrides, file, what)) {
		text_format(problem, MODEL_PROBLEM, "%s", what);
		return EX_CONFIG;
	}
	return EX_OK;
}

size_t model_desk_share(const struct conf *conf)
{
	return (size_t)conf_number(conf, CONF_CACHE_SIZE) / 2;
}

static int status_of(int error)
{
	switch (error) {
	case DANESTS_EINVAL:
	case DANESTS_ERESOLVER:
	case DANESTS_ETRUST:
		return EX_CONFIG;
	case DANESTS_ECACHE:
		return EX_CANTCREAT;
	case DANESTS_EBUSY:
		return EX_UNAVAILABLE;
	default:
		return EX_OSERR;
	}
}

static const char *words_of(const danests *ctx, int error)
{
	const char *problem = danests_problem(ctx);

	return problem[0] != '\0' ? problem : danests_strerror(error);
}

static int set_one(danests *ctx, const struct conf *conf, enum conf_id id,
    char problem[MODEL_PROBLEM])
{
	const char *text = conf_text(conf, id);
	uint64_t share = conf_number(conf, CONF_CACHE_SIZE) - model_desk_share(conf);
	char size[24];
	int r;

	if (id == CONF_CACHE_SIZE) {
		snprintf(size, sizeof(size), "%" PRIu64,
		    share > MODEL_MIN_CACHE ? share : MODEL_MIN_CACHE);
		text = size;
	}
	if (text[0] == '\0')
		return EX_OK;
	r = danests_set(ctx, conf_table[id].name, text);
	if (r == DANESTS_OK)
		return EX_OK;
	text_format(problem, MODEL_PROBLEM, "%s: %s", conf_where(conf, id), words_of(ctx, r));
	return status_of(r);
}

static int set_all(danests *ctx, const struct conf *conf, char problem[MODEL_PROBLEM])
{
	char stub[PATH_MAX];
	int r, status = EX_OK;

	if (self_stub(stub, sizeof(stub)) && (r = danests_set_stub(ctx, stub)) != DANESTS_OK) {
		text_format(problem, MODEL_PROBLEM, "%s: %s", stub, danests_strerror(r));
		return EX_SOFTWARE;
	}
	for (size_t id = 0; id < CONF_COUNT && status == EX_OK; id++)
		if (conf_table[id].library)
			status = set_one(ctx, conf, (enum conf_id)id, problem);
	return status != EX_OK ? status : set_one(ctx, conf, CONF_CACHE_SIZE, problem);
}

int model_make(danests **out, const struct conf *conf, char problem[MODEL_PROBLEM])
{
	danests *ctx;
	int r = danests_new(&ctx), status;

	if (r != DANESTS_OK) {
		text_format(problem, MODEL_PROBLEM, "%s", danests_strerror(r));
		return EX_OSERR;
	}
	status = set_all(ctx, conf, problem);
	if (status == EX_OK)
		*out = ctx;
	else
		danests_free(ctx);
	return status;
}

/* The parameter that the library's words are about; CONF_COUNT when all it speaks of
 * are defaults. */
static enum conf_id culprit(const struct conf *conf, int error, const char *words)
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

	if (error == DANESTS_ECACHE || error == DANESTS_EBUSY)
		return conf_is_set(conf, CONF_CACHE_DIR) ? CONF_CACHE_DIR : CONF_COUNT;
	if (error == DANESTS_ETRUST)
		return conf_is_set(conf, CONF_CA_FILE) ? CONF_CA_FILE : CONF_COUNT;
	if (error != DANESTS_EINVAL && error != DANESTS_ERESOLVER)
		return CONF_COUNT;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (conf_is_set(conf, rows[i].id) && strstr(words, rows[i].words))
			return rows[i].id;
	return CONF_COUNT;
}

int model_blame(const danests *ctx, const struct conf *conf, int error,
    char problem[MODEL_PROBLEM])
{
	const char *words = words_of(ctx, error), *name;
	enum conf_id id = culprit(conf, error, words);

	if (id == CONF_COUNT) {
		text_format(problem, MODEL_PROBLEM, "%s", words);
		return status_of(error);
	}
	name = conf_table[id].name;
	if (strncmp(words, name, strlen(name)) == 0)
		text_format(problem, MODEL_PROBLEM, "%s: %s", conf_where(conf, id), words);
	else
		text_format(problem, MODEL_PROBLEM, "%s: %s: %s", conf_where(conf, id), name,
		    words);
	return status_of(error);
}
