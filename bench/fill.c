/* SPDX-License-Identifier: BSD-2-Clause */
/* Fills a cache_dir with policies, as if they had been fetched a while ago, and says
 * what that wrote. The one program here that is made of what is measured: nothing else
 * knows how to write those files. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "danests.h"

#define FILL_SYNC 10000   /* policies made durable at a time */
#define FILL_STEP 64      /* puts between two turns of folding */
#define FILL_FEW 8388608  /* octets of journal that nothing folds yet, at most */
#define FILL_TURN_US 2000 /* between two turns at the end */
#define FILL_TURNS 60000  /* at most */
#define FILL_TEXT 512

static void put(danests *ctx, unsigned long number, time_t fetched, const char *zone)
{
	struct danests_held held = { .id = "1", .fetched = fetched, .used = fetched };
	char domain[FILL_TEXT], text[FILL_TEXT];

	text_format(domain, sizeof(domain), "d%07lu.%s", number, zone);
	text_format(text, sizeof(text), "version: STSv1\r\nmode: enforce\r\nmx: mx.%s\r\n"
	    "mx: *.%s\r\nmax_age: 604800\r\n", domain, domain);
	held.domain = domain;
	held.text = text;
	held.text_len = strlen(text);
	if (danests_held_put(ctx, &held) != DANESTS_OK)
		errx(1, "%s: %s", domain, danests_problem(ctx));
}

static unsigned long number_of(const char *word)
{
	char *end;
	unsigned long number = strtoul(word, &end, 10);

	if (*word == '\0' || *end != '\0')
		errx(64, "%s is no number", word);
	return number;
}

static void set(danests *ctx, const char *name, const char *value)
{
	if (danests_set(ctx, name, value) != DANESTS_OK)
		errx(1, "%s", danests_problem(ctx));
}

/* Until what was put has been folded into a snapshot. */
static void settle(danests *ctx)
{
	struct danests_status status;

	for (unsigned int i = 0; i < FILL_TURNS; i++) {
		(void)danests_process(ctx);
		danests_get_status(ctx, &status);
		if (status.journal_bytes <= FILL_FEW)
			break;
		(void)usleep(FILL_TURN_US);
	}
	printf("held %zu\nwritten %llu\nsnapshot %llu\njournal %llu\nfolds %llu\n", status.held,
	    (unsigned long long)status.bytes_written, (unsigned long long)status.snapshot_bytes,
	    (unsigned long long)status.journal_bytes, (unsigned long long)status.folds);
}

int main(int argc, char **argv)
{
	danests *ctx;
	unsigned long count;
	time_t fetched;

	if (argc != 6)
		errx(64, "usage: fill DIR ANCHOR ZONE COUNT SECONDS-AGO");
	count = number_of(argv[4]);
	fetched = time(NULL) - (time_t)number_of(argv[5]);
	if (danests_new(&ctx) != DANESTS_OK)
		errx(1, "out of memory");
	set(ctx, "cache_dir", argv[1]);
	set(ctx, "cache_size", "1G");
	set(ctx, "resolver", "127.0.0.1");
	set(ctx, "trust_anchor", argv[2]);
	if (danests_open(ctx) != DANESTS_OK)
		errx(1, "%s", danests_problem(ctx));
	for (unsigned long i = 0; i < count; i++) {
		put(ctx, i, fetched, argv[3]);
		if (((i + 1) % FILL_SYNC == 0 || i + 1 == count) &&
		    danests_sync(ctx) != DANESTS_OK)
			errx(1, "%s", danests_problem(ctx));
		if (i % FILL_STEP == 0)
			(void)danests_process(ctx);
	}
	settle(ctx);
	danests_free(ctx);
	return fflush(stdout) == 0 ? 0 : 1;
}
