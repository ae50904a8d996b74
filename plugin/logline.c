/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/logline.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"

#define LOG_IDENT "danestsd"
#define LOG_MAX 2048 /* octets of a line; a decision takes some 900 at most */

static bool to_syslog;
static bool journal; /* stderr is the journal's, which adds time and name itself */

/* systemd says which device and inode its stream is; others may stand at our
 * stderr although the variable was inherited. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(own, stream) == 0;
}

void log_open(bool to_stderr)
{
	to_syslog = !to_stderr;
	journal = to_stderr && stderr_is_journal();
	if (to_syslog)
		openlog(LOG_IDENT, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

static void write_stderr(int priority, const char *line, size_t len)
{
	char out[LOG_MAX + 80];
	time_t now = clock_now();
	struct tm tm;
	size_t n = 0;
	ssize_t done;

	if (journal) /* sd-daemon(3): it takes the priority off again */
		n = (size_t)snprintf(out, sizeof(out), "<%d>", priority);
	else if (gmtime_r(&now, &tm) != NULL) {
		n = strftime(out, sizeof(out), "%Y-%m-%dT%H:%M:%SZ ", &tm);
		n += (size_t)snprintf(out + n, sizeof(out) - n, LOG_IDENT "[%ld]: ",
		    (long)getpid());
	}
	memcpy(out + n, line, len);
	n += len;
	out[n++] = '\n';
	/* One write, so that lines of two threads never mix. Nobody to tell if it fails. */
	done = write(STDERR_FILENO, out, n);
	(void)done;
}

void log_line(int priority, const char *fmt, ...)
{
	char line[LOG_MAX];
	va_list ap;
	size_t len;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	len = (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	if (to_syslog)
		syslog(priority, "%s", line);
	else
		write_stderr(priority, line, len);
}

void log_fatal(const char *fmt, ...)
{
	char line[LOG_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (to_syslog)
		syslog(LOG_CRIT, "%s", line);
	fprintf(stderr, LOG_IDENT ": %s\n", line);
}

bool log_may(struct log_limit *limit, int64_t interval_ms, unsigned long *held)
{
	int64_t now = clock_mono_ms();

	if (now < limit->next) {
		limit->held++;
		return false;
	}
	*held = limit->held;
	*limit = (struct log_limit){ .next = now + interval_ms };
	return true;
}
