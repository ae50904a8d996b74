/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * danests cache export --format postfix and cdb: what Postfix would be told of every
 * destination with a policy of mode enforce, and what local decisions say. Asked of the
 * service, so that a domain with usable TLSA records gets dane-only here, too (RFC 8461
 * section 2, S1).
 */
#include "tools/cache_table.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/text.h"
#include "ctl/grow.h"
#include "ctl/proto.h"

#define TABLE_SHOWN 3                    /* names that are told of those without an answer */
#define TABLE_MODE 0644 /* Postfix reads it, as whatever user */
#define TABLE_BATCH_OCTETS (PROTO_MAX_LINE / 2)

int table_complain(const struct table *table, int code)
{
	if (code == EX_OSERR)
		tool_complain("cache", "out of memory");
	else
		tool_complain("cache", "%s: %s", table->cache->out != NULL ? table->cache->out :
		    "standard output", strerror(errno));
	return code;
}

/* ---- What is in it ---- */

static int take_policy(void *arg, const json_t *line)
{
	const json_t *policy = json_object_get(line, "policy");
	const char *domain = json_string_value(json_object_get(policy, "domain"));
	struct table *table = arg;

	if (domain == NULL || json_object_set(table->names, domain,
	    json_object_get(policy, "expires")) != 0)
		return table_complain(table, EX_OSERR);
	return EX_OK;
}

/* "OK secure ..." as a table has it; NULL: not in a table. */
static const char *table_value(const char *reply)
{
	return strncmp(reply, "OK ", 3) == 0 && reply[3] != '\0' ? reply + 3 : NULL;
}

static int put_row(struct table *table, const char *key, const char *value)
{
	return json_object_set_new(table->rows, key, grow_text(value)) == 0 ? EX_OK :
	    table_complain(table, EX_OSERR);
}

/* A decision for a name is asked for like a policy; one for all below it is written as
 * it stands: Postfix looks for ".parent" keys by itself. */
static int take_override(void *arg, const json_t *line)
{
	const json_t *override = json_object_get(line, "override");
	const char *key = json_string_value(json_object_get(override, "key"));
	const char *reply = json_string_value(json_object_get(override, "reply"));
	struct table *table = arg;

	if (key == NULL || reply == NULL || table_value(reply) == NULL)
		return EX_OK;
	if (key[0] == '.')
		return put_row(table, key, table_value(reply));
	if (json_object_get(table->names, key) == NULL &&
	    json_object_set_new(table->names, key, json_null()) != 0)
		return table_complain(table, EX_OSERR);
	return EX_OK;
}

/* ---- What it says ---- */

static int take_answer(void *arg, const json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "name"));
	const char *reply = json_string_value(json_object_get(line, "reply")), *expires;
	struct table *table = arg;

	if (name == NULL || reply == NULL)
		return EX_OK;
	if (table_value(reply) != NULL) {
		expires = json_string_value(json_object_get(table->names, name));
		if (expires != NULL && (table->first == NULL || strcmp(expires, table->first) < 0))
			table->first = expires;
		return put_row(table, name, table_value(reply));
	}
	if (strncmp(reply, "NOTFOUND", 8) == 0)
		table->absent++;
	else if (json_object_set_new(table->again, name, grow_text(reply)) != 0)
		return table_complain(table, EX_OSERR);
	return EX_OK;
}

static int ask_batch(struct table *table, struct grow *batch)
{
	struct grow request = grow_object();

	grow_put(&request, "do", grow_text("answer"));
	grow_put(&request, "names", grow_done(batch));
	return cache_lines(table->cache, grow_done(&request), take_answer, table, NULL);
}

