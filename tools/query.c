/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * danests query: what Postfix would be told, and why. With --direct it is also
 * the worked example of the library's blocking use: query_main() makes the
 * context, tool_direct_open() opens it, query_direct() looks up.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/grow.h"
#include "ctl/proto.h"
#include "tools/control.h"
#include "tools/tool.h"

#define QUERY_TIMEOUT_MS 100000 /* as long as Postfix would wait */
#define QUERY_MAX_REPLY 100000

struct query {
	bool direct, tlsrpt, json, has_option;
	struct ask_server server;
	struct control control; /* for why; fd -1: it cannot be had, problem[] tells */
	struct tool_direct lib;
	char **names;       /* up to NULL; NULL: --help or --version was all */
	bool waits;         /* one of them would have to */
	json_t *results;    /* with --json */
	char problem[TOOL_PROBLEM]; /* what ended it, in words */
};

static void usage(FILE *out)
{
	fputs("usage: danests query [--server ENDPOINT] [--control ENDPOINT] | [--direct\n"
	      "                     [-o name=value]...] [--tlsrpt] [--json] NAME...\n\n"
	      "  --server ENDPOINT  ask the danestsd at unix:PATH or inet:HOST:PORT\n"
	      "                     (default: unix:/run/danests/socketmap, then inet:127.0.0.1:8461)\n"
	      "  --control ENDPOINT its control socket, which knows why; root only\n"
	      "                     (default: " PROTO_DEFAULT ")\n"
	      "  --direct           resolve here, without a service, and show why\n"
	      "  -o name=value      with --direct: a parameter of danestsd.conf(5)\n"
	      "  --tlsrpt           with the TLSRPT attributes of Postfix 3.10\n"
	      "  --json             one JSON document\n"
	      "  --help, --version\n\n"
	      "NAME is what Postfix calls a nexthop: example.com, example.com:587,\n"
	      "[mx.example.com], [mx.example.com]:587.\n\n"
	      "exit status: 0 answered; 75 a sender would have to wait; 69 no service; 64 usage\n",
	    out);
}

static int fail(struct query *query, int exit_code, const char *fmt, ...) ATTR_PRINTF(3, 4);
static int fail(struct query *query, int exit_code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(query->problem, sizeof(query->problem), fmt, ap);
	va_end(ap);
	tool_complain("query", "%s", query->problem);
	return exit_code;
}

static int fail_memory(struct query *query)
{
	return fail(query, EX_OSERR, "out of memory");
}

/* Ask the library. */
static int query_direct(struct query *query, struct outcome *out)
{
	danests *ctx = query->lib.ctx;
	int64_t begun = clock_mono_us();
	danests_policy *policy = NULL;
	int r = danests_lookup(ctx, out->name, &policy);
	char *room;

	out->explained = true;
	if (r == DANESTS_ENAME) {
		/* Not a name to look up: an answer too, and the one Postfix gets. */
		out->level = "NOTFOUND";
		buf_str(&out->reply, "NOTFOUND ");
	} else if (r != DANESTS_OK) {
		return fail(query, r == DANESTS_ENOMEM ? EX_OSERR : EX_TEMPFAIL, "%s: %s", out->name,
		    danests_problem(ctx)[0] != '\0' ? danests_problem(ctx) : danests_strerror(r));
	} else if ((room = buf_room(&out->reply, QUERY_MAX_REPLY)) != NULL) {
		out->level = danests_postfix_level(policy, &query->lib.postfix);
		out->reply.len = danests_postfix_reply(policy, &query->lib.postfix, room,
		    QUERY_MAX_REPLY);
		out->why = value_of_policy(policy, clock_mono_us() - begun);
	}
	danests_policy_unref(policy);
	/* There is room for any reply, so one that is not there found no memory. */
	return out->reply.len > 0 && (r == DANESTS_ENAME || out->why != NULL) ? EX_OK :
	    fail_memory(query);
}

/* Ask the service for the reasons as well, where it tells us. What is no UTF-8 is no
 * name, and cannot be asked there. */
