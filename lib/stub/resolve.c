/* SPDX-License-Identifier: BSD-2-Clause */
#include "stub/resolve.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "stub/evloop.h"

struct context {
	getdns_context *ctx;
	struct evloop ev;
};

/* A resolver. Its probes have a context of their own: however many questions
 * queue up in the other one, they do not wait (N2). */
struct server {
	struct context questions, probes;
};

#define PROBES 16 /* under way at once, and they are never so many */

struct resolve {
	struct loop *loop;
	resolve_fn *replied;
	void *arg;
	getdns_dict *ask, *ask_cd; /* the extensions: what is in the header */
	struct server server[DNS_SERVERS_MAX];
	size_t count;
};

/* What a callback needs; freed by it. */
struct pending {
	struct resolve *r;
	uint32_t id;
};

/* ---- Set up ---- */

/* AD asks for the resolver's verdict without its records (RFC 6840 5.7). */
static getdns_dict *make_extensions(bool cd)
{
	getdns_dict *ext = getdns_dict_create(), *header = getdns_dict_create();
	bool ok = ext != NULL && header != NULL &&
	    getdns_dict_set_int(header, "rd", 1) == GETDNS_RETURN_GOOD &&
	    getdns_dict_set_int(header, "ad", !cd) == GETDNS_RETURN_GOOD &&
	    getdns_dict_set_int(header, "cd", cd) == GETDNS_RETURN_GOOD &&
	    getdns_dict_set_dict(ext, "header", header) == GETDNS_RETURN_GOOD;

	getdns_dict_destroy(header);
	if (ok)
		return ext;
	getdns_dict_destroy(ext);
	return NULL;
}

static bool set_upstream(getdns_context *ctx, const struct dns_server *s)
{
	getdns_bindata addr = { s->family == 6 ? 16 : 4, (uint8_t *)(uintptr_t)s->addr };
	getdns_bindata type = { 4, (uint8_t *)(uintptr_t)(s->family == 6 ? "IPv6" : "IPv4") };
	getdns_dict *one = getdns_dict_create();
	getdns_list *list = getdns_list_create();
	bool ok = one != NULL && list != NULL &&
	    getdns_dict_set_bindata(one, "address_type", &type) == GETDNS_RETURN_GOOD &&
	    getdns_dict_set_bindata(one, "address_data", &addr) == GETDNS_RETURN_GOOD &&
	    getdns_dict_set_int(one, "port", s->port) == GETDNS_RETURN_GOOD &&
	    getdns_list_set_dict(list, 0, one) == GETDNS_RETURN_GOOD &&
	    getdns_context_set_upstream_recursive_servers(ctx, list) == GETDNS_RETURN_GOOD;

	getdns_dict_destroy(one);
	getdns_list_destroy(list);
	return ok;
}

/* Each question is a socket, and without one getdns loses it: most of what may
 * be open, divided among the resolvers; the rest queue up in order. */
static uint16_t outstanding(size_t servers)
{
	struct rlimit lim;
	size_t n = 512;

	if (getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur != RLIM_INFINITY)
		n = (size_t)lim.rlim_cur / 2;
	n /= servers;
	return n < 16 ? 16 : n > 4096 ? 4096 : (uint16_t)n;
}

static bool configure(getdns_context *ctx, uint16_t most, int timeout_ms)
{
	getdns_namespace_t dns = GETDNS_NAMESPACE_DNS;
	getdns_transport_list_t transports[] = { GETDNS_TRANSPORT_UDP, GETDNS_TRANSPORT_TCP };
	getdns_return_t bad = 0;

	bad |= getdns_context_set_resolution_type(ctx, GETDNS_RESOLUTION_STUB);
	bad |= getdns_context_set_namespaces(ctx, 1, &dns);
	bad |= getdns_context_set_dns_transport_list(ctx, 2, transports);
	bad |= getdns_context_set_append_name(ctx, GETDNS_APPEND_NAME_NEVER);
	bad |= getdns_context_set_timeout(ctx, (uint64_t)timeout_ms);
	bad |= getdns_context_set_edns_maximum_udp_payload_size(ctx, 1232);
	bad |= getdns_context_set_limit_outstanding_queries(ctx, most);
	/* After a broken TCP connection: not an hour, a second. */
	bad |= getdns_context_set_tls_backoff_time(ctx, 1);
	return bad == GETDNS_RETURN_GOOD;
}

