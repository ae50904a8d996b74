/* SPDX-License-Identifier: BSD-2-Clause */
/* How far it is, for who waits for it. */
#ifndef REPORT_PROGRESS_H
#define REPORT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool on;
	bool terminal;     /* one line that changes; else one after the other */
	int64_t begun_ms, next_ms;
	uint64_t done, total, lines;
	bool shown;
};

/* On a terminal it begins after a second, unless it is unwanted; where it is wanted, also
 * elsewhere, and at once. */
void progress_begin(struct progress *p, bool wanted, bool unwanted);
void progress_tell(struct progress *p, uint64_t done, uint64_t total, uint64_t lines);
/* Nothing is left on a terminal; elsewhere the last line says how much it was. */
void progress_end(struct progress *p, uint64_t done, uint64_t lines);
/* Before something else is said. */
void progress_clear(struct progress *p);

#endif
