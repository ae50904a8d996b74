/* SPDX-License-Identifier: BSD-2-Clause */
/* What a reader of a report must know of where it comes from: "name: value" lines. */
#ifndef REPORT_FOOTER_H
#define REPORT_FOOTER_H

#include <stdio.h>

#include "tools/report/input.h"
#include "tools/report/options.h"

struct footer {
	const struct options *options;
	const struct input_counts *input;
	const struct join_counts *join;
	const struct tally_counts *tally;
};

void footer_write(const struct footer *f, FILE *to);

#endif
