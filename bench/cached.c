/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What it costs to ask the library for what it knows already:
 *	cached [-n N] [-o NAME=VALUE]... NEXTHOP...
 * looks each destination up until it is known, then asks N times by danests_cached(), and
 * a thousandth as often by danests_lookup(), which asks the resolver's cache for MX and
 * TXT again. Run it where a resolver is:
 *	test/dns/world.sh DIR bench/cached -o trust_anchor=DIR/anchor -o resolver=127.0.0.1 lab
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "danests.h"

static void die(const char *what, const char *why)
{
	fprintf(stderr, "cached: %s: %s\n", what, why);
	exit(1);
}

static double now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void set(danests *ctx, char *setting)
{
	char *value = strchr(setting, '=');

	if (value == NULL)
		die(setting, "not NAME=VALUE");
	*value++ = '\0';
	if (danests_set(ctx, setting, value) != DANESTS_OK)
		die(setting, danests_problem(ctx));
}

static void look_up(danests *ctx, const char *nexthop)
{
	danests_policy *policy;
	int r = danests_lookup(ctx, nexthop, &policy);

	if (r != DANESTS_OK)
		die(nexthop, danests_strerror(r));
	danests_policy_unref(policy);
}

static bool is_cached(danests *ctx, const char *nexthop)
{
	danests_policy *policy;

	if (!danests_cached(ctx, nexthop, &policy))
		return false;
	danests_policy_unref(policy);
	return true;
}

/* What a lookup has fetched is there from the next one on. */
static void warm_up(danests *ctx, const char *nexthop)
{
	for (int i = 0; i < 3; i++) {
		if (is_cached(ctx, nexthop))
			return;
		look_up(ctx, nexthop);
	}
	if (!is_cached(ctx, nexthop))
		die(nexthop, "does not stay known");
}

int main(int argc, char **argv)
{
	unsigned long n = 2000000, misses = 0;
	double start, cached, lookup;
	danests *ctx;
	int c, count;

	if (danests_new(&ctx) != DANESTS_OK)
		die("context", "cannot be made");
	while ((c = getopt(argc, argv, "n:o:")) != -1) {
		if (c == 'n')
			n = strtoul(optarg, NULL, 10);
		else if (c == 'o')
			set(ctx, optarg);
		else
			return 64;
	}
	count = argc - optind;
	if (count < 1 || n < 1000)
		die("usage", "cached [-n N] [-o NAME=VALUE]... NEXTHOP...");
	if (danests_open(ctx) != DANESTS_OK)
		die("context", danests_problem(ctx));
	for (int i = optind; i < argc; i++)
		warm_up(ctx, argv[i]);
	start = now_ns();
	for (unsigned long i = 0; i < n; i++)
		misses += !is_cached(ctx, argv[optind + (int)(i % (unsigned long)count)]);
	cached = (now_ns() - start) / (double)n;
	start = now_ns();
	for (unsigned long i = 0; i < n / 1000; i++)
		look_up(ctx, argv[optind + (int)(i % (unsigned long)count)]);
	lookup = (now_ns() - start) / (double)(n / 1000);
	printf("danests_cached %.0f ns (%lu of %lu not known), danests_lookup %.0f ns: "
	    "1 to %.0f\n", cached, misses, n, lookup, lookup / cached);
	danests_free(ctx);
	return 0;
}
