/* SPDX-License-Identifier: BSD-2-Clause */
#include "reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

bool reader_bad(struct reader *r, const char *what, const char *word)
{
	text_format(r->world->problem, sizeof(r->world->problem), "line %u: %s%s%s", r->number,
	    what, word != NULL ? ": " : "", word != NULL ? word : "");
	return false;
}

char *reader_word(struct reader *r)
{
	char *start;

	while (text_is_blank(*r->at))
		r->at++;
	start = r->at;
	while (*r->at != '\0' && !text_is_blank(*r->at))
		r->at++;
	if (*r->at != '\0')
		*r->at++ = '\0';
	return *start != '\0' ? start : NULL;
}

static bool read_failed(struct reader *r, struct world_line *line, struct answer **out)
{
	char *word = reader_word(r);

	for (int f = FAILURE_BOGUS; word != NULL && f <= FAILURE_STS_WEBPKI; f++) {
		enum answer_failure failure = (enum answer_failure)f;
		time_t ttl = f >= FAILURE_STS_FETCH ? ANSWER_FETCH_RETRY : ANSWER_TTL_FAILED;

		if (!text_equal_nocase(answer_failure_name(failure), word))
			continue;
		while (text_is_blank(*r->at))
			r->at++;
		*out = answer_failed(line->q.kind, failure, WORLD_NOW + ttl, "%s", r->at);
		return true;
	}
	return reader_bad(r, "no way to fail", word);
}

static bool read_answer(struct reader *r, struct world_line *line, struct answer **out)
{
	char *word = reader_word(r);
	enum answer_state state;

	if (word != NULL && strcmp(word, "failed") == 0)
		return read_failed(r, line, out);
	if (word != NULL && strcmp(word, "absent") == 0) {
		word = reader_word(r);
		state = ANSWER_ABSENT_SECURE;
	} else {
		state = ANSWER_SECURE;
	}
	if (word != NULL && strcmp(word, "insecure") == 0)
		state = state == ANSWER_SECURE ? ANSWER_INSECURE : ANSWER_ABSENT_INSECURE;
	else if (word == NULL || strcmp(word, "secure") != 0)
		return reader_bad(r, "secure or insecure wanted", word);
	*out = answer_new(line->q.kind, state, WORLD_NOW + 3600);
	if (line->q.kind == QUESTION_STS && answer_set_id(*out, line->q.id) != 0)
		return reader_bad(r, "out of memory", NULL);
	return reader_data(r, *out);
}

/* KIND NAME [id=ID]: A and AAAA are halves of ADDR. */
static bool read_question(struct reader *r, char *kind, struct question *q, bool *half)
{
	char *name = reader_word(r), text[QUESTION_TEXT_MAX + 1], *id = NULL;

	*half = strcmp(kind, "A") == 0 || strcmp(kind, "AAAA") == 0;
	if (name != NULL && strcmp(kind, "STS") == 0)
		id = reader_word(r);
	if (name == NULL)
		return reader_bad(r, "no name", kind);
	text_format(text, sizeof(text), "%s %s%s%s", *half ? "ADDR" : kind, name,
	    id != NULL ? " " : "", id != NULL ? id : "");
	return question_parse(q, text, strlen(text)) == DANESTS_OK ||
	    reader_bad(r, "no question", text);
}

struct world_line *world_find(struct world *world, const struct question *q)
{
	for (size_t i = 0; i < world->count; i++) {
		if (question_equal(&world->lines[i].q, q))
			return &world->lines[i];
	}
	return NULL;
}

static struct world_line *add_line(struct reader *r, const struct question *q)
{
	struct world *world = r->world;
	struct world_line *lines = realloc(world->lines,
	    (world->count + 1) * sizeof(*world->lines));

	if (lines == NULL)
		return NULL;
	world->lines = lines;
	lines[world->count] = (struct world_line){ .q = *q, .number = r->number };
	return &lines[world->count++];
}

static bool read_question_line(struct reader *r, char *kind, bool unasked)
{
	struct answer *a = NULL;
	struct world_line *line;
	struct question q;
	bool half;

	if (!read_question(r, kind, &q, &half))
		return false;
	line = world_find(r->world, &q);
	if (line != NULL && (!half || line->half == NULL))
		return reader_bad(r, "asked for the second time", kind);
	if (line == NULL)
		line = add_line(r, &q);
	if (line == NULL || unasked)
		return line != NULL;
	if (!read_answer(r, line, &a)) {
		answer_unref(a);
		return false;
	}
	if (half && line->half == NULL) {
		line->half = a;
	} else if (half) {
		line->answer = answer_merge_addr(strcmp(kind, "A") == 0 ? a : line->half,
		    strcmp(kind, "A") == 0 ? line->half : a);
		answer_unref(a);
	} else {
		line->answer = a;
	}
	return true;
}

static bool read_line(struct reader *r)
{
	struct world *world = r->world;
	char *word = reader_word(r);

	if (word == NULL || word[0] == '#')
		return true;
	if (strcmp(word, "expect") == 0) {
		if (world->expect_count == WORLD_MAX_EXPECT)
			return reader_bad(r, "too many", word);
		world->expect[world->expect_count] = strdup(r->at);
		return world->expect[world->expect_count++] != NULL;
	}
	if (strcmp(word, "nexthop") == 0) {
		word = reader_word(r);
		return (word != NULL && nexthop_parse(&world->nexthop, word, strlen(word)) ==
		    DANESTS_OK) || reader_bad(r, "no nexthop", word);
	}
	if (strcmp(word, "unasked") == 0) {
		word = reader_word(r);
		return word != NULL && read_question_line(r, word, true);
	}
	return read_question_line(r, word, false);
}

bool world_read(struct world *world, const char *file)
{
	struct reader r = { .world = world };
	char line[8192];
	bool ok = true;
	FILE *in;

	*world = (struct world){0};
	if (nexthop_parse(&world->nexthop, "example.com", 11) != DANESTS_OK)
		return reader_bad(&r, "nexthop_parse refuses", "example.com");
	in = fopen(file, "r");
	if (in == NULL)
		return reader_bad(&r, "cannot open", file);
	while (ok && fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		r.at = line;
		r.number++;
		ok = read_line(&r);
		if (!ok && world->problem[0] == '\0')
			ok = reader_bad(&r, "bad", line);
		if (r.number == 1 && line[0] != '#')
			ok = reader_bad(&r, "the first line is not \"# RULE ...\"", NULL);
	}
	fclose(in);
	if (ok && world->expect_count == 0)
		ok = reader_bad(&r, "nothing is expected", NULL);
	return ok;
}

void world_free(struct world *world)
{
	for (size_t i = 0; i < world->count; i++) {
		answer_unref(world->lines[i].answer);
		answer_unref(world->lines[i].half);
	}
	for (size_t i = 0; i < world->expect_count; i++)
		free(world->expect[i]);
	free(world->lines);
	*world = (struct world){0};
}
