/* SPDX-License-Identifier: BSD-2-Clause */
/* Which rows somebody wants to see. */
#include "tools/report/view.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "danests.h"

/* ASCII letters of any case begin s. */
static bool begins_nocase(struct slice s, const char *text, size_t len)
{
	if (s.len < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (text_lower(s.p[i]) != text_lower(text[i]))
			return false;
	return true;
}

static bool holds_nocase(struct slice s, const char *text, size_t len)
{
	if (len == 0)
		return true;
	for (; s.len >= len; s = slice_after(s, 1))
		if (text_lower(s.p[0]) == text_lower(text[0]) && begins_nocase(s, text, len))
			return true;
	return false;
}

/*
 * As domains stand in a report: lower case and A-labels. What is the beginning of a name
 * becomes that of its A-labels where it ends with a whole label, as far as that can be
 * known. What is no name stays what it is.
 */
static char *canonical_domain(const char *text, bool starts)
{
	size_t len = strlen(text);
	char key[DANESTS_NEXTHOP_MAX + 1];
	bool ascii = true;
	struct buf out = {0};
	int r = DANESTS_ENAME;

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80)
			ascii = false;
	if (!(starts && ascii) && strpbrk(text, ":[") == NULL)
		r = danests_nexthop_key(text, len, key, sizeof(key));
	if (r == DANESTS_ENOMEM)
		return NULL;
	if (r >= 0) {
		buf_add(&out, key, (size_t)r);
		buf_str(&out, starts && text[len - 1] == '.' ? "." : "");
		return buf_steal(&out);
	}
	for (size_t i = 0; i < len; i++)
		buf_char(&out, text_lower(text[i]));
	return buf_steal(&out);
}

int view_filter(struct view *view, enum column column, bool starts, const char *text)
{
	struct filter *filter = calloc(1, sizeof(*filter));

	if (filter == NULL)
		return DANESTS_ENOMEM;
	filter->text = column == COLUMN_DOMAIN ? canonical_domain(text, starts) : strdup(text);
	if (filter->text == NULL) {
		free(filter);
		return DANESTS_ENOMEM;
	}
	filter->column = column;
	filter->starts = starts;
	filter->next = view->filters;
	view->filters = filter;
	return DANESTS_OK;
}

int view_search(struct view *view, const char *text)
{
	char **search = realloc(view->search, (view->searches + 1) * sizeof(*search));

	if (search == NULL)
		return DANESTS_ENOMEM;
	view->search = search;
	search[view->searches] = strdup(text);
	if (search[view->searches] == NULL)
		return DANESTS_ENOMEM;
	view->searches++;
	return DANESTS_OK;
}

static bool matches(const struct filter *filter, struct slice cell)
{
	size_t len = strlen(filter->text);

	return begins_nocase(cell, filter->text, len) && (filter->starts || cell.len == len);
}

/* "4.7.323 tlsa-invalid": all of it, its code, its token. */
static bool matches_error(const struct filter *filter, struct slice cell)
{
	const char *blank = cell.len > 0 ? memchr(cell.p, ' ', cell.len) : NULL;
	size_t code = blank != NULL ? (size_t)(blank - cell.p) : cell.len;

	return matches(filter, cell) || matches(filter, (struct slice){ cell.p, code }) ||
	    (blank != NULL && matches(filter, slice_after(cell, code + 1)));
}

bool view_passes(const struct view *view, enum column column, struct slice cell)
{
	bool asked = false;

	for (const struct filter *f = view->filters; f != NULL; f = f->next) {
		if (f->column != column)
			continue;
		if (column == COLUMN_ERROR ? matches_error(f, cell) : matches(f, cell))
			return true;
		asked = true;
	}
	return !asked;
}

bool view_found(const struct view *view, const struct slice *cells, size_t count)
{
	for (size_t i = 0; i < view->searches; i++)
		for (size_t c = 0; c < count; c++)
			if (holds_nocase(cells[c], view->search[i], strlen(view->search[i])))
				return true;
	return view->searches == 0;
}

void view_free(struct view *view)
{
	struct filter *filter;

	if (view == NULL)
		return;
	while ((filter = view->filters) != NULL) {
		view->filters = filter->next;
		free(filter->text);
		free(filter);
	}
	for (size_t i = 0; i < view->searches; i++)
		free(view->search[i]);
	free(view->search);
	*view = (struct view){0};
}
