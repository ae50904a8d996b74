/* SPDX-License-Identifier: BSD-2-Clause */
/* danests cache import: records as export writes them, one per line. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/text.h"
#include "ctl/grow.h"
#include "ctl/proto.h"
#include "tools/cache.h"

#define IMPORT_AHEAD 256                     /* records sent before their answers are read */
#define IMPORT_MAX_LINE (PROTO_MAX_LINE - 64) /* a request has some words around it */

struct import {
	struct cache *cache;
	const char *name;           /* of the file, in complaints */
	FILE *from;
	struct buf line;
	unsigned long number;       /* of that line */
	unsigned long sent[IMPORT_AHEAD];
	size_t begin, count;        /* of sent: those without an answer yet */
	unsigned long imported, older, bad;
};

static void complain_at(struct import *im, unsigned long number, const char *what)
{
	tool_complain("cache", "%s:%lu: %s", im->name, number, what);
	im->bad++;
}

/* The answer to the oldest record. */
static int read_answer(struct import *im)
{
	struct control *control = &im->cache->control;
	unsigned long number = im->sent[im->begin];
	json_t *line = control_line(control);
	int code;

	if (line == NULL)
		return control_complain(control, EX_UNAVAILABLE);
	im->begin = (im->begin + 1) % IMPORT_AHEAD;
	im->count--;
	if (!control_is_last(control, line, &code)) {
		json_decref(line);
		text_format(control->problem, sizeof(control->problem),
		    "what came back is no answer to this request");
		return control_complain(control, EX_UNAVAILABLE);
	}
	if (code == EX_DATAERR)
		complain_at(im, number, control->problem);
	else if (code == EX_OK && json_is_true(json_object_get(line, "imported")))
		im->imported++;
	else if (code == EX_OK)
		im->older++;
	json_decref(line);
	return code == EX_OK || code == EX_DATAERR ? EX_OK : control_complain(control, code);
}

static int send_record(struct import *im, json_t *record)
{
	struct grow request = grow_object();
	int code = EX_OK;

	if (im->count == IMPORT_AHEAD)
		code = read_answer(im);
	grow_put(&request, "do", grow_text("import"));
	grow_put(&request, "replace", json_boolean(im->cache->replace));
	grow_put(&request, "policy", record);
	if (code != EX_OK) {
		json_decref(grow_done(&request));
		return code;
	}
	im->sent[(im->begin + im->count++) % IMPORT_AHEAD] = im->number;
	code = control_send(&im->cache->control, grow_done(&request));
	return code == EX_OK ? EX_OK : control_complain(&im->cache->control, code);
}

/* The next line without its end. False: there is none, or one too long, which ends it
 * all: what follows may be its rest. */
static bool next_line(struct import *im)
{
	int c;

	buf_reset(&im->line);
	im->number++;
	while ((c = getc(im->from)) != EOF && c != '\n' && !im->line.bad) {
		if (im->line.len == IMPORT_MAX_LINE) {
			complain_at(im, im->number, "the line is too long for a record; stopped there");
			return false;
		}
		buf_char(&im->line, (char)c);
	}
	return c != EOF || im->line.len > 0;
}

static int take_line(struct import *im)
{
	json_error_t error;
	json_t *record;
	char what[TOOL_PROBLEM];

	if (im->line.bad) {
		tool_complain("cache", "out of memory");
		return EX_OSERR;
	}
	if (im->line.len == 0)
		return EX_OK;
	record = json_loadb(im->line.data, im->line.len, JSON_REJECT_DUPLICATES, &error);
	if (record != NULL)
		return send_record(im, record);
	text_format(what, sizeof(what), "not a JSON record: %s (column %d)", error.text, error.column);
	complain_at(im, im->number, what);
	return EX_OK;
}

static int sync_all(struct import *im)
{
	json_t *request = json_pack("{s:s}", "do", "sync");
	int code;

	json_decref(control_call(&im->cache->control, request, &code));
	return code == EX_OK ? EX_OK : control_complain(&im->cache->control, code);
}

static int report(const struct import *im)
{
	if (im->cache->json)
		return control_print_json("cache", json_pack("{s:I,s:I,s:I}",
		    "imported", (json_int_t)im->imported, "older", (json_int_t)im->older,
		    "bad", (json_int_t)im->bad));
	printf("%lu policies imported", im->imported);
	if (im->older > 0)
		printf(", %lu older than what is held and passed over (--replace takes them)",
		    im->older);
	printf("\n");
	return EX_OK;
}

static int import_all(struct import *im)
{
	int code = EX_OK, synced;

	while (code == EX_OK && next_line(im))
		code = take_line(im);
	if (code == EX_OK && ferror(im->from)) {
		tool_complain("cache", "%s: %s", im->name, strerror(errno));
		code = EX_IOERR;
	}
	while (im->count > 0 && (code == EX_OK || code == EX_IOERR))
		if (read_answer(im) != EX_OK)
			return EX_UNAVAILABLE;
	/* Those that came through are in force: they shall last, too. */
	if (code != EX_OK && code != EX_IOERR)
		return code;
	synced = sync_all(im);
	if (synced == EX_OK)
		synced = report(im);
	if (code == EX_OK)
		code = synced;
	return code == EX_OK && im->bad > 0 ? EX_DATAERR : code;
}

int cache_import(struct cache *cache)
{
	struct import im = { .cache = cache, .name = cache->args[0], .from = stdin };
	int code;

	if (strcmp(im.name, "-") == 0)
		im.name = "standard input";
	else
		im.from = fopen(im.name, "re");
	if (im.from == NULL) {
		tool_complain("cache", "%s: %s", im.name, strerror(errno));
		return EX_NOINPUT;
	}
	code = import_all(&im);
	if (im.from != stdin)
		fclose(im.from);
	buf_free(&im.line);
	return code;
}
