/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logfill [-m MEGABYTES] [-s SEED] [-d DOMAINS] [-l rfc3164|iso] [-e feature|session|certmatch]
 *
 * The log of a busy outbound server, on standard output; the same arguments, the same octets. Many
 * messages at a time, each in its lines; who is written to most follows Zipf's law, and what
 * a domain is (DANE, MTA-STS, plain, broken, greylisting, gone) stays that. Some mail waits,
 * is tried again and expires. Every fifth line is noise of the inbound side.
 *   feature: tls= as Postfix 3.11 writes it; session: a line for each TLS session
 *   (smtp_tls_loglevel = 1); certmatch: and what the certificate matched.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "logwords.h"

#define SLOTS 96       /* messages under way */
#define WAITING 20000  /* deferred ones */
#define TRIES 6
#define BEGIN 1793491200 /* a Sunday in November 2026, UTC */
#define STEP_US 40000    /* from line to line, on average */

static struct {
	uint64_t random, octets, limit, us, domains, messages, lines;
	bool iso;
	enum evidence evidence;
	time_t second;
	char stamp[32];
	struct message slots[SLOTS], waiting[WAITING];
	size_t first, count; /* of the waiting */
} g = { .random = 1, .limit = 256, .domains = 20000, .evidence = SESSION };

uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t draw(uint64_t below)
{
	g.random += UINT64_C(0x9e3779b97f4a7c15);
	return mix(g.random) % below;
}

/* Few domains get most of the mail. */
static uint64_t draw_domain(void)
{
	double u = (double)draw(1u << 30) / (1u << 30);

	return (uint64_t)((double)g.domains * u * u * u * u);
}

static void begin_line(const char *program, unsigned pid)
{
	struct tm tm;
	time_t now;

	g.us += 1 + draw(2 * STEP_US);
	now = (time_t)(BEGIN + g.us / 1000000);
	if (now != g.second) {
		gmtime_r(&now, &tm);
		strftime(g.stamp, sizeof(g.stamp),
		    g.iso ? "%Y-%m-%dT%H:%M:%S" : "%b %e %H:%M:%S", &tm);
		g.second = now;
	}
	g.lines++;
	if (g.iso)
		g.octets += (uint64_t)printf("%s.%06u+00:00 mail %s[%u]: ", g.stamp,
		    (unsigned)(g.us % 1000000), program, pid);
	else
		g.octets += (uint64_t)printf("%s mail %s[%u]: ", g.stamp, program, pid);
}

void line(const char *program, unsigned pid, const char *format, ...)
{
	va_list args;

	begin_line(program, pid);
	va_start(args, format);
	g.octets += (uint64_t)vprintf(format, args) + 1;
	va_end(args);
	putchar('\n');
}

static void take_message(struct message *m)
{
	if (g.count > 0 && g.waiting[g.first].due_us <= g.us) {
		*m = g.waiting[g.first];
		g.first = (g.first + 1) % WAITING;
		g.count--;
		m->step = ACTIVE;
		m->done = 0;
		return;
	}
	*m = (struct message){ .used = true, .number = ++g.messages, .domain = draw_domain(),
		.recipients = draw(10) == 0 ? (unsigned)(2 + draw(4)) : 1, .local = draw(4) == 0 };
	m->step = m->local ? BORN : CONNECT;
}

/* Not settled: wait, or give it back when it has waited for long or there is no room. */
static void defer(struct message *m)
{
	m->used = false;
	if (++m->tries < TRIES && g.count < WAITING) {
		m->due_us = g.us + UINT64_C(600000000);
		m->used = true;
		g.waiting[(g.first + g.count++) % WAITING] = *m;
		m->used = false;
		return;
	}
	line("postfix/qmgr", 801, "%s: from=<%s>, status=expired, returned to sender", queue_id(m),
	    sender(m));
	line("postfix/bounce", 1777, "%s: sender non-delivery notification: %010" PRIX64,
	    queue_id(m), mix(++g.messages) & UINT64_C(0xffffffffff));
	line("postfix/qmgr", 801, "%s: removed", queue_id(m));
}

