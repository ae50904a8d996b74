/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A log of some dozens of lines of several hosts, cut into pieces that come in any order, some of
 * them twice, with names that tell the order or lie: reading them ends, each line that stands
 * whole in a piece comes out, those of a piece in their order, and nothing comes out that was not
 * in the log, but for what is put together at a cut. With names that tell the order, or none
 * that lie and whole lines, the pieces are the log.
 */
#include "base/text.h"
#include "test/fuzz/report_input_log.h"
#include "tools/report/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OUT (LINES * FILES + 2 * FILES) /* lines, at most */

struct came {
	int64_t us;
	int id; /* of the log's line; -1: it is none of them */
	uint64_t told; /* what it says */
};

struct out {
	struct came lines[OUT];
	size_t count;
	struct input_counts counts;
	unsigned complaints;
};

static uint64_t tell(const struct line *line)
{
	const struct slice parts[] = { line->host, line->instance, line->program, line->text };
	uint64_t h = line->pid;

	for (size_t i = 0; i < 4; i++) {
		for (size_t k = 0; k < parts[i].len; k++)
			h = (h ^ (unsigned char)parts[i].p[k]) * UINT64_C(1099511628211);
		h = (h ^ 256) * UINT64_C(1099511628211);
	}
	return h;
}

static void take(void *arg, const struct line *line)
{
	struct out *out = arg;
	struct came *c = &out->lines[out->count++];
	uint64_t id;
	size_t n = 1;

	check(out->count < OUT);
	*c = (struct came){ line->us, -1, tell(line) };
	while (n < line->text.len && text_is_digit(line->text.p[n]))
		n++;
	if (line->text.len == n + 9 && *line->text.p == '#' &&
	    memcmp(line->text.p + n, " (250 ok)", 9) == 0 &&
	    text_number(line->text.p + 1, n - 1, 0, LINES, &id))
		c->id = (int)id;
}

static void complain(void *arg, const char *file, const char *why)
{
	struct out *out = arg;

	(void)file;
	(void)why;
	out->complaints++;
}

static void run(struct out *out, const char *const *files, size_t count)
{
	const struct input_options options = { .files = files, .count = count, .now = NOW,
		.complain = complain, .arg = out };

	memset(out, 0, sizeof(*out));
	input_run(&options, &out->counts, take, out);
	check(out->complaints == 0 && !out->counts.out_of_memory);
}

/* --- laws ----------------------------------------------------------------- */

static bool same(const struct came *a, const struct came *b, bool times)
{
	return a->id == b->id && a->told == b->told && (!times || a->us == b->us);
}

static size_t first_of(const struct out *out, const struct came *line, bool times)
{
	for (size_t i = 0; i < out->count; i++)
		if (same(&out->lines[i], line, times))
			return i;
	return OUT;
}

static const struct came *line_of(const struct out *out, size_t id)
{
	for (size_t i = 0; i < out->count; i++)
		if (out->lines[i].id == (int)id)
			return &out->lines[i];
	abort();
}

static void check_piece(const struct made *m, const struct piece *p, const struct out *whole,
    const struct out *out)
{
	size_t last = 0, at;

	for (size_t i = 0; i < m->count; i++) {
		if (!m->plain[i] || m->begin[i] < p->from || m->begin[i + 1] > p->to)
			continue;
		at = first_of(out, line_of(whole, i), !m->clock);
		check(at < OUT && at >= last);
		last = at;
	}
}

/* Nothing says the order of two pieces that begin in that hour. */
static bool ordered(const struct made *m, const struct cutting *c)
{
	size_t unclear = 0, i;

	for (size_t n = 0; n < c->count; n++) {
		for (i = 0; i < m->count && m->begin[i] < c->files[n].from; i++)
			;
		unclear += i < m->count && m->twice[i];
	}
	return unclear < 2;
}

static void check_laws(const struct made *m, const struct cutting *c, const struct out *whole,
    const struct out *out)
{
	size_t foreign = 0;
	bool tells = !m->odd && (c->named || c->whole_lines) && ordered(m, c);

	for (size_t i = 0; i < c->count; i++)
		check_piece(m, &c->files[i], whole, out);
	for (size_t i = 0; i < out->count; i++)
		foreign += first_of(whole, &out->lines[i], !m->clock) == OUT;
	check(foreign <= 2 * c->count);
	if (c->whole_lines)
		check(foreign == 0);
	if (c->repeated || !tells)
		return;
	check(out->count == whole->count && out->counts.strange == whole->counts.strange);
	for (size_t i = 0; i < out->count && c->named; i++)
		check(same(&out->lines[i], &whole->lines[i], true));
}

static char dir[32];

static void remove_dir(void)
{
	(void)rmdir(dir);
}

static void begin(void)
{
	if (dir[0] != '\0')
		return;
	snprintf(dir, sizeof(dir), "%s/fuzz-input-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	check(mkdtemp(dir) != NULL);
	atexit(remove_dir);
}

static void make(struct made *m, unsigned flags, struct bytes *b)
{
	time_t when = STAMP;

	m->form = flags & 3;
	m->odd = (flags & 32) != 0;
	m->clock = (flags & 64) != 0 && m->form == 0;
	setenv("TZ", m->clock ? "EST5EDT,M3.2.0,M11.1.0" : "UTC", 1);
	tzset();
	m->count = 1 + next(b) % (LINES - 1);
	for (size_t i = 0; i < m->count; i++)
		put_line(m, i, next(b), &when);
	check(!m->text.bad);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct out whole, out;
	struct bytes b = { data, size };
	unsigned flags = next(&b);
	const char *paths[FILES];
	struct cutting c = { .whole_lines = (flags & 4) != 0, .named = (flags & 8) != 0,
		.repeated = (flags & 16) != 0 };
	struct made m = {0};

	begin();
	make(&m, flags, &b);
	cut(&c, &m, &b);
	name(&c, dir, flags >> 7, &b);
	for (size_t i = 0; i < c.count; i++)
		write_file(c.files[i].path, m.text.data + c.files[i].from,
		    c.files[i].to - c.files[i].from);
	repeat_and_shuffle(&c, &b);
	for (size_t i = 0; i < c.count; i++)
		paths[i] = c.files[i].path;
	run(&out, paths, c.count);
	for (size_t i = 0; i < c.count; i++)
		(void)unlink(paths[i]);
	write_file(paths[0], m.text.data, m.text.len);
	run(&whole, paths, 1);
	(void)unlink(paths[0]);
	check_laws(&m, &c, &whole, &out);
	buf_free(&m.text);
	return 0;
}