static int explain(struct query *query, struct outcome *out)
{
	struct grow request = grow_object();
	int code = EX_OK;

	if (query->control.fd < 0 || !grow_is_utf8(out->name, strlen(out->name))) {
		json_decref(grow_done(&request));
		return EX_OK;
	}
	grow_put(&request, "do", grow_text("explain"));
	grow_put(&request, "name", grow_text(out->name));
	out->why = control_call(&query->control, grow_done(&request), &code);
	if (code == EX_OSERR)
		return fail_memory(query);
	out->explained = out->why != NULL;
	if (!out->explained)
		control_close(&query->control); /* the reply alone is worth something */
	return EX_OK;
}

/* Ask the service. */
static int query_server(struct query *query, struct outcome *out)
{
	const char *map = query->tlsrpt ? "QUERYwithTLSRPT" : "QUERY";
	char problem[TOOL_PROBLEM];
	int r = ask_map(&query->server, map, out->name, &out->reply, problem);

	if (r == DANESTS_OK)
		return explain(query, out);
	return fail(query, r == DANESTS_ENOMEM ? EX_OSERR : EX_UNAVAILABLE, "%s", problem);
}

static int query_judge(struct query *query, struct outcome *out)
{
	char shown[81];

	switch (outcome_judge(out)) {
	case OUTCOME_GOES:
		break;
	case OUTCOME_WAITS:
		query->waits = true;
		break;
	case OUTCOME_BROKEN:
		(void)text_printable(shown, sizeof(shown), out->reply.len > 0 ? out->reply.data : "",
		    out->reply.len);
		return fail(query, EX_UNAVAILABLE, "%s: this is no socketmap reply: \"%s\"",
		    query->server.endpoint, shown);
	}
	return out->meaning.bad ? fail_memory(query) : EX_OK;
}

/* One more result; NULL is one that there was no memory for. */
static int query_append(struct query *query, json_t *value)
{
	return json_array_append_new(query->results, value) == 0 ? EX_OK : fail_memory(query);
}

/* A name without an answer: lost to nobody who reads the document. */
static int query_append_failure(struct query *query, const char *name, const char *error)
{
	return query_append(query, value_failure(name, error, query->problem));
}

static const char *failure_token(int exit_code)
{
	return exit_code == EX_UNAVAILABLE ? "no-service" :
	    exit_code == EX_TEMPFAIL ? "lookup-failed" : "system-error";
}

static int query_name(struct query *query, const char *name)
{
	struct outcome out = { .name = name };
	int exit_code = query->direct ? query_direct(query, &out) : query_server(query, &out);

	if (exit_code == EX_OK)
		exit_code = query_judge(query, &out);
	if (exit_code == EX_OK && query->json)
		exit_code = query_append(query, value_outcome(&out));
	else if (exit_code == EX_OK)
		print_outcome(&out);
	else if (query->json)
		(void)query_append_failure(query, name, failure_token(exit_code));
	outcome_free(&out);
	return exit_code;
}

/* Where the reasons are told. That of another service than the one that is asked for
 * the reply would explain something else. */
static void connect_control(struct query *query, const char *const *usual, size_t count)
{
	const char *server = query->server.endpoint;
	bool known = server == NULL || query->control.endpoint != NULL;

	for (size_t i = 0; i < count && !known; i++)
		known = strcmp(server, usual[i]) == 0;
	if (known)
		(void)control_connect(&query->control);
	else
		text_format(query->control.problem, TOOL_PROBLEM,
		    "name its control socket with --control");
}

/* The service where it listens by default, or where the user says. */
static int query_connect(struct query *query)
{
	static const char *const usual[] = { "unix:/run/danests/socketmap", "inet:127.0.0.1:8461" };
	char problem[TOOL_PROBLEM] = "";
	int r;

	query->server.timeout_ms = QUERY_TIMEOUT_MS;
	connect_control(query, usual, COUNT_OF(usual));
	if (query->server.endpoint != NULL) {
		r = ask_connect(&query->server, problem);
		return r == DANESTS_OK ? EX_OK :
		    fail(query, r == DANESTS_EINVAL ? EX_USAGE : EX_UNAVAILABLE, "%s", problem);
	}
	for (size_t i = 0; i < COUNT_OF(usual); i++) {
		query->server.endpoint = usual[i];
		if (ask_connect(&query->server, problem) == DANESTS_OK)
			return EX_OK;
	}
	return fail(query, EX_UNAVAILABLE, "no danestsd answers (%s); start it, name it with "
	    "--server, or use --direct", problem);
}

