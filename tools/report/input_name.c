/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the names of log files say about their order: mail.log.10 is older than mail.log.2, and
 * that than mail.log; mail.log-20260801 older than mail.log-20260802; part.9 comes before
 * part.10. What compresses them adds a suffix that says nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tools/report/input_impl.h"

struct name {
	struct slice stem;     /* without what rotation and compression added */
	bool dated;
	uint64_t number;       /* of the rotation, or the date; 0: none */
};

static const struct slice packed[] = {
	SLICE(".gz"), SLICE(".xz"), SLICE(".lzma"), SLICE(".zst"), SLICE(".bz2"),
};

/* Ends of the names of logs that are rotated by number; not "part". */
static const struct slice logs[] = {
	SLICE("log"), SLICE("mail"), SLICE("messages"), SLICE(".info"), SLICE(".warn"),
	SLICE(".err"),
};

static bool ends(struct slice s, struct slice with)
{
	return s.len >= with.len && memcmp(s.p + s.len - with.len, with.p, with.len) == 0;
}

size_t input_name_dir(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

static bool is_log(struct slice stem)
{
	for (size_t i = 0; i < COUNT_OF(logs); i++)
		if (ends(stem, logs[i]))
			return true;
	return false;
}

static struct name name_of(const struct file *f)
{
	struct name n = { { f->path, strlen(f->path) }, false, 0 };
	struct slice stem;
	size_t digits = 0;

	for (size_t i = 0; i < COUNT_OF(packed); i++)
		if (ends(n.stem, packed[i])) {
			n.stem.len -= packed[i].len;
			break;
		}
	while (digits + 1 < n.stem.len && text_is_digit(n.stem.p[n.stem.len - digits - 1]))
		digits++;
	if (digits == 0 || digits > 18)
		return n;
	stem = (struct slice){ n.stem.p, n.stem.len - digits - 1 };
	n.dated = digits >= 8 && memchr("-._", stem.p[stem.len], 3) != NULL;
	if (!n.dated && (digits > 4 || stem.p[stem.len] != '.' || !is_log(stem)))
		return n;
	(void)text_number(stem.p + stem.len + 1, digits, 0, UINT64_MAX, &n.number);
	n.stem = stem;
	return n;
}

static size_t digits_at(struct slice s, size_t i)
{
	size_t n = 0;

	while (i + n < s.len && text_is_digit(s.p[i + n]))
		n++;
	return n;
}

static size_t skip_zeros(struct slice s, size_t i, size_t *digits)
{
	while (*digits > 1 && s.p[i] == '0') {
		i++;
		(*digits)--;
	}
	return i;
}

/* Numbers by their value, everything else by its octets. */
static int natural(struct slice a, struct slice b)
{
	size_t i = 0, j = 0, m, n;
	int r;

	while (i < a.len && j < b.len) {
		m = digits_at(a, i);
		n = digits_at(b, j);
		if (m == 0 || n == 0) {
			if (a.p[i] != b.p[j])
				return (unsigned char)a.p[i] < (unsigned char)b.p[j] ? -1 : 1;
			i++;
			j++;
			continue;
		}
		i = skip_zeros(a, i, &m);
		j = skip_zeros(b, j, &n);
		r = m != n ? (m < n ? -1 : 1) : memcmp(a.p + i, b.p + j, m);
		if (r != 0)
			return r;
		i += m;
		j += n;
	}
	return (i < a.len) - (j < b.len);
}

int input_name_order(const struct file *a, const struct file *b)
{
	const struct name x = name_of(a), y = name_of(b);
	int r = natural(x.stem, y.stem);

	if (r != 0)
		return r;
	if (x.dated != y.dated)
		return x.dated ? -1 : 1;
	if (x.number != y.number)
		return (x.number < y.number) == x.dated ? -1 : 1;
	r = strcmp(a->path, b->path);
	return r != 0 ? r : (a->at > b->at) - (a->at < b->at);
}

/* Numbers and what separates them do not tell logs apart. */
static size_t skip_numbers(struct slice s, size_t i)
{
	while (i < s.len && (text_is_digit(s.p[i]) || memchr("-._", s.p[i], 3) != NULL))
		i++;
	return i;
}

int input_name_log(const struct file *a, const struct file *b)
{
	const struct slice x = name_of(a).stem, y = name_of(b).stem;
	size_t i = input_name_dir(a->path), j = input_name_dir(b->path);
	int r = i != j ? (i < j ? -1 : 1) : memcmp(x.p, y.p, i);

	if (r != 0)
		return r;
	for (;;) {
		i = skip_numbers(x, i);
		j = skip_numbers(y, j);
		if (i >= x.len || j >= y.len)
			return (i < x.len) - (j < y.len);
		if (x.p[i] != y.p[j])
			return (unsigned char)x.p[i] < (unsigned char)y.p[j] ? -1 : 1;
		i++;
		j++;
	}
}