static void advance(struct message *m, unsigned slot)
{
	const char *smtpd = "postfix/submission/smtpd";
	unsigned from = (unsigned)(mix(m->number) % 250);
	bool settled;

	switch (m->step) {
	case CONNECT:
		line(smtpd, 3000 + slot, "connect from client%u.example[192.0.2.%u]", from, from);
		break;
	case BORN:
		if (m->local)
			line("postfix/pickup", 802, "%s: uid=33 from=<%s>", queue_id(m), sender(m));
		else
			line(smtpd, 3000 + slot, "%s: client=client%u.example[192.0.2.%u],"
			    " sasl_method=PLAIN, sasl_username=%s", queue_id(m), from, from,
			    sender(m));
		break;
	case MESSAGE_ID:
		line("postfix/cleanup", 4000 + slot, "%s: message-id=<%016" PRIx64
		    ".%u@mail.example>", queue_id(m), mix(m->number), from);
		if (m->local)
			m->step++;
		break;
	case DISCONNECT:
		line(smtpd, 3000 + slot, "disconnect from client%u.example[192.0.2.%u] ehlo=2"
		    " starttls=1 auth=1 mail=1 rcpt=%u data=1 quit=1 commands=8", from, from,
		    m->recipients);
		break;
	case ACTIVE:
		line("postfix/qmgr", 801, "%s: from=<%s>, size=%u, nrcpt=%u (queue active)",
		    queue_id(m), sender(m), 1000 + 97 * from, m->recipients);
		break;
	case TLS:
		say_tls(m, g.evidence, 5000 + slot);
		break;
	case DELIVERY:
		/* All that go to one place are said at once. */
		do
			settled = say_delivery(m, g.evidence, 5000 + slot);
		while (++m->done < m->recipients);
		if (!settled) {
			defer(m);
			return;
		}
		break;
	case REMOVED:
		line("postfix/qmgr", 801, "%s: removed", queue_id(m));
		m->used = false;
		return;
	}
	m->step++;
}

static void usage(void)
{
	fputs("usage: logfill [-m MEGABYTES] [-s SEED] [-d DOMAINS] [-l rfc3164|iso] [-e"
	    " feature|session|certmatch]\n", stderr);
	exit(64);
}

static void read_options(int argc, char **argv)
{
	static const char *const evidences[] = { "feature", "session", "certmatch" };
	int c;

	while ((c = getopt(argc, argv, "m:s:d:l:e:")) != -1) {
		if (c == 'm')
			g.limit = strtoull(optarg, NULL, 10);
		else if (c == 's')
			g.random = strtoull(optarg, NULL, 10);
		else if (c == 'd')
			g.domains = strtoull(optarg, NULL, 10);
		else if (c == 'l')
			g.iso = strcmp(optarg, "iso") == 0;
		else if (c == 'e')
			for (int i = 0; i < 3; i++)
				g.evidence = strcmp(optarg, evidences[i]) == 0 ? (enum evidence)i
				    : g.evidence;
		else
			usage();
	}
	if (optind != argc || g.limit == 0 || g.domains == 0)
		usage();
}

int main(int argc, char **argv)
{
	static char room[1 << 20];

	read_options(argc, argv);
	setvbuf(stdout, room, _IOFBF, sizeof(room));
	while (g.octets < g.limit * 1000000) {
		unsigned slot = (unsigned)draw(SLOTS);
		struct message *m = &g.slots[slot];

		if (draw(5) == 0)
			say_noise();
		if (!m->used)
			take_message(m);
		advance(m, slot);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("logfill");
		return 74;
	}
	fprintf(stderr, "lines %" PRIu64 "\nmessages %" PRIu64 "\n", g.lines, g.messages);
	return 0;
}