static int query_open(struct query *query)
{
	char problem[TOOL_PROBLEM];
	int exit_code;

	if (!query->direct)
		return query_connect(query);
	exit_code = tool_direct_open(&query->lib, problem);
	return exit_code == EX_OK ? EX_OK : fail(query, exit_code, "%s", problem);
}

/* Each name in turn; after a failure the others are not asked, but told of. */
static int query_names(struct query *query)
{
	int exit_code = query_open(query);
	bool asked = exit_code == EX_OK;

	for (char **name = query->names; *name != NULL; name++) {
		if (exit_code == EX_OK)
			exit_code = query_name(query, *name);
		else if (query->json)
			(void)query_append_failure(query, *name, "not-asked");
		else if (asked)
			tool_complain("query", "%s: not asked", *name);
	}
	if (exit_code != EX_OK)
		return exit_code;
	if (!query->direct && query->control.fd < 0)
		tool_complain("query", "no more is known of why: %s", query->control.problem);
	return query->waits ? EX_TEMPFAIL : EX_OK;
}

/* All of the document or nothing: half of it is none. */
static int query_json(struct query *query)
{
	json_t *root = json_object();
	size_t wanted = 0;
	char *text = NULL;
	int exit_code;

	query->results = json_array();
	exit_code = query_names(query);
	while (query->names[wanted] != NULL)
		wanted++;
	/* The object takes the array over. */
	if (json_array_size(query->results) == wanted &&
	    json_object_set(root, "results", query->results) == 0)
		text = json_dumps(root, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	if (text != NULL)
		puts(text);
	else
		exit_code = fail_memory(query);
	free(text);
	json_decref(query->results);
	json_decref(root);
	return exit_code;
}

/* EX_OK with names to ask, or without when all is done. */
static int query_options(struct query *query, int argc, char **argv)
{
	static const struct option options[] = {
		{ "server", required_argument, NULL, 's' }, { "direct", no_argument, NULL, 'd' },
		{ "control", required_argument, NULL, 'c' },
		{ "tlsrpt", no_argument, NULL, 't' }, { "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int opt, exit_code = EX_OK;

	while (exit_code == EX_OK && (opt = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		switch (opt) {
		case 's': query->server.endpoint = optarg; break;
		case 'c': query->control.endpoint = optarg; break;
		case 'd': query->direct = true; break;
		case 't': query->tlsrpt = true; break;
		case 'j': query->json = true; break;
		case 'o':
			query->has_option = true;
			exit_code = tool_direct_option(&query->lib, "query", optarg);
			break;
		case 'h': usage(stdout); return EX_OK;
		case 'v': tool_version(); return EX_OK;
		default: return EX_USAGE;
		}
	}
	if (exit_code != EX_OK)
		return exit_code;
	if (optind == argc || (query->direct &&
	    (query->server.endpoint != NULL || query->control.endpoint != NULL)) ||
	    (query->has_option && !query->direct)) {
		usage(stderr);
		return EX_USAGE;
	}
	query->lib.postfix.tlsrpt |= query->tlsrpt;
	query->names = argv + optind;
	return EX_OK;
}

int query_main(int argc, char **argv)
{
	struct query query = { .server = { .fd = -1 }, .control = { .command = "query", .fd = -1 } };
	int exit_code, r = danests_new(&query.lib.ctx);

	if (r != DANESTS_OK)
		return fail(&query, EX_OSERR, "%s", danests_strerror(r));
	exit_code = query_options(&query, argc, argv);
	if (exit_code == EX_OK && query.names != NULL)
		exit_code = query.json ? query_json(&query) : query_names(&query);
	exit_code = control_flush("query", exit_code);
	ask_close(&query.server);
	control_close(&query.control);
	danests_free(query.lib.ctx);
	return exit_code;
}
