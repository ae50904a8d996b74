/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/request.h"

#include <string.h>
#include <sysexits.h>

#include "base/text.h"
#include "ctl/held.h"
#include "ctl/proto.h"

enum member { DO, MODE, SUFFIX, DOMAIN, DOMAINS, NAME, NAMES, ALL, REPLACE, POLICY, MEMBERS };
#define BIT(member) (1u << (member))

#define REQUEST_VALUES (PROTO_MAX_NAMES + 100)

static const char *const members[MEMBERS] = {
	[DO] = "do", [MODE] = "mode", [SUFFIX] = "suffix", [DOMAIN] = "domain",
	[DOMAINS] = "domains", [NAME] = "name", [NAMES] = "names", [ALL] = "all",
	[REPLACE] = "replace", [POLICY] = "policy",
};

/* Members that each must have, and those that it may have. */
static const struct {
	const char *word;
	unsigned must, may;
} table[REQUEST_COUNT] = {
	[REQUEST_STATUS]  = { "status", 0, 0 },
	[REQUEST_LIST]    = { "list", 0, BIT(MODE) | BIT(SUFFIX) },
	[REQUEST_EXPORT]  = { "export", 0, BIT(MODE) | BIT(SUFFIX) },
	[REQUEST_GET]     = { "get", BIT(DOMAIN), 0 },
	[REQUEST_PURGE]   = { "purge", 0, BIT(DOMAINS) | BIT(ALL) },
	[REQUEST_IMPORT]  = { "import", BIT(POLICY), BIT(REPLACE) },
	[REQUEST_SYNC]    = { "sync", 0, 0 },
	[REQUEST_OVERRIDES] = { "overrides", 0, 0 },
	[REQUEST_EXPLAIN] = { "explain", BIT(NAME), 0 },
	[REQUEST_ANSWER]  = { "answer", BIT(NAMES), 0 },
};

static int refuse(char *problem, const char *what, const char *detail, const char *after)
{
	char shown[64];

	text_printable(shown, sizeof(shown), detail, strlen(detail));
	text_format(problem, REQUEST_PROBLEM, "%s%s%s", what, shown, after);
	return EX_USAGE;
}

static int read_mode(struct request *out, const json_t *value, char *problem)
{
	const char *word = json_string_value(value);

	for (int mode = DANESTS_STS_NONE; word != NULL && mode <= DANESTS_STS_ENFORCE; mode++) {
		if (strcmp(word, danests_sts_state_name((enum danests_sts_state)mode)) != 0)
			continue;
		out->mode = mode;
		return EX_OK;
	}
	return refuse(problem, "\"mode\" must be none, testing or enforce", "", "");
}

static int read_names(struct request *out, const json_t *value, const char *member, char *problem)
{
	const json_t *each;
	size_t i;

	if (!json_is_array(value))
		return refuse(problem, "\"", member, "\" must be an array of strings");
	if (json_array_size(value) > PROTO_MAX_NAMES)
		return refuse(problem, "\"", member, "\" has too many of them");
	json_array_foreach(value, i, each)
		if (!json_is_string(each))
			return refuse(problem, "\"", member, "\" must be an array of strings");
	out->names = value;
	return EX_OK;
}

static int read_member(struct request *out, enum member m, const json_t *value, char *problem)
{
	switch (m) {
	case MODE:
		return read_mode(out, value, problem);
	case SUFFIX:
	case DOMAIN:
	case NAME:
		out->name = json_string_value(value);
		return out->name != NULL ? EX_OK :
		    refuse(problem, "\"", members[m], "\" must be a string");
	case DOMAINS:
	case NAMES:
		return read_names(out, value, members[m], problem);
	case ALL:
	case REPLACE:
		*(m == ALL ? &out->all : &out->replace) = json_is_true(value);
		return json_is_boolean(value) ? EX_OK :
		    refuse(problem, "\"", members[m], "\" must be true or false");
	case POLICY:
		return held_read(value, &out->held, &out->bytes, problem) ? EX_OK : EX_DATAERR;
	default:
		return EX_OK;
	}
}

static int read_do(struct request *out, char *problem)
{
	const char *word = json_string_value(json_object_get(out->root, "do"));

	if (word == NULL)
		return refuse(problem, "not an object with a string \"do\"", "", "");
	for (int i = 0; i < REQUEST_COUNT; i++) {
		if (strcmp(word, table[i].word) != 0)
			continue;
		out->what = (enum request_do)i;
		return EX_OK;
	}
	return refuse(problem, "there is no \"", word, "\" to do");
}

static int read_members(struct request *out, char *problem)
{
	unsigned seen = 0, may = table[out->what].must | table[out->what].may | BIT(DO);
	const char *name;
	json_t *value;

	json_object_foreach(out->root, name, value) {
		enum member m = DO;
		int r;

		while (m < MEMBERS && strcmp(name, members[m]) != 0)
			m++;
		if (m == MEMBERS || (may & BIT(m)) == 0)
			return refuse(problem, "it has no \"", name, "\"");
		seen |= BIT(m);
		if ((r = read_member(out, m, value, problem)) != EX_OK)
			return r;
	}
	for (enum member m = DO; m < MEMBERS; m++)
		if ((table[out->what].must & BIT(m) & ~seen) != 0)
			return refuse(problem, "\"", members[m], "\" is missing");
	return EX_OK;
}

/*
 * A value costs a parser much more than an octet does: a megabyte of them takes a tenth
 * of a second. No request has as many as this; strings are not looked into.
 */
static bool has_many_values(const char *line, size_t len)
{
	size_t count = 0;
	bool inside = false;

	for (size_t i = 0; i < len && count <= REQUEST_VALUES; i++) {
		if (line[i] == '"')
			inside = !inside;
		else if (inside && line[i] == '\\')
			i++;
		else if (!inside && (line[i] == '[' || line[i] == '{' || line[i] == ','))
			count++;
	}
	return count > REQUEST_VALUES;
}

int request_read(struct request *out, const char *line, size_t len, char problem[REQUEST_PROBLEM])
{
	json_error_t error;
	int r;

	*out = (struct request){ .mode = -1 };
	problem[0] = '\0';
	if (has_many_values(line, len))
		return refuse(problem, "the line has too many values", "", "");
	out->root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (out->root == NULL && json_error_code(&error) == json_error_out_of_memory) {
		text_format(problem, REQUEST_PROBLEM, "out of memory");
		return EX_OSERR;
	}
	if (out->root == NULL)
		return refuse(problem, "not a line of JSON: ", error.text, "");
	r = read_do(out, problem);
	if (r == EX_OK)
		r = read_members(out, problem);
	/* What is wrong may have been quoted from the line. */
	text_printable(problem, REQUEST_PROBLEM, problem, strlen(problem));
	if (r != EX_OK)
		request_free(out);
	return r;
}

void request_free(struct request *request)
{
	json_decref(request->root);
	buf_free(&request->bytes);
	*request = (struct request){0};
}
