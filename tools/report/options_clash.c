/* SPDX-License-Identifier: BSD-2-Clause */
/* What does not go together on a command line. */
#include <string.h>
#include <sys/stat.h>

#include "tools/report/options.h"

static bool is_input(const struct options *o)
{
	struct stat out, in;

	if (o->out == NULL || stat(o->out, &out) != 0 || !S_ISREG(out.st_mode))
		return false;
	for (size_t i = 0; i < o->count; i++)
		if (stat(o->files[i], &in) == 0 && in.st_dev == out.st_dev &&
		    in.st_ino == out.st_ino)
			return true;
	return false;
}

const char *options_clash(const struct options *o)
{
	const struct period *p = &o->view.period;
	size_t inputs = 0;

	for (size_t i = 0; i < o->count; i++)
		inputs += strcmp(o->files[i], "-") == 0;
	if (inputs > 1)
		return "standard input (-) can be read once only";
	if (o->out != NULL && o->out[0] == '\0')
		return "-o: a file is missing";
	if (!o->all && is_input(o))
		return "-o names one of the logs, which would be gone then";
	if (o->all && o->out == NULL)
		return "all writes files: -o DIR says where";
	if (o->all && o->format != FORMAT_AUTO && o->format != FORMAT_CSV)
		return "all writes CSV: for another --format ask for one report at a time";
	if (o->view.top > 0 && !o->all && o->report != REPORT_NO_TLS)
		return "--top is for no-tls";
	if (o->all_time && !p->usual)
		return "--since and --all-time do not go together";
	if (p->since != PERIOD_OPEN_SINCE && p->until <= p->since)
		return "--since must be before --until";
	return NULL;
}
