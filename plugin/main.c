/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * danestsd: Postfix asks how mail for a destination must be secured, we answer.
 *
 * Two threads. This one becomes the server (server.h): it owns listeners, clients
 * and the memo, and waits for nothing but events. The other (worker.h) owns the
 * library's context and resolves. Questions and answers cross in two queues.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "danests.h"
#include "plugin/alive.h"
#include "plugin/conf.h"
#include "plugin/confine.h"
#include "plugin/control.h"
#include "plugin/daemon.h"
#include "plugin/logline.h"
#include "plugin/metrics.h"
#include "plugin/reload.h"
#include "plugin/server.h"
#include "plugin/signals.h"
#include "plugin/start.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif
#define DEFAULT_FILE SYSCONFDIR "/danests/danestsd.conf"

/* TERM has to be over in 2 s, whatever a library does: alarm(2) counts in seconds. */
#define MAIN_LAST_SECONDS 1

enum mode { MODE_SERVE, MODE_CHANGES = 'n', MODE_DEFAULTS = 'd', MODE_CHECK = 't' };

struct args {
	const char *file;   /* -c; NULL: the default one */
	char **options;     /* of -o, in their order */
	size_t option_count;
	enum mode mode;
	bool foreground;
};

static const char usage[] =
    "usage: danestsd [-c FILE] [-o name=value]... [-n | -d | -t] [-f]\n";

static const char help[] =
    "Answers Postfix how mail for a destination must be secured (DANE and MTA-STS).\n"
    "\n"
    "  -c FILE        configuration; default " DEFAULT_FILE "\n"
    "  -o name=value  one parameter, stronger than the file; repeatable\n"
    "  -n             print what differs from the defaults\n"
    "  -d             print the defaults\n"
    "  -t             check the configuration and end\n"
    "  -f             stay in the foreground, log to stderr\n"
    "      --help     this text\n"
    "      --version  the version\n"
    "\n"
    "In main.cf:  smtp_tls_policy_maps = socketmap:inet:127.0.0.1:8461:QUERY\n"
    "danestsd(8), danestsd.conf(5)\n";

static int bad_usage(const char *what, const char *which)
{
	fprintf(stderr, "danestsd: %s%s\n%s", what, which, usage);
	return EX_USAGE;
}

