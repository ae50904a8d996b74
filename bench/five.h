/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The five questions of a domain, in the order in which they can be known: MX
 * and TXT at once, then A and AAAA of the MX host, then its TLSA. What the bare
 * libraries are measured with: who asks, and nothing of what the answers mean.
 */
#ifndef BENCH_FIVE_H
#define BENCH_FIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum five_type { FIVE_A = 1, FIVE_MX = 15, FIVE_TXT = 16, FIVE_AAAA = 28, FIVE_TLSA = 52 };

struct five_domain {
	uint64_t number;
	unsigned open;     /* answers awaited in this round */
	unsigned round;    /* 1..3 */
	bool txt_open;
};

/* Puts a question; the answer comes to five_answer() with what was given here. */
typedef void five_ask_fn(const char *name, enum five_type type, struct five_domain *d);

/* The command line; every program takes what it needs of it. */
struct five {
	const char *pattern;
	uint64_t first, domains, flight;
	const char *resolver;  /* -R address */
	const char *anchor;    /* -a file */
	const char *mode;      /* -T udp|tcp */
};

void five_options(struct five *five, int argc, char **argv);
void five_start(const struct five *five, five_ask_fn *ask); /* fills the pipe */
/* secure: validated data; failed: anything but a clean answer. */
void five_answer(struct five_domain *d, enum five_type type, bool secure, bool failed);
bool five_finished(void);
void five_report(void);

#endif
