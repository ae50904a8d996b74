/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "parse/dnsmsg.h"
#include "source/dns_stub.h"
#include "source/dns_unbound.h"

/* ---- Packets ---- */

static void put_name(struct buf *b, const char *name)
{
	size_t len;

	for (; name[0] != '\0' && strcmp(name, ".") != 0; name += len + (name[len] == '.')) {
		len = strcspn(name, ".");
		buf_u8(b, (uint8_t)len);
		buf_add(b, name, len);
	}
	buf_u8(b, 0);
}

static void packet_begin(struct packet *p, const char *qname, uint16_t qtype, unsigned rcode)
{
	static const uint8_t zero[8];

	*p = (struct packet){0};
	buf_u16(&p->b, 0);
	buf_u16(&p->b, (uint16_t)(0x8180 | rcode));
	buf_add(&p->b, zero, sizeof(zero));
	p->b.data[5] = 1;
	put_name(&p->b, qname);
	buf_u16(&p->b, qtype);
	buf_u16(&p->b, 1);
}

void play_rr(struct packet *p, const char *owner, uint16_t type, uint32_t ttl,
    const struct buf *rdata)
{
	put_name(&p->b, owner);
	buf_u16(&p->b, type);
	buf_u16(&p->b, 1);
	buf_u32(&p->b, ttl);
	buf_u16(&p->b, (uint16_t)rdata->len);
	buf_add(&p->b, rdata->data, rdata->len);
	p->b.data[7] = (char)++p->answers;
}

void play_bytes(struct packet *p, const char *owner, uint16_t type, uint32_t ttl,
    const char *data, size_t len)
{
	struct buf rdata = {0};

	buf_add(&rdata, data, len);
	play_rr(p, owner, type, ttl, &rdata);
	buf_free(&rdata);
}

void play_soa(struct packet *p, const char *zone)
{
	static const uint8_t numbers[20] = { [19] = 60 };
	struct buf rdata = {0};

	put_name(&rdata, zone);
	put_name(&rdata, zone);
	buf_add(&rdata, numbers, sizeof(numbers));
	play_rr(p, zone, DNS_SOA, 300, &rdata);
	p->b.data[7] = (char)--p->answers;
	p->b.data[9] = (char)++p->authority;
	buf_free(&rdata);
}

void play_cname(struct packet *p, const char *owner, const char *target)
{
	struct buf rdata = {0};

	put_name(&rdata, target);
	play_rr(p, owner, DNS_CNAME, 300, &rdata);
	buf_free(&rdata);
}

void play_mx(struct packet *p, const char *owner, uint16_t preference, const char *host)
{
	struct buf rdata = {0};

	buf_u16(&rdata, preference);
	put_name(&rdata, host);
	play_rr(p, owner, DNS_MX, 300, &rdata);
	buf_free(&rdata);
}

/* ---- The back end ---- */

struct play play;

static void fake_ask(struct dns_back *back, struct dns_query *q)
{
	struct scripted *s = &play.script[play.next];

	(void)back;
	memcpy(play.asked[play.next % 16], q->qname, sizeof(q->qname));
	if (play.silent)
		return;
	assert_true(play.next < play.count);
	play.next++;
	q->done(q, &(struct dns_reply){ .failure = s->failure, .secure = s->secure,
	    .packet = (uint8_t *)s->packet.b.data, .len = s->packet.b.len });
}

static void fake_cancel(struct dns_back *back, struct dns_query *q)
{
	(void)back;
	(void)q;
	play.cancelled++;
}

static void fake_free(struct dns_back *back) { (void)back; }

static int fake_use(struct dns_back *back, const struct dns_servers *servers)
{
	(void)back;
	(void)servers;
	return DANESTS_OK;
}

int dns_unbound_new(struct dns_back **out, const struct dns_setup *setup, char *problem,
    size_t size)
{
	static const struct dns_back_ops ops = { fake_free, fake_ask, fake_cancel, fake_use };

	(void)setup;
	(void)problem;
	(void)size;
	play.back.ops = &ops;
	*out = &play.back;
	return DANESTS_OK;
}

int dns_stub_new(struct dns_back **out, const struct dns_setup *setup, char *problem,
    size_t size)
{
	return dns_unbound_new(out, setup, problem, size);
}

struct packet *play_script(const char *qname, uint16_t qtype, unsigned rcode, bool secure)
{
	struct scripted *s = &play.script[play.count++];

	s->secure = secure;
	packet_begin(&s->packet, qname, qtype, rcode);
	return &s->packet;
}

/* ---- The world around ---- */

struct dns_conf play_conf(const struct world *w)
{
	return (struct dns_conf){ .resolver = "127.0.0.1", .trust_anchor = w->anchor,
	    .timeout_ms = 20 };
}

int play_setup(void **state)
{
	static const char ds[] = ". IN DS 20326 8 2 "
	    "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d\n";
	struct world *w = calloc(1, sizeof(*w));
	char problem[DNS_PROBLEM];
	struct dns_conf conf;
	int fd;

	memset(&play, 0, sizeof(play));
	list_init(&w->arrivals);
	memcpy(w->anchor, "/tmp/test_dns.XXXXXX", sizeof("/tmp/test_dns.XXXXXX"));
	fd = mkstemp(w->anchor);
	if (fd < 0 || write(fd, ds, sizeof(ds) - 1) != sizeof(ds) - 1 || close(fd) != 0)
		return -1;
	conf = play_conf(w);
	*state = w;
	return loop_new(&w->loop) != DANESTS_OK ||
	    dns_new(&w->dns, w->loop, &conf, problem) != DANESTS_OK;
}

int play_teardown(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < play.count; i++)
		buf_free(&play.script[i].packet.b);
	answer_unref(w->ask.answer);
	dns_free(w->dns);
	loop_free(w->loop);
	unlink(w->anchor);
	free(w);
	return 0;
}

const struct answer *play_ask(struct world *w, const char *question)
{
	assert_int_equal(question_parse(&w->ask.q, question, strlen(question)), DANESTS_OK);
	list_init(&w->ask.arrived);
	w->ask.arrivals = &w->arrivals;
	if (dns_ask(w->dns, &w->ask) == SOURCE_PENDING)
		while (list_empty(&w->arrivals))
			assert_int_equal(loop_turn(w->loop, -1), DANESTS_OK);
	assert_non_null(w->ask.answer);
	return w->ask.answer;
}
