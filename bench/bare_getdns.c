/* SPDX-License-Identifier: BSD-2-Clause */
/* getdns alone, as a stub that believes AD: the rate that dnssec = trust-ad is held to. */
#include <err.h>
#include <getdns/getdns.h>
#include <getdns/getdns_extra.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "five.h"

/* Below what one connection of a resolver takes at a time without dropping. */
#define OUTSTANDING 900

struct asked {
	struct five_domain *domain;
	enum five_type type;
};

static getdns_context *ctx;
static getdns_dict *extensions;

static void must(const char *what, getdns_return_t r)
{
	if (r != GETDNS_RETURN_GOOD)
		errx(EX_SOFTWARE, "%s: %s", what, getdns_get_errorstr_by_id(r));
}

static void answered(getdns_context *context, getdns_callback_type_t type,
    getdns_dict *response, void *arg, getdns_transaction_t id)
{
	struct asked *a = arg;
	struct asked copy = *a;
	uint32_t rcode = 2, ad = 0;

	(void)context, (void)id;
	if (type == GETDNS_CALLBACK_COMPLETE) {
		(void)getdns_dict_get_int(response, "/replies_tree/0/header/rcode", &rcode);
		(void)getdns_dict_get_int(response, "/replies_tree/0/header/ad", &ad);
	}
	getdns_dict_destroy(response);
	free(a);
	five_answer(copy.domain, copy.type, ad == 1, rcode != 0 && rcode != 3);
}

static void ask(const char *name, enum five_type type, struct five_domain *d)
{
	struct asked *a = malloc(sizeof(*a));

	if (a == NULL)
		err(EX_OSERR, "malloc");
	a->domain = d;
	a->type = type;
	must("getdns_general", getdns_general(ctx, name, (uint16_t)type, extensions, a, NULL,
	    answered));
}

static void use_resolver(const char *text)
{
	getdns_list *list = getdns_list_create();
	getdns_dict *address;

	must(text, getdns_str2dict(text, &address));
	must(text, getdns_list_set_dict(list, 0, address));
	must(text, getdns_context_set_upstream_recursive_servers(ctx, list));
	getdns_dict_destroy(address);
	getdns_list_destroy(list);
}

int main(int argc, char **argv)
{
	getdns_transport_list_t transport = GETDNS_TRANSPORT_TCP;
	struct five five;

	five_options(&five, argc, argv);
	if (strcmp(five.mode, "udp") == 0)
		transport = GETDNS_TRANSPORT_UDP;
	must("context", getdns_context_create(&ctx, 0));
	must("stub", getdns_context_set_resolution_type(ctx, GETDNS_RESOLUTION_STUB));
	use_resolver(five.resolver);
	must("transport", getdns_context_set_dns_transport_list(ctx, 1, &transport));
	must("limit", getdns_context_set_limit_outstanding_queries(ctx, OUTSTANDING));
	must("idle", getdns_context_set_idle_timeout(ctx, 5000));
	extensions = getdns_dict_create();
	must("ad", getdns_dict_set_int(extensions, "/header/ad", 1));
	must("do", getdns_dict_set_int(extensions, "/add_opt_parameters/do_bit", 1));
	five_start(&five, ask);
	getdns_context_run(ctx);
	if (!five_finished())
		errx(EX_SOFTWARE, "getdns stopped with questions open");
	five_report();
	getdns_dict_destroy(extensions);
	getdns_context_destroy(ctx);
	return 0;
}
