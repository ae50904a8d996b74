/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe_driver ADDRESS PORT [name=value]...: one probe, or many at once, and what came as
 * one line of JSON each, for test/tools/probe.py. Names: helo, sni, timeout (ms), threads,
 * plain, raw, files (how many may be open). The exit code is 1 when a descriptor is left.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tools/probe.h"

enum { THREADS = 64 };

static const char *const ends[] = {
	[PROBE_OK] = "ok",
	[PROBE_TIMEOUT] = "timeout",
	[PROBE_REFUSED] = "refused",
	[PROBE_REPLY] = "reply",
	[PROBE_GARBAGE] = "garbage",
	[PROBE_FAILED] = "failed",
	[PROBE_LOCAL] = "local",
};

static bool set_address(struct probe *probe, const char *address, const char *port)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	in4.sin_port = in6.sin6_port = htons((in_port_t)strtoul(port, NULL, 10));
	if (inet_pton(AF_INET, address, &in4.sin_addr) == 1) {
		memcpy(&probe->addr, &in4, sizeof(in4));
		probe->addr_len = sizeof(in4);
	} else if (inet_pton(AF_INET6, address, &in6.sin6_addr) == 1) {
		memcpy(&probe->addr, &in6, sizeof(in6));
		probe->addr_len = sizeof(in6);
	}
	return probe->addr_len > 0;
}

static bool limit_files(unsigned long count)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return false;
	limit.rlim_cur = count;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static bool set(struct probe *probe, long *threads, const char *option)
{
	const char *value = strchr(option, '=');
	size_t len = value != NULL ? (size_t)(value++ - option) : 0;

	if (len == 4 && memcmp(option, "helo", 4) == 0)
		probe->helo = value;
	else if (len == 3 && memcmp(option, "sni", 3) == 0)
		probe->sni = value;
	else if (len == 7 && memcmp(option, "timeout", 7) == 0)
		probe->timeout_ms = (int)strtol(value, NULL, 10);
	else if (len == 7 && memcmp(option, "threads", 7) == 0)
		*threads = strtol(value, NULL, 10);
	else if (len == 5 && memcmp(option, "plain", 5) == 0)
		probe->plain_tls = strcmp(value, "yes") == 0;
	else if (len == 3 && memcmp(option, "raw", 3) == 0)
		probe->raw_key = strcmp(value, "yes") == 0;
	else if (len == 5 && memcmp(option, "files", 5) == 0)
		return limit_files(strtoul(value, NULL, 10));
	else
		return false;
	return true;
}

static int count_files(void)
{
	int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* What is printable ASCII needs two characters to be escaped; what is not shows up. */
static void print_text(const char *name, const char *text)
{
	printf("\"%s\":\"", name);
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~')
			printf("\\u%04x", (unsigned char)*text);
		else
			printf(*text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	}
	printf("\",");
}

static void print_probe(const struct probe *probe)
{
	printf("{");
	print_text("stage", probe_stage_name(probe->stage));
	print_text("end", ends[probe->end]);
	print_text("said", probe->said);
	print_text("greeting", probe->greeting);
	print_text("unasked", probe->unasked);
	print_text("tls", probe->tls);
	printf("\"starttls\":%s,\"mixed\":%s,\"raw\":%s,\"sent\":%zu,\"ms\":%d,\"chain\":[",
	    probe->starttls ? "true" : "false", probe->mixed ? "true" : "false",
	    probe->got_raw_key ? "true" : "false", probe->sent, probe->ms);
	for (size_t i = 0; i < probe->count; i++) {
		printf("%s\"", i > 0 ? "," : "");
		for (size_t j = 0; j < probe->chain[i].len; j++)
			printf("%02x", probe->chain[i].data[j]);
		printf("\"");
	}
	printf("]}\n");
}

static void *run(void *probe)
{
	probe_run(probe);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct probe probes[THREADS];
	struct probe model = { .helo = "client.example", .timeout_ms = 60000 };
	pthread_t threads[THREADS];
	long count = 1;
	int files;

	if (argc < 3 || !set_address(&model, argv[1], argv[2]))
		return 64;
	for (int i = 3; i < argc; i++) {
		if (!set(&model, &count, argv[i]))
			return 64;
	}
	if (count < 1 || count > THREADS)
		return 64;
	files = count_files();
	for (long i = 0; i < count; i++) {
		probes[i] = model;
		if (count > 1 && pthread_create(&threads[i], NULL, run, &probes[i]) != 0)
			return 71;
	}
	if (count == 1)
		probe_run(&probes[0]);
	for (long i = 0; i < count; i++) {
		if (count > 1 && pthread_join(threads[i], NULL) != 0)
			return 71;
		print_probe(&probes[i]);
		probe_free(&probes[i]);
	}
	/* A leak checker that runs now has files of its own to open. */
	return count_files() == files && limit_files(1024) ? 0 : 1;
}
