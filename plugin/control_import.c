/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * import. What the worker has done is on the disk before it goes on, so records that
 * have been sent ahead go together: else each would cost a turn of the disk.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/text.h"
#include "plugin/control_impl.h"

#define IMPORT_MOST 128

/* How danests(1) begins such a line; those of others go one by one. */
static const char import_words[] = "{\"do\":\"import\"";

struct import {
	size_t at, len; /* in the lines */
	int code;       /* of sysexits.h */
	bool older;
	char problem[REQUEST_PROBLEM];
};

struct control_imports {
	struct buf lines;
	bool has_read;
	struct request request; /* if so: of the only one */
	size_t count;
	struct import each[IMPORT_MOST];
};

void control_imports_free(struct control_conn *c)
{
	if (c->imports == NULL)
		return;
	buf_free(&c->imports->lines);
	request_free(&c->imports->request);
	free(c->imports);
	c->imports = NULL;
}

static bool begins_import(const char *line, size_t len)
{
	return len > sizeof(import_words) - 1 &&
	    memcmp(line, import_words, sizeof(import_words) - 1) == 0;
}

bool control_is_import(const struct control_conn *c)
{
	return begins_import(c->in.data, c->in.len);
}

static void import_one(struct control_conn *c, struct import *im,
    const struct request *request, danests *ctx)
{
	const struct danests_held *new = &request->held;
	char domain[DANESTS_NEXTHOP_MAX + 1];
	struct danests_held held;

	if (!request->replace && control_domain(new->domain, domain) &&
	    danests_held_get(ctx, domain, &held) == 1 && held.fetched > new->fetched) {
		im->older = true;
		return;
	}
	c->result = danests_held_put(ctx, new);
	if (c->result == DANESTS_OK)
		return;
	control_keep_problem(c, ctx);
	im->code = c->result == DANESTS_ENOMEM ? EX_OSERR : EX_DATAERR;
	text_format(im->problem, sizeof(im->problem), "%s", c->problem);
}

/* Reading takes longer than the rest: not in the thread that serves. After what is no
 * request nothing more is done. */
static void work(struct control_conn *c, danests *ctx)
{
	struct control_imports *all = c->imports;
	int code = EX_OK;

	for (size_t i = 0; i < all->count && code != EX_USAGE; i++) {
		struct import *im = &all->each[i];

		if (!all->has_read)
			im->code = request_read(&all->request, all->lines.data + im->at, im->len,
			    im->problem);
		code = im->code;
		if (code == EX_OK)
			import_one(c, im, &all->request, ctx);
		else if (code == EX_USAGE)
			all->count = i + 1;
		request_free(&all->request);
	}
}

static void home(struct control_conn *c)
{
	for (size_t i = 0; i < c->imports->count; i++) {
		const struct import *im = &c->imports->each[i];
		struct grow line;

		if (im->code != EX_OK) {
			control_refuse(c, im->code, im->problem);
			continue;
		}
		line = grow_object();
		grow_put(&line, "imported", json_boolean(!im->older));
		control_ok(c, &line);
	}
	control_imports_free(c);
}

/* Lines that are there already, up to one that is something else, or nothing. */
static void gather(struct control_conn *c)
{
	struct control_imports *all = c->imports;
	const char *line, *end;
	size_t at = 0;

	while (all->count < IMPORT_MOST && at < CONTROL_READ) {
		line = c->in.data + at;
		end = begins_import(line, c->in.len - at) ? memchr(line, '\n', c->in.len - at) : NULL;
		if (end == NULL)
			break;
		all->each[all->count++] = (struct import){ .at = at, .len = (size_t)(end - line) };
		at += (size_t)(end - line) + 1;
	}
	buf_add(&all->lines, c->in.data, at);
	control_taken(c, at);
}

void control_import(struct control_conn *c)
{
	c->imports = calloc(1, sizeof(*c->imports));
	if (c->imports != NULL && c->request.root != NULL) {
		c->imports->has_read = true;
		c->imports->count = 1;
		c->imports->request = c->request;
		c->request = (struct request){0};
	} else if (c->imports != NULL) {
		gather(c);
	}
	if (c->imports == NULL || c->imports->lines.bad) {
		control_imports_free(c);
		control_no_memory(c);
		c->last = true; /* its line may be there still */
		return;
	}
	control_errand(c, work, home);
}
