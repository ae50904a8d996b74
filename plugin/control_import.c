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
	struct request request;
	int code; /* of sysexits.h */
	bool older;
	char problem[REQUEST_PROBLEM];
};

struct control_imports {
	size_t count;
	struct import each[IMPORT_MOST];
};

void control_imports_free(struct control_conn *c)
{
	if (c->imports == NULL)
		return;
	for (size_t i = 0; i < c->imports->count; i++)
		request_free(&c->imports->each[i].request);
	free(c->imports);
	c->imports = NULL;
}

static void import_one(struct control_conn *c, struct import *im, danests *ctx)
{
	const struct danests_held *new = &im->request.held;
	char domain[DANESTS_NEXTHOP_MAX + 1];
	struct danests_held held;

	if (!im->request.replace && control_domain(new->domain, domain) &&
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

static void work(struct control_conn *c, danests *ctx)
{
	for (size_t i = 0; i < c->imports->count; i++)
		if (c->imports->each[i].code == EX_OK)
			import_one(c, &c->imports->each[i], ctx);
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
	const size_t words = sizeof(import_words) - 1;
	struct control_imports *all = c->imports;
	bool good = true;
	size_t len;

	while (good && all->count < IMPORT_MOST && control_peek(c, &len) && len > words &&
	    memcmp(c->in.data, import_words, words) == 0) {
		struct import *im = &all->each[all->count++];

		im->code = control_read(c, len, &im->request, im->problem);
		good = im->code == EX_OK || im->code == EX_DATAERR;
	}
}

void control_import(struct control_conn *c)
{
	c->imports = calloc(1, sizeof(*c->imports));
	if (c->imports == NULL) {
		control_no_memory(c);
		return;
	}
	c->imports->count = 1;
	c->imports->each[0].request = c->request;
	c->request = (struct request){0};
	gather(c);
	control_errand(c, work, home);
}
