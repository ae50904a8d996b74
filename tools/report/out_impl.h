/* SPDX-License-Identifier: BSD-2-Clause */
/* What the formats share. */
#ifndef REPORT_OUT_IMPL_H
#define REPORT_OUT_IMPL_H

#include "tools/report/sheet.h"
#include "tools/report/utf8.h"

/* All of the buffer. False: errno says why; also when the buffer had no memory. */
bool out_flush(struct buf *from, FILE *to);

#endif