/* -1: go on; else the exit status. args->options has room for all of argv. */
static int read_args(struct args *args, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	char extra[64];
	int c;

	while ((c = getopt_long(argc, argv, "c:o:ndtf", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			args->file = optarg;
			break;
		case 'o':
			args->options[args->option_count++] = optarg;
			break;
		case 'n':
		case 'd':
		case 't':
			if (args->mode != MODE_SERVE && args->mode != (enum mode)c)
				return bad_usage("only one of -n, -d and -t", "");
			args->mode = (enum mode)c;
			break;
		case 'f':
			args->foreground = true;
			break;
		case 'h':
			printf("%s%s", usage, help);
			return EX_OK;
		case 'V':
			printf("danestsd %s\n", danests_version());
			return EX_OK;
		default:
			return bad_usage("see danestsd --help", "");
		}
	}
	if (optind == argc)
		return -1;
	(void)text_printable(extra, sizeof(extra), argv[optind], strlen(argv[optind]));
	return bad_usage("takes no argument beside its options, such as ", extra);
}

/* A service in the background finds the file again only by its whole path, which goes
 * to path[]. */
static struct conf_sources sources_of(const struct args *args, char path[PATH_MAX])
{
	struct conf_sources from = {
		.file = args->file != NULL ? args->file : DEFAULT_FILE,
		.may_be_missing = args->file == NULL,
		.options = args->options, .option_count = args->option_count,
	};

	if (from.file[0] != '/' && realpath(from.file, path) != NULL)
		from.file = path;
	return from;
}

static int read_conf(struct conf *conf, const struct conf_sources *from)
{
	char problem[CONF_PROBLEM];

	if (conf_load(conf, from, problem))
		return EX_OK;
	log_fatal("%s", problem);
	return EX_CONFIG;
}

/* -t: as a start would, but for what a running service holds: endpoints, cache_dir. */
static int check(struct conf *conf)
{
	struct overrides *overrides = NULL;
	danests *ctx = NULL;
	int status = start_check(conf, &overrides);

	if (status == EX_OK)
		status = start_cache_check(conf);
	if (status == EX_OK)
		status = start_context(conf, &ctx);
	danests_free(ctx);
	overrides_free(overrides);
	return status;
}

/* ---- Serving ---- */

/* All that needs privileges; none are left after it. */
static int take_privileged(struct service *service)
{
	const char *user = conf_text(service->conf, CONF_USER);
	char problem[DAEMON_PROBLEM];
	int status = start_listening(service->conf, service->listeners);

	if (status == EX_OK)
		status = start_admin(service->conf, service->control, service->metrics);
	if (status == EX_OK)
		status = start_cache_dir(service->conf);
	if (status != EX_OK)
		return status;
	if (!daemon_descriptors(start_descriptors(service->conf), problem))
		log_line(LOG_WARNING, "%s", problem);
	start_give_folders(service);
	if (user[0] == '\0' || daemon_drop(user, problem))
		return EX_OK;
	log_fatal("%s: user: %s", conf_where(service->conf, CONF_USER), problem);
	return EX_NOPERM;
}

/* Until a signal says it is enough. The worker frees the context. */
static int serve(struct service *service, danests *ctx, int signals)
{
	struct desk_options options = start_options(service->conf, service->overrides);
	struct server *server = NULL;
	struct metrics *metrics = NULL;
	struct control *control = NULL;
	struct alive *alive = NULL;
	int r = worker_start(&service->worker, ctx);

	if (r != DANESTS_OK)
		danests_free(ctx);
	if (r == DANESTS_OK)
		r = server_new(&server, service, &options);
	if (r == DANESTS_OK)
		r = reload_new(&service->reload, service);
	if (r == DANESTS_OK)
		r = metrics_new(&metrics, service);
	if (r == DANESTS_OK)
		r = control_new(&control, service);
	if (r == DANESTS_OK)
		r = alive_start(&alive, service->loop, service->worker);
	service->administration = control;
	service->figures = metrics;
	if (r == DANESTS_OK) {
		daemon_ready();
		r = server_run(server, signals);
		daemon_stopping();
	}
	if (r != DANESTS_OK)
		log_fatal("%s", danests_strerror(r));
	else
		log_line(LOG_INFO, "danestsd %s ends", danests_version());
	signals_deadline(MAIN_LAST_SECONDS);
	alive_stop(alive);
	control_end(control);
	worker_stop(service->worker);
	alive_free(alive);
	reload_free(service->reload);
	metrics_free(metrics);
	control_free(control);
	server_free(server);
	return r == DANESTS_OK ? EX_OK : EX_OSERR;
}

static int start(struct conf *conf, const struct conf_sources *sources,
    struct overrides *overrides)
{
	struct listeners ls = {0}, control = {0}, metrics = {0};
	struct service service = {
		.conf = conf, .listeners = &ls, .control = &control, .metrics = &metrics,
		.sources = sources, .overrides = overrides, .started = clock_now(),
	};
	danests *ctx = NULL;
	int signals = -1;
	int status = take_privileged(&service);

	if (status == EX_OK && (signals = signals_open()) < 0) {
		log_fatal("no descriptors for signals");
		status = EX_OSERR;
	}
	if (status == EX_OK)
		status = start_context(conf, &ctx);
	if (status == EX_OK) {
		confine_service(conf, sources->file);
		start_report(&service, ctx);
		status = serve(&service, ctx, signals);
	}
	listen_close(&ls);
	listen_close(&control);
	listen_close(&metrics);
	overrides_free(service.overrides);
	return status;
}

/* With a terminal, or told so: here, and talking. Else in the background. */
static int run(struct conf *conf, const struct conf_sources *sources, bool foreground)
{
	struct overrides *overrides = NULL;
	bool talk = foreground || isatty(STDERR_FILENO);
	int status;

	/* GnuTLS would write session keys wherever it says. */
	unsetenv("SSLKEYLOGFILE");
	log_open(talk);
	status = start_check(conf, &overrides);
	if (status != EX_OK)
		return status;
	if (!talk && !daemon_is_managed() && !daemon_detach()) {
		log_fatal("cannot go to the background");
		return EX_OSERR;
	}
	return start(conf, sources, overrides);
}

/* What is opened later must not take the place of what everybody writes to. Results that
 * nobody gets are an error still. */
static void fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(EX_OSERR);
}

static int finish_output(void)
{
	if (fflush(stdout) == 0)
		return EX_OK;
	fprintf(stderr, "danestsd: standard output: %s\n", strerror(errno));
	return EX_IOERR;
}

int main(int argc, char **argv)
{
	struct args args = { .options = calloc((size_t)argc + 1, sizeof(char *)) };
	struct conf_sources sources;
	struct conf conf = {0};
	char path[PATH_MAX];
	int status;

	if (args.options == NULL)
		return EX_OSERR;
	fill_standard_descriptors();
	status = read_args(&args, argc, argv);
	if (status < 0) {
		sources = sources_of(&args, path);
		status = args.mode == MODE_DEFAULTS ? EX_OK : read_conf(&conf, &sources);
		if (status == EX_OK && args.mode == MODE_DEFAULTS)
			conf_print_defaults(stdout);
		else if (status == EX_OK && args.mode == MODE_CHANGES)
			conf_print_changes(&conf, stdout);
		else if (status == EX_OK && args.mode == MODE_CHECK)
			status = check(&conf);
		else if (status == EX_OK)
			status = run(&conf, &sources, args.foreground);
	}
	if (status == EX_OK)
		status = finish_output();
	conf_free(&conf);
	free(args.options);
	return status;
}
