/* SPDX-License-Identifier: BSD-2-Clause */
/* --type-is, --error-is and the like: one that nothing can match would hide everything. */
#include <sysexits.h>

#include "base/buf.h"
#include "danests.h"
#include "tools/report/options.h"
#include "tools/report/tally_impl.h"

/* The cells that a column can have, one after the other. */
typedef bool next_cell(size_t i, char room[TALLY_ERROR], struct slice *out);

static bool next_type(size_t i, char room[TALLY_ERROR], struct slice *out)
{
	(void)room;
	if (i < SECURITY_NAMED)
		*out = slice_of(security_name((enum security)i));
	return i < SECURITY_NAMED;
}

static bool next_error(size_t i, char room[TALLY_ERROR], struct slice *out)
{
	const struct danests_fault *fault = danests_fault_at(i / 2);

	if (fault != NULL)
		*out = tally_error(fault, i % 2 == 1, room);
	return fault != NULL;
}

/* Of a domain nobody knows what there is. */
static const struct closed {
	const char *option, *what;
	next_cell *next;
	size_t step; /* to the next one that a list of them names */
	const char *remark;
} closed[COLUMN_COUNT] = {
	[COLUMN_TYPE] = { "type", "security type", next_type, 1, "" },
	[COLUMN_ERROR] = { "error", "error", next_error, 2,
		" (with 5 for 4 when mail was given back), and the codes and tokens alone" },
};

static bool fits(const struct view *one, enum column column)
{
	char room[TALLY_ERROR];
	struct slice cell;

	for (size_t i = 0; closed[column].next(i, room, &cell); i++)
		if (view_passes(one, column, cell))
			return true;
	return false;
}

static int no_memory(void)
{
	report_complain("out of memory");
	return EX_OSERR;
}

static int complain(enum column column, bool starts, const char *text)
{
	const struct closed *k = &closed[column];
	char room[TALLY_ERROR];
	struct buf all = {0};
	struct slice cell;
	int code = EX_USAGE;

	for (size_t i = 0; k->next(i, room, &cell); i += k->step) {
		buf_str(&all, i > 0 ? ", " : "");
		buf_add(&all, cell.p, cell.len);
	}
	if (all.bad)
		code = no_memory();
	else
		report_complain("--%s-%s: \"%.200s\" is %s %s; there are %s%s", k->option,
		    starts ? "starts" : "is", text, starts ? "the beginning of no" : "no",
		    k->what, all.data, k->remark);
	buf_free(&all);
	return code;
}

int options_filter(struct view *view, enum column column, bool starts, const char *text)
{
	struct view one = {0};
	bool good;

	if (closed[column].next != NULL) {
		if (view_filter(&one, column, starts, text) != DANESTS_OK)
			return no_memory();
		good = fits(&one, column);
		view_free(&one);
		if (!good)
			return complain(column, starts, text);
	}
	return view_filter(view, column, starts, text) == DANESTS_OK ? EX_OK : no_memory();
}
