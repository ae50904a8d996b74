/* SPDX-License-Identifier: BSD-2-Clause */
/* A log made of the fuzzer's octets, and its pieces, with their names and in their order. */
#ifndef REPORT_INPUT_LOG_H
#define REPORT_INPUT_LOG_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

#define LINES 48
#define PIECES 10
#define FILES (PIECES + 4)
#define BACK 1793512800 /* 1 November 2026, 06:00 UTC: the clocks of New York are put back */
#define STAMP (BACK - 18300)
#define NOW (STAMP + 30 * 86400)

static void check(bool law)
{
	if (!law)
		abort();
}

struct bytes {
	const uint8_t *p;
	size_t len;
};

static unsigned next(struct bytes *b)
{
	if (b->len == 0)
		return 0;
	b->len--;
	return *b->p++;
}

/* --- the log -------------------------------------------------------------- */

struct made {
	struct buf text;
	size_t begin[LINES + 1]; /* of each line */
	bool plain[LINES];       /* a line of Postfix that has a number */
	bool twice[LINES];       /* of an hour that comes twice */
	size_t count;
	unsigned form;
	bool odd, clock;         /* lines of no form; a zone whose hour comes twice */
};

static void put_plain(struct made *m, size_t i, time_t when, unsigned host)
{
	char stamp[40];
	struct tm tm;

	switch (m->form) {
	case 0:
		(void)localtime_r(&when, &tm);
		strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm);
		buf_printf(&m->text, "%s h%u postfix/smtp[%u]: #%zu (250 ok)\n", stamp, host,
		    host + 7, i);
		break;
	case 1:
		(void)gmtime_r(&when, &tm);
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
		buf_printf(&m->text, "%sZ h%u postfix/smtp[%u]: #%zu (250 ok)\n", stamp, host,
		    host + 7, i);
		break;
	case 2:
		(void)gmtime_r(&when, &tm);
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
		buf_printf(&m->text, "<22>1 %s.5+00:00 h%u postfix/smtp %u - - #%zu (250 ok)\n",
		    stamp, host, host + 7, i);
		break;
	default:
		buf_printf(&m->text, "{\"__REALTIME_TIMESTAMP\":\"%lld000000\",\"_HOSTNAME\":\"h%u\","
		    "\"SYSLOG_IDENTIFIER\":\"postfix/smtp\",\"MESSAGE\":\"#%zu (250 ok)\"}\n",
		    (long long)when, host, i);
		break;
	}
}

static void put_line(struct made *m, size_t i, unsigned choice, time_t *when)
{
	static const unsigned steps[] = { 0, 0, 1, 1200 };
	static const char *const odd[] = { "\n", "what is this\n", "Nov  1\n",
		"policy nexthop=x domain=x\n" };

	*when += steps[choice & 3];
	m->begin[i] = m->text.len;
	m->twice[i] = m->clock && *when >= BACK - 3600 && *when < BACK + 3600;
	m->plain[i] = !m->odd || choice < 192;
	if (m->plain[i])
		put_plain(m, i, *when, choice >> 2 & 3);
	else
		buf_str(&m->text, odd[choice >> 2 & 3]);
	m->begin[i + 1] = m->text.len;
}

/* --- pieces --------------------------------------------------------------- */

struct piece {
	size_t from, to;
	char path[64];
};

struct cutting {
	struct piece files[FILES];
	size_t count;
	bool whole_lines, named, repeated;
};

static void cut(struct cutting *c, const struct made *m, struct bytes *b)
{
	size_t at[PIECES + 1], n = 1 + next(b) % PIECES;

	at[0] = 0;
	for (size_t i = 1; i < n; i++) {
		size_t choice = next(b) | next(b) << 8, k = i;

		choice = c->whole_lines ? m->begin[choice % (m->count + 1)] :
		    choice % (m->text.len + 1);
		for (; k > 1 && at[k - 1] > choice; k--)
			at[k] = at[k - 1];
		at[k] = choice;
	}
	at[n] = m->text.len;
	for (size_t i = 0; i < n; i++)
		c->files[i] = (struct piece){ .from = at[i], .to = at[i + 1] };
	c->count = n;
}

static void name(struct cutting *c, const char *dir, unsigned style, struct bytes *b)
{
	unsigned order[PIECES];

	for (size_t i = 0; i < c->count; i++) {
		size_t j = c->named ? i : next(b) % (i + 1);

		order[i] = order[j];
		order[j] = (unsigned)i;
	}
	for (size_t i = 0; i < c->count; i++)
		snprintf(c->files[i].path, sizeof(c->files[i].path), style == 0 ?
		    "%s/part.%u" : "%s/mail.log.%u", dir, style == 0 ? order[i] :
		    (unsigned)c->count - order[i]);
}

static void repeat_and_shuffle(struct cutting *c, struct bytes *b)
{
	size_t n = c->repeated ? next(b) % (FILES - PIECES + 1) : 0;

	c->repeated = n > 0;
	for (size_t i = 0; i < n; i++) {
		c->files[c->count] = c->files[next(b) % c->count];
		c->count++;
	}
	for (size_t i = c->count; i > 1; i--) {
		size_t j = next(b) % i;
		struct piece t = c->files[i - 1];

		c->files[i - 1] = c->files[j];
		c->files[j] = t;
	}
}

static void write_file(const char *path, const char *p, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	check(fd >= 0 && (len == 0 || write(fd, p, len) == (ssize_t)len));
	close(fd);
}

#endif