static void set_peer(struct evloop *ev, const struct dns_server *s)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)&ev->peer;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&ev->peer;

	if (s->family == 6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(s->port);
		memcpy(&v6->sin6_addr, s->addr, 16);
		ev->peer_len = sizeof(*v6);
	} else {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(s->port);
		memcpy(&v4->sin_addr, s->addr, 4);
		ev->peer_len = sizeof(*v4);
	}
}

/* set_from_os 0: neither resolv.conf nor hosts. */
static bool open_context(struct context *to, struct loop *loop, const struct dns_server *s,
    uint16_t most, int timeout_ms)
{
	if (getdns_context_create(&to->ctx, 0) != GETDNS_RETURN_GOOD)
		return false;
	evloop_init(&to->ev, loop);
	set_peer(&to->ev, s);
	return configure(to->ctx, most, timeout_ms) && set_upstream(to->ctx, s) &&
	    getdns_context_set_eventloop(to->ctx, &to->ev.base) == GETDNS_RETURN_GOOD;
}

static bool add_server(struct resolve *r, const struct dns_server *s, size_t servers,
    int timeout_ms)
{
	struct server *to = &r->server[r->count++];

	return open_context(&to->questions, r->loop, s, outstanding(servers), timeout_ms) &&
	    open_context(&to->probes, r->loop, s, PROBES, timeout_ms);
}

struct resolve *resolve_new(struct loop *loop, const struct dns_servers *servers, int timeout_ms,
    resolve_fn *replied, void *arg)
{
	struct resolve *r = calloc(1, sizeof(*r));
	bool ok = r != NULL;

	if (!ok)
		return NULL;
	r->loop = loop;
	r->replied = replied;
	r->arg = arg;
	r->ask = make_extensions(false);
	r->ask_cd = make_extensions(true);
	ok = r->ask != NULL && r->ask_cd != NULL;
	for (size_t i = 0; ok && i < servers->count; i++)
		ok = add_server(r, &servers->at[i], servers->count, timeout_ms);
	return ok ? r : NULL; /* the process ends then, and everything with it */
}

/* ---- Questions ---- */

/* Only the packet itself: what getdns made of it is not looked at. */
static void on_response(getdns_context *ctx, getdns_callback_type_t type, getdns_dict *response,
    void *arg, getdns_transaction_t transaction)
{
	struct pending *p = arg;
	struct stub_reply reply = { .id = p->id, .status = STUB_ERROR };
	getdns_bindata *packet;

	(void)ctx;
	(void)transaction;
	if (type == GETDNS_CALLBACK_TIMEOUT)
		reply.status = STUB_TIMEOUT;
	if (type == GETDNS_CALLBACK_COMPLETE && response != NULL &&
	    getdns_dict_get_bindata(response, "/replies_full/0", &packet) == GETDNS_RETURN_GOOD &&
	    packet->size >= 12 && packet->size <= UINT16_MAX) {
		reply.status = STUB_PACKET;
		reply.packet = packet->data;
		reply.len = packet->size;
	}
	p->r->replied(p->r->arg, &reply);
	getdns_dict_destroy(response);
	free(p);
}

static getdns_context *context_for(struct resolve *r, const struct stub_question *q)
{
	struct server *to = &r->server[q->server];

	return (q->flags & STUB_PROBE) != 0 ? to->probes.ctx : to->questions.ctx;
}

void resolve_ask(struct resolve *r, const struct stub_question *q)
{
	struct stub_reply failed = { .id = q->id, .status = STUB_ERROR };
	struct pending *p = q->server < r->count ? malloc(sizeof(*p)) : NULL;
	char name[DOMAIN_MAX + 2];
	size_t len = strlen(q->name);

	if (p == NULL) {
		r->replied(r->arg, &failed);
		return;
	}
	*p = (struct pending){ r, q->id };
	/* With its final dot nothing is ever appended to it. */
	memcpy(name, q->name, len + 1);
	if (name[len - 1] != '.')
		memcpy(name + len, ".", 2);
	if (getdns_general(context_for(r, q), name, q->qtype,
	    (q->flags & STUB_CHECKING_DISABLED) != 0 ? r->ask_cd : r->ask, p, NULL,
	    on_response) == GETDNS_RETURN_GOOD)
		return;
	free(p);
	r->replied(r->arg, &failed);
}
