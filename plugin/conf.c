/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading: "name = value" lines, without the $name expansion of main.cf. */
#include "plugin/conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "plugin/lines.h"

/* No sane configuration is larger, and /dev/zero is not a configuration. */
#define CONF_MAX_FILE (1 << 20)

static const struct conf_param *find(const char *name)
{
	for (size_t i = 0; i < CONF_COUNT; i++)
		if (strcmp(conf_table[i].name, name) == 0)
			return &conf_table[i];
	return NULL;
}

bool conf_set(struct conf *conf, const char *name, const char *value, const char *where,
    char problem[CONF_PROBLEM])
{
	const struct conf_param *param = find(name);
	char wanted[CONF_PROBLEM], shown[80];
	char *text, *place;
	uint64_t number;
	size_t id;

	if (param == NULL) {
		text_printable(shown, sizeof(shown), name, strlen(name));
		text_format(problem, CONF_PROBLEM, "%s: there is no parameter \"%s\"", where,
		    shown);
		return false;
	}
	if (!conf_check(param, value, &number, wanted)) {
		text_printable(shown, sizeof(shown), value, strlen(value));
		text_format(problem, CONF_PROBLEM, "%s: %s = %s: %s", where, name, shown, wanted);
		return false;
	}
	text = strdup(value);
	place = strdup(where);
	if (text == NULL || place == NULL) {
		free(text);
		free(place);
		text_format(problem, CONF_PROBLEM, "%s: out of memory", where);
		return false;
	}
	id = (size_t)(param - conf_table);
	free(conf->set[id].text);
	free(conf->set[id].where);
	conf->set[id].text = text;
	conf->set[id].where = place;
	return true;
}

/* "name = value", blanks around both forgiven. text is changed. */
static bool set_pair(struct conf *conf, char *text, const char *where,
    char problem[CONF_PROBLEM])
{
	char *equals = strchr(text, '='), *name = text, *value, *end;

	if (equals == NULL) {
		char shown[80];

		text_printable(shown, sizeof(shown), text, strlen(text));
		text_format(problem, CONF_PROBLEM,
		    "%s: \"%s\" is not \"name = value\"", where, shown);
		return false;
	}
	value = equals + 1;
	while (text_is_blank(*name))
		name++;
	for (end = equals; end > name && text_is_blank(end[-1]); end--)
		;
	*end = '\0';
	while (text_is_blank(*value))
		value++;
	for (end = value + strlen(value); end > value && text_is_blank(end[-1]); end--)
		;
	*end = '\0';
	return conf_set(conf, name, value, where, problem);
}

bool conf_option(struct conf *conf, const char *option, char problem[CONF_PROBLEM])
{
	char *copy = strdup(option);
	bool ok;

	if (copy == NULL) {
		text_format(problem, CONF_PROBLEM, "-o: out of memory");
		return false;
	}
	ok = set_pair(conf, copy, "-o", problem);
	free(copy);
	return ok;
}

struct reading {
	struct conf *conf;
	const char *file;
};

static bool set_line(void *arg, size_t number, char *line, size_t len,
    char problem[CONF_PROBLEM])
{
	struct reading *r = arg;
	char where[300];

	(void)len;
	text_format(where, sizeof(where), "%s:%zu", r->file, number);
	return set_pair(r->conf, line, where, problem);
}

bool conf_parse(struct conf *conf, const char *file, const char *text, size_t len,
    char problem[CONF_PROBLEM])
{
	struct reading r = { conf, file };

	return lines_each(file, text, len, set_line, &r, problem);
}

bool conf_read(struct conf *conf, const char *path, bool may_be_missing,
    char problem[CONF_PROBLEM])
{
	struct buf text = {0};
	bool ok = lines_load(&text, path, CONF_MAX_FILE, may_be_missing, problem) &&
	    conf_parse(conf, path, text.data, text.len, problem);

	buf_free(&text);
	return ok;
}

bool conf_load(struct conf *conf, const struct conf_sources *from, char problem[CONF_PROBLEM])
{
	bool ok = conf_read(conf, from->file, from->may_be_missing, problem);

	for (size_t i = 0; i < from->option_count && ok; i++)
		ok = conf_option(conf, from->options[i], problem);
	return ok;
}

void conf_free(struct conf *conf)
{
	for (size_t i = 0; i < CONF_COUNT; i++) {
		free(conf->set[i].text);
		free(conf->set[i].where);
	}
	*conf = (struct conf){0};
}

bool conf_is_set(const struct conf *conf, enum conf_id id)
{
	return conf->set[id].text != NULL;
}

const char *conf_text(const struct conf *conf, enum conf_id id)
{
	return conf_is_set(conf, id) ? conf->set[id].text : conf_table[id].fallback;
}

const char *conf_where(const struct conf *conf, enum conf_id id)
{
	return conf_is_set(conf, id) ? conf->set[id].where : "default";
}

uint64_t conf_number(const struct conf *conf, enum conf_id id)
{
	char wanted[CONF_PROBLEM];
	uint64_t number = 0;

	conf_check(&conf_table[id], conf_text(conf, id), &number, wanted);
	return number;
}

void conf_print_defaults(FILE *to)
{
	for (size_t i = 0; i < CONF_COUNT; i++)
		fprintf(to, "%s = %s\n", conf_table[i].name, conf_table[i].fallback);
}

/* Times and sizes may be written in many ways. */
bool conf_same(const struct conf *a, const struct conf *b, enum conf_id id)
{
	switch (conf_table[id].type) {
	case CONF_TEXT:
	case CONF_ENDPOINTS:
	case CONF_ENDPOINT:
		return strcmp(conf_text(a, id), conf_text(b, id)) == 0;
	default:
		return conf_number(a, id) == conf_number(b, id);
	}
}

static bool copy_text(char **to, const char *from)
{
	char *copy = from != NULL ? strdup(from) : NULL;

	if (from != NULL && copy == NULL)
		return false;
	free(*to);
	*to = copy;
	return true;
}

bool conf_keep(struct conf *conf, const struct conf *other, enum conf_id id)
{
	return copy_text(&conf->set[id].text, other->set[id].text) &&
	    copy_text(&conf->set[id].where, other->set[id].where);
}

void conf_print_changes(const struct conf *conf, FILE *to)
{
	static const struct conf defaults;

	for (size_t i = 0; i < CONF_COUNT; i++)
		if (!conf_same(conf, &defaults, (enum conf_id)i))
			fprintf(to, "%s = %s\n", conf_table[i].name,
			    conf_text(conf, (enum conf_id)i));
}
