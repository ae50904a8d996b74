/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * danests query: what Postfix would be told, and why. With --direct it is also
 * the worked example of the library's blocking use.
 */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "tools/tool.h"

#define QUERY_TIMEOUT_MS 100000 /* as long as Postfix would wait */
#define QUERY_MAX_REPLY 100000

struct query {
	bool direct, tlsrpt, json, any_temp;
	struct ask_server server;
	struct tool_direct lib;
	json_t *results; /* with --json */
};

static void usage(FILE *out)
{
	fputs("usage: danests query [--server ENDPOINT | --direct [-o name=value]...]\n"
	      "                     [--tlsrpt] [--json] NAME...\n\n"
	      "  --server ENDPOINT  ask the danestsd at unix:PATH or inet:HOST:PORT\n"
	      "                     (default: unix:/run/danests/socketmap, then inet:127.0.0.1:8461)\n"
	      "  --direct           resolve here, without a service, and show why\n"
	      "  -o name=value      with --direct: a parameter of danestsd.conf(5)\n"
	      "  --tlsrpt           with the TLSRPT attributes of Postfix 3.10\n"
	      "  --json             one JSON document\n\n"
	      "NAME is what Postfix calls a nexthop: example.com, example.com:587,\n"
	      "[mx.example.com], [mx.example.com]:587.\n\n"
	      "exit status: 0 answered; 75 a sender would have to wait; 69 no service; 64 usage\n",
	    out);
}

static int query_direct(struct query *query, const char *name)
{
	static char reply[QUERY_MAX_REPLY + 1];
	danests_policy *policy = NULL;
	int r = danests_lookup(query->lib.ctx, name, &policy);
	const char *level = "NOTFOUND";
	size_t len = 0;

	if (r == DANESTS_OK) {
		len = danests_postfix_reply(policy, &query->lib.postfix, reply, QUERY_MAX_REPLY);
		level = danests_postfix_level(policy, &query->lib.postfix);
	} else if (r == DANESTS_ENAME) {
		/* Not a name to look up: an answer too, and the one Postfix gets. */
		len = (size_t)snprintf(reply, sizeof(reply), "NOTFOUND ");
	} else {
		tool_complain("query", "%s: %s", name, danests_problem(query->lib.ctx)[0] != '\0' ?
		    danests_problem(query->lib.ctx) : danests_strerror(r));
		return r == DANESTS_ENOMEM ? EX_OSERR : EX_TEMPFAIL;
	}
	reply[len] = '\0';
	query->any_temp |= strcmp(level, "TEMP") == 0;
	if (query->json) {
		json_array_append_new(query->results, print_policy_json(name, policy, reply, level));
	} else {
		printf("%s: %s\n", name, reply);
		print_policy(policy);
	}
	danests_policy_unref(policy);
	return EX_OK;
}

static int query_server(struct query *query, const char *name)
{
	char problem[ASK_PROBLEM];
	struct buf reply = {0};
	int r;

	r = ask_map(&query->server, query->tlsrpt ? "QUERYwithTLSRPT" : "QUERY", name, &reply,
	    problem);
	if (r != DANESTS_OK) {
		tool_complain("query", "%s", problem);
		buf_free(&reply);
		return EX_UNAVAILABLE;
	}
	buf_char(&reply, '\0');
	if (reply.bad) {
		tool_complain("query", "out of memory");
		buf_free(&reply);
		return EX_OSERR;
	}
	query->any_temp |= strncmp(reply.data, "TEMP", 4) == 0;
	if (query->json)
		json_array_append_new(query->results,
		    json_pack("{s:s, s:s}", "nexthop", name, "reply", reply.data));
	else
		printf("%s: %s\n", name, reply.data);
	buf_free(&reply);
	return EX_OK;
}

/* The service where it listens by default, or where the user says. */
static int query_connect(struct query *query)
{
	static const char *const usual[] = { "unix:/run/danests/socketmap", "inet:127.0.0.1:8461" };
	char problem[ASK_PROBLEM] = "";
	int r;

	query->server.timeout_ms = QUERY_TIMEOUT_MS;
	if (query->server.endpoint != NULL) {
		r = ask_connect(&query->server, problem);
		if (r != DANESTS_OK)
			tool_complain("query", "%s", problem);
		return r == DANESTS_OK ? EX_OK : r == DANESTS_EINVAL ? EX_USAGE : EX_UNAVAILABLE;
	}
	for (size_t i = 0; i < COUNT_OF(usual); i++) {
		query->server.endpoint = usual[i];
		if (ask_connect(&query->server, problem) == DANESTS_OK)
			return EX_OK;
	}
	tool_complain("query", "no danestsd answers (%s); start it, name it with --server, "
	    "or use --direct", problem);
	return EX_UNAVAILABLE;
}

static int query_all(struct query *query, char **names)
{
	int exit_code = EX_OK;

	if (!query->direct)
		exit_code = query_connect(query);
	else
		exit_code = tool_direct_open(&query->lib, "query");
	if (exit_code != EX_OK)
		return exit_code;
	if (query->json)
		query->results = json_array();
	query->lib.postfix.tlsrpt |= query->tlsrpt;
	for (; *names != NULL && exit_code == EX_OK; names++)
		exit_code = query->direct ? query_direct(query, *names) : query_server(query, *names);
	if (query->json) {
		json_t *root = json_pack("{s:o}", "results", query->results);

		if (root == NULL || json_dumpf(root, stdout, JSON_INDENT(2)) != 0)
			exit_code = EX_OSERR;
		putchar('\n');
		json_decref(root);
	}
	if (exit_code == EX_OK && query->any_temp)
		exit_code = EX_TEMPFAIL;
	return exit_code;
}

int query_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "server", required_argument, NULL, 's' }, { "direct", no_argument, NULL, 'd' },
		{ "tlsrpt", no_argument, NULL, 't' }, { "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	struct query query = { .server = { .fd = -1 } };
	bool has_option = false;
	int opt, exit_code = EX_OK;

	if (danests_new(&query.lib.ctx) != DANESTS_OK) {
		tool_complain("query", "out of memory");
		return EX_OSERR;
	}
	while (exit_code == EX_OK && (opt = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		switch (opt) {
		case 's': query.server.endpoint = optarg; break;
		case 'd': query.direct = true; break;
		case 't': query.tlsrpt = true; break;
		case 'j': query.json = true; break;
		case 'o':
			has_option = true;
			exit_code = tool_direct_option(&query.lib, "query", optarg);
			break;
		case 'h':
			usage(stdout);
			danests_free(query.lib.ctx);
			return EX_OK;
		default: exit_code = EX_USAGE; break;
		}
	}
	if (exit_code == EX_OK && (optind == argc || (query.direct && query.server.endpoint != NULL) ||
	    (has_option && !query.direct))) {
		usage(stderr);
		exit_code = EX_USAGE;
	}
	if (exit_code == EX_OK)
		exit_code = query_all(&query, argv + optind);
	ask_close(&query.server);
	danests_free(query.lib.ctx);
	return exit_code;
}
