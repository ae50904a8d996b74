/* SPDX-License-Identifier: BSD-2-Clause */
/* The pipe, from files to reports. */
#ifndef REPORT_RUN_H
#define REPORT_RUN_H

#include "tools/report/options.h"

/* A sysexits.h code, after complaints. */
int report_run(const struct options *options);

#endif
