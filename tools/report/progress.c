/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define PATIENCE_MS 1000 /* nobody wants to know sooner */
#define EVERY_MS 200
#define EVERY_LINE_MS 1000
#define WIDTH 72

void progress_begin(struct progress *p, bool wanted, bool unwanted)
{
	*p = (struct progress){ .terminal = isatty(STDERR_FILENO) != 0 };
	p->on = !unwanted && (wanted || p->terminal);
	p->begun_ms = clock_mono_ms();
	p->next_ms = p->begun_ms + (wanted ? 0 : PATIENCE_MS);
}

static void show(struct progress *p, int64_t now)
{
	char part[32] = "", left[40] = "", text[WIDTH + 1];
	int64_t past = now - p->begun_ms;

	if (p->total > 0 && p->done <= p->total) {
		text_format(part, sizeof(part), "%3u %%, ",
		    (unsigned)((double)p->done * 100 / (double)p->total));
		if (p->done > 0 && p->done < p->total && past >= PATIENCE_MS)
			text_format(left, sizeof(left), ", %.0f s left", (double)past / 1000 *
			    ((double)p->total / (double)p->done - 1));
	}
	text_format(text, sizeof(text), "%s%.1f MB, %.3f million lines%s", part,
	    (double)p->done / 1e6, (double)p->lines / 1e6, left);
	if (p->terminal)
		fprintf(stderr, "\r%-*s", WIDTH, text);
	else
		fprintf(stderr, "dane-report: %s\n", text);
	p->shown = true;
}

void progress_tell(struct progress *p, uint64_t done, uint64_t total, uint64_t lines)
{
	int64_t now;

	p->done = done;
	p->total = total;
	p->lines = lines;
	if (!p->on)
		return;
	now = clock_mono_ms();
	if (now < p->next_ms)
		return;
	p->next_ms = now + (p->terminal ? EVERY_MS : EVERY_LINE_MS);
	show(p, now);
}

void progress_clear(struct progress *p)
{
	if (p->shown && p->terminal)
		fprintf(stderr, "\r%*s\r", WIDTH, "");
	p->shown = false;
}

void progress_end(struct progress *p, uint64_t done, uint64_t lines)
{
	progress_clear(p);
	p->done = done;
	p->lines = lines;
	if (p->on && !p->terminal)
		show(p, clock_mono_ms());
	p->on = false;
}
