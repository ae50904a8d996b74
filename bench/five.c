/* SPDX-License-Identifier: BSD-2-Clause */
#include "five.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "keys.h"
#include "net.h"

#define NAME_ROOM (KEYS_MAX + 32)

static const struct five *five;
static five_ask_fn *ask_fn;
static int64_t start, end;
static uint64_t started, finished, secure_count, failed_count;
static bool filling;

void five_options(struct five *f, int argc, char **argv)
{
	int o;

	*f = (struct five){ .pattern = "d%.bench", .domains = 1000, .flight = 200,
	    .resolver = "127.0.0.1", .mode = "tcp" };
	while ((o = getopt(argc, argv, "n:c:k:s:R:a:T:")) != -1) {
		switch (o) {
		case 'n': f->domains = net_number("-n", optarg, 1, 10000000); break;
		case 'c': f->flight = net_number("-c", optarg, 1, 100000); break;
		case 's': f->first = net_number("-s", optarg, 0, 9999999); break;
		case 'k': f->pattern = optarg; break;
		case 'R': f->resolver = optarg; break;
		case 'a': f->anchor = optarg; break;
		case 'T': f->mode = optarg; break;
		default:
			errx(EX_USAGE, "usage: [-n domains] [-c in flight] [-k pattern] [-s first]"
			    " [-R resolver] [-a trust anchor] [-T udp|tcp]");
		}
	}
	net_raise_nofile();
}

static void put(struct five_domain *d, const char *label, enum five_type type)
{
	struct keys key = {0};
	char name[NAME_ROOM];
	size_t len = strlen(label);

	keys_pattern(&key, five->pattern, d->number, 1);
	memcpy(name, label, len);
	len += keys_next(&key, name + len);
	name[len] = '\0';
	ask_fn(name, type, d);
}

static void next_round(struct five_domain *d)
{
	switch (++d->round) {
	case 1:
		d->open = 1;
		d->txt_open = true;
		put(d, "_mta-sts.", FIVE_TXT);
		put(d, "", FIVE_MX);
		break;
	case 2:
		d->open = 2;
		put(d, "mx.", FIVE_A);
		put(d, "mx.", FIVE_AAAA);
		break;
	case 3:
		d->open = 1;
		put(d, "_25._tcp.mx.", FIVE_TLSA);
		break;
	}
}

/* A library may answer from inside its ask call: the loop below, not the stack,
 * carries on then. */
static void fill(void)
{
	struct five_domain *d;

	if (filling)
		return;
	filling = true;
	while (started < five->domains && started - finished < five->flight) {
		d = calloc(1, sizeof(*d));
		if (d == NULL)
			err(EX_OSERR, "calloc");
		d->number = five->first + started++;
		next_round(d);
	}
	filling = false;
}

void five_start(const struct five *f, five_ask_fn *ask)
{
	five = f;
	ask_fn = ask;
	start = net_now_ns();
	fill();
}

void five_answer(struct five_domain *d, enum five_type type, bool secure, bool failed)
{
	secure_count += secure;
	failed_count += failed;
	if (type == FIVE_TXT)
		d->txt_open = false;
	else if (--d->open == 0 && d->round < 3) {
		next_round(d);
		return;
	}
	if (d->open != 0 || d->round < 3 || d->txt_open)
		return;
	free(d);
	finished++;
	if (finished == five->domains)
		end = net_now_ns();
	fill();
}

bool five_finished(void)
{
	return finished == five->domains;
}

void five_report(void)
{
	double seconds = (double)(end - start) / 1e9, cpu;
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
	printf("domains %llu\nseconds %.3f\nrate %.0f\nsecure %llu\nfailed %llu\n"
	    "cpu_us %.1f\n",
	    (unsigned long long)finished, seconds, (double)finished / seconds,
	    (unsigned long long)secure_count, (unsigned long long)failed_count,
	    cpu / (double)finished);
}