/* The service works on many of them at a time. */
static int ask_all(struct table *table, json_t *names)
{
	struct grow batch = grow_array();
	size_t octets = 0;
	const char *name;
	json_t *value;
	int code = EX_OK;

	json_object_foreach(names, name, value) {
		if (octets > TABLE_BATCH_OCTETS || json_array_size(batch.at) == PROTO_MAX_NAMES) {
			code = ask_batch(table, &batch);
			batch = grow_array();
			octets = 0;
		}
		if (code != EX_OK)
			break;
		grow_add(&batch, grow_text(name));
		octets += strlen(name) + 3;
	}
	if (code == EX_OK && (batch.bad || json_array_size(batch.at) > 0))
		return ask_batch(table, &batch);
	json_decref(grow_done(&batch));
	return code;
}

/* Those without an answer once more: most trouble of DNS is over soon. */
static int ask_again(struct table *table)
{
	json_t *names = table->again;
	int code;

	table->again = json_object();
	code = table->again != NULL ? ask_all(table, names) : table_complain(table, EX_OSERR);
	json_decref(names);
	return code;
}

/* ---- Writing ---- */

/* Mail for a destination that is left out goes unprotected: the table that is there
 * already is the better one, unless the administrator decides otherwise. */
static int judge(const struct table *table)
{
	size_t count = json_object_size(table->again), shown = 0;
	const char *name;
	json_t *reply;

	if (count == 0)
		return EX_OK;
	json_object_foreach(table->again, name, reply)
		if (shown++ < TABLE_SHOWN)
			tool_complain("cache", "%s: %s", name, json_string_value(reply));
	tool_complain("cache", "%zu of %zu destinations have no answer now; %s", count,
	    json_object_size(table->names), table->cache->partial ? "they are left out" :
	    "nothing is written (--partial would leave them out)");
	return EX_TEMPFAIL;
}

static int write_to(const struct table *table, int fd)
{
	bool cdb = strcmp(table->cache->format, "cdb") == 0;

	return cdb ? table_write_cdb(table, fd) : table_write_text(table, fd);
}

static int write_table(const struct table *table)
{
	struct aside aside;
	int code;

	if (table->cache->out == NULL) {
		code = write_to(table, STDOUT_FILENO);
		return code == EX_OK ? EX_OK : table_complain(table, code);
	}
	code = aside_open(&aside, table->cache->out, TABLE_MODE);
	if (code == EX_OK)
		code = write_to(table, aside.fd);
	if (code == EX_OK)
		code = aside_commit(&aside);
	if (code != EX_OK)
		table_complain(table, code);
	aside_abort(&aside);
	return code;
}

static int make(struct table *table)
{
	int code, judged;

	if (table->names == NULL || table->again == NULL || table->rows == NULL)
		return table_complain(table, EX_OSERR);
	table->cache->mode = "enforce";
	code = cache_lines(table->cache, cache_request(table->cache, "list"), take_policy, table,
	    NULL);
	table->cache->mode = NULL;
	if (code == EX_OK)
		code = cache_lines(table->cache, cache_request(table->cache, "overrides"),
		    take_override, table, NULL);
	if (code == EX_OK)
		code = ask_all(table, table->names);
	if (code == EX_OK && json_object_size(table->again) > 0)
		code = ask_again(table);
	if (code != EX_OK)
		return code;
	judged = judge(table);
	if (judged == EX_OK || table->cache->partial)
		code = write_table(table);
	return code == EX_OK ? judged : code;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && strcmp(text + len - end_len, end) == 0;
}

int cache_table(struct cache *cache)
{
	struct table table = {
		.cache = cache, .names = json_object(), .again = json_object(),
		.rows = json_object(),
	};
	int code = EX_USAGE;

	if (cache->mode != NULL)
		tool_complain("cache", "--mode is for --format json: a table has mode enforce");
	else if (strcmp(cache->format, "cdb") == 0 &&
	    (cache->out == NULL || !ends_with(cache->out, ".cdb")))
		tool_complain("cache", "--format cdb needs -o FILE with a name that ends in .cdb:"
		    " for cdb:NAME Postfix opens NAME.cdb");
	else
		code = make(&table);
	json_decref(table.names);
	json_decref(table.again);
	json_decref(table.rows);
	return code;
}
