/* SPDX-License-Identifier: BSD-2-Clause */
/* Builds the pipe and runs it: the only file that knows all of its stages. */
#include "tools/report/run.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "danests.h"
#include "tools/report/event.h"
#include "tools/report/footer.h"
#include "tools/report/input.h"
#include "tools/report/progress.h"
#include "tools/report/write.h"
#include "tools/report/zone.h"

struct run {
	const struct options *options;
	struct join *join;
	struct tally *tally;
	struct progress progress;
	struct input_counts input;
};

/* ---- From stage to stage ---- */

static void take_line(void *arg, const struct line *line)
{
	struct run *run = arg;
	struct event event;

	event_read(line, &event);
	join_push(run->join, line, &event);
}

static void take_delivery(void *arg, const struct delivery *d)
{
	struct run *run = arg;
	struct verdict verdict;

	classify(&run->options->classify, d, &verdict);
	tally_take(run->tally, d, &verdict);
}

static void take_gone(void *arg, uint64_t message, bool expired, int64_t us)
{
	tally_gone(((struct run *)arg)->tally, message, expired, us);
}

static void take_passed(void *arg, int64_t us, enum statement statement, struct slice domain)
{
	tally_passed(((struct run *)arg)->tally, us, statement, domain);
}

static void take_trouble(void *arg, int64_t us, enum event_kind kind, struct slice text)
{
	tally_trouble(((struct run *)arg)->tally, us, kind, text);
}

static void take_place(void *arg, unsigned place, enum logged logged)
{
	tally_place(((struct run *)arg)->tally, place, logged);
}

static void take_complaint(void *arg, const char *file, const char *why)
{
	struct run *run = arg;

	progress_clear(&run->progress);
	report_complain("%s: %s", strcmp(file, "-") == 0 ? "standard input" : file, why);
}

static void take_progress(void *arg, uint64_t done, uint64_t total, uint64_t lines)
{
	progress_tell(&((struct run *)arg)->progress, done, total, lines);
}

static bool build(struct run *run)
{
	const struct join_next next = {
		.arg = run, .delivery = take_delivery, .gone = take_gone, .passed = take_passed,
		.trouble = take_trouble, .place = take_place,
	};

	run->tally = tally_new(&run->options->view, NULL);
	run->join = join_new(run->options->internal, &next);
	return run->tally != NULL && run->join != NULL;
}

/* False: out of memory. */
static bool read_all(struct run *run)
{
	const struct options *o = run->options;
	const struct input_options input = {
		.files = o->files, .count = o->count, .policies = o->policies, .now = clock_now(),
		.year = o->year, .progress = take_progress, .arg = run, .complain = take_complaint,
	};

	input_run(&input, &run->input, take_line, run);
	join_end(run->join);
	tally_end(run->tally, join_counts(run->join)->first_us, join_counts(run->join)->last_us);
	return !run->input.out_of_memory && !join_counts(run->join)->out_of_memory &&
	    !tally_counts(run->tally)->out_of_memory;
}

/* ---- Reports ---- */

static int no_memory(void)
{
	report_complain("out of memory: there is no report");
	return EX_OSERR;
}

static int put_file(const struct run *run, struct write *w, enum report report, const char *name,
    enum format format)
{
	struct sheet sheet = {0};
	int code = tally_sheet(run->tally, report, &sheet) != DANESTS_OK || sheet.bad ?
	    no_memory() : write_sheet(w, name, &sheet, format);

	sheet_free(&sheet);
	return code;
}

static int put_all(const struct run *run, struct write *w)
{
	char name[64];
	int code = EX_OK;

	for (int r = REPORT_BLOCKED; r <= REPORT_SUMMARY && code == EX_OK; r++) {
		text_format(name, sizeof(name), "%s.csv", report_name((enum report)r));
		code = put_file(run, w, (enum report)r, name, FORMAT_CSV);
	}
	return code;
}

static int put_stdout(const struct run *run)
{
	struct sheet sheet = {0};
	int code = tally_sheet(run->tally, run->options->report, &sheet) != DANESTS_OK ||
	    sheet.bad ? no_memory() : write_stdout(&sheet, run->options->format);

	sheet_free(&sheet);
	return code;
}

static int put_reports(const struct run *run)
{
	const struct options *o = run->options;
	struct write *w;
	int code;

	if (o->out == NULL)
		return put_stdout(run);
	code = write_open(&w, o->all ? o->out : NULL);
	if (code == EX_OK)
		code = o->all ? put_all(run, w) :
		    put_file(run, w, o->report, o->out, o->format);
	if (code == EX_OK)
		code = write_commit(w);
	write_free(w);
	return code;
}

/* Before any thread begins. */
static int set_zone(const struct options *o)
{
	const char *own = getenv("TZ");

	if (o->zone != NULL && setenv("TZ", o->zone, 1) != 0)
		return no_memory();
	if (o->zone == NULL && own != NULL && own[0] != '\0' && !zone_exists(own))
		report_complain("TZ=%.100s is no time zone of this system: times without a zone are"
		    " taken as UTC", own);
	tzset();
	return EX_OK;
}

static int finish(const struct run *run)
{
	const struct footer footer = {
		.options = run->options, .input = &run->input, .join = join_counts(run->join),
		.tally = tally_counts(run->tally),
	};
	int code = put_reports(run);

	footer_write(&footer, stderr);
	if (code != EX_OK)
		return code;
	if (run->input.missing > 0)
		return EX_NOINPUT;
	return run->input.damaged > 0 ? EX_DATAERR : EX_OK;
}

int report_run(const struct options *options)
{
	struct run run = { .options = options };
	int code = set_zone(options);
	bool whole;

	if (code != EX_OK)
		return code;
	if (isatty(STDIN_FILENO) && options->count > 0 && strcmp(options->files[0], "-") == 0)
		report_complain("reading from the terminal; give log files as arguments, or end"
		    " with Ctrl-D");
	progress_begin(&run.progress, options->progress == WHEN_ALWAYS,
	    options->progress == WHEN_NEVER);
	whole = build(&run) && read_all(&run);
	progress_end(&run.progress, run.input.octets, run.input.lines);
	code = whole ? finish(&run) : no_memory();
	join_free(run.join);
	tally_free(run.tally);
	return code;
}
