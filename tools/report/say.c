/* SPDX-License-Identifier: BSD-2-Clause */
/* What people are told that is no report. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tools/report/options.h"

void report_complain(const char *fmt, ...)
{
	char line[2048];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(line, sizeof(line), fmt, ap) < 0)
		line[0] = '\0';
	va_end(ap);
	(void)text_printable(line, sizeof(line), line, strlen(line));
	fprintf(stderr, "dane-report: %s\n", line);
}

void report_usage(FILE *out)
{
	fputs("usage: dane-report [REPORT] [options] [FILE...]\n\n"
	    "REPORT\n"
	    "  blocked           mail held back for the sake of security, by domain and error"
	    " (default)\n"
	    "  blocked-details   the messages behind it\n"
	    "  sent              mail sent, by day and by how it was secured\n"
	    "  no-tls            mail sent in the clear, by day and domain\n"
	    "  summary           totals, shares, and what could not be told\n"
	    "  all -o DIR        each of them as a CSV file\n\n"
	    "what is counted\n"
	    "  --since, --until  7d, 6m, 2026-08-01, 2026-08-01T12:00:00Z; the last 7 days by"
	    " default\n"
	    "  --all-time        all that is in the logs\n"
	    "  --domain-is D, --domain-starts S, --type-is T, --type-starts S, --error-is E,\n"
	    "  --error-starts S, --search TEXT     only such rows; each may be given again\n"
	    "  --internal NET    relays of our own: 10.0.0.0/8, 192.0.2.7, host.example,"
	    " .example\n"
	    "  --count messages  messages, not their recipients\n"
	    "  --halfdane dane   DANE with an MX record that is not secure is DANE, not TLS-only\n"
	    "how\n"
	    "  --bucket hour|day|week|month        rows of sent\n"
	    "  --top N           no-tls: the N domains with most of it\n"
	    "  --format csv|json|table             a table on a terminal, else csv\n"
	    "  -o FILE           into a file\n"
	    "what the logs do not tell\n"
	    "  --policies FILE   a log of danestsd; may be given again\n"
	    "  --tz ZONE         of times without a zone; --year YYYY: of the oldest without one\n"
	    "  --assume-tls-logged                 no line on TLS means no TLS\n"
	    "  --progress, --no-progress, --help, --version\n\n"
	    "Logs may be compressed and come in any order; none, or -, is standard input."
	    " See dane-report(1).\n", out);
}
