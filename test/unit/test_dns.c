/* SPDX-License-Identifier: BSD-2-Clause */
/* dns.c and dns_convert.c over a back end that this file plays itself. */
#include "source/dns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "parse/dnsmsg.h"
#include "source/dns_back.h"
#include "source/dns_convert.h"
#include "source/dns_stub.h"
#include "source/dns_unbound.h"

/* ---- Packets ---- */

struct packet {
	struct buf b;
	unsigned answers, authority;
};

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

static void put_rr(struct packet *p, const char *owner, uint16_t type, uint32_t ttl,
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

static void put_bytes(struct packet *p, const char *owner, uint16_t type, uint32_t ttl,
    const char *data, size_t len)
{
	struct buf rdata = {0};

	buf_add(&rdata, data, len);
	put_rr(p, owner, type, ttl, &rdata);
	buf_free(&rdata);
}

static void put_cname(struct packet *p, const char *owner, const char *target)
{
	struct buf rdata = {0};

	put_name(&rdata, target);
	put_rr(p, owner, DNS_CNAME, 300, &rdata);
	buf_free(&rdata);
}

static void put_mx(struct packet *p, const char *owner, uint16_t preference, const char *host)
{
	struct buf rdata = {0};

	buf_u16(&rdata, preference);
	put_name(&rdata, host);
	put_rr(p, owner, DNS_MX, 300, &rdata);
	buf_free(&rdata);
}

/* ---- The back end ---- */

struct scripted {
	struct packet packet;
	bool secure;
	enum answer_failure failure;
};

static struct {
	struct dns_back back;
	struct scripted script[16];
	unsigned next, count, cancelled;
	bool silent;
	char asked[16][DOMAIN_MAX + 1];
} fake;

static void fake_ask(struct dns_back *back, struct dns_query *q)
{
	struct scripted *s = &fake.script[fake.next];

	(void)back;
	memcpy(fake.asked[fake.next % 16], q->qname, sizeof(q->qname));
	if (fake.silent)
		return;
	assert_true(fake.next < fake.count);
	fake.next++;
	q->done(q, &(struct dns_reply){ .failure = s->failure, .secure = s->secure,
	    .packet = (uint8_t *)s->packet.b.data, .len = s->packet.b.len });
}

static void fake_cancel(struct dns_back *back, struct dns_query *q)
{
	(void)back;
	(void)q;
	fake.cancelled++;
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
	fake.back.ops = &ops;
	*out = &fake.back;
	return DANESTS_OK;
}

int dns_stub_new(struct dns_back **out, const struct dns_setup *setup, char *problem,
    size_t size)
{
	return dns_unbound_new(out, setup, problem, size);
}

static struct packet *script(const char *qname, uint16_t qtype, unsigned rcode, bool secure)
{
	struct scripted *s = &fake.script[fake.count++];

	s->secure = secure;
	packet_begin(&s->packet, qname, qtype, rcode);
	return &s->packet;
}

/* ---- The world around ---- */

struct world {
	struct loop *loop;
	struct dns *dns;
	struct list arrivals;
	struct ask ask;
	char anchor[32];
};

static struct dns_conf conf_of(const struct world *w)
{
	return (struct dns_conf){ .resolver = "127.0.0.1", .trust_anchor = w->anchor,
	    .timeout_ms = 20 };
}

static int setup(void **state)
{
	static const char ds[] = ". IN DS 20326 8 2 "
	    "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d\n";
	struct world *w = calloc(1, sizeof(*w));
	char problem[DNS_PROBLEM];
	struct dns_conf conf;
	int fd;

	memset(&fake, 0, sizeof(fake));
	list_init(&w->arrivals);
	memcpy(w->anchor, "/tmp/test_dns.XXXXXX", sizeof("/tmp/test_dns.XXXXXX"));
	fd = mkstemp(w->anchor);
	if (fd < 0 || write(fd, ds, sizeof(ds) - 1) != sizeof(ds) - 1 || close(fd) != 0)
		return -1;
	conf = conf_of(w);
	*state = w;
	return loop_new(&w->loop) != DANESTS_OK ||
	    dns_new(&w->dns, w->loop, &conf, problem) != DANESTS_OK;
}

static int teardown(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < fake.count; i++)
		buf_free(&fake.script[i].packet.b);
	answer_unref(w->ask.answer);
	dns_free(w->dns);
	loop_free(w->loop);
	unlink(w->anchor);
	free(w);
	return 0;
}

static const struct answer *ask(struct world *w, const char *question)
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

/* ---- Claims ---- */

static void N10_an_unfinished_alias_is_asked_on(void **state)
{
	struct world *w = *state;
	const struct answer *a;

	put_cname(script("a.example", DNS_TLSA, 0, true), "a.example", "b.example");
	put_cname(script("b.example", DNS_TLSA, 0, true), "b.example", "c.example");
	put_bytes(script("c.example", DNS_TLSA, 0, true), "c.example", DNS_TLSA, 300,
	    "\3\1\1xyz", 6);
	a = ask(w, "TLSA a.example");
	assert_int_equal(a->state, ANSWER_SECURE);
	assert_string_equal(a->alias, "c.example");
	assert_int_equal(a->count, 1);
	assert_string_equal(fake.asked[2], "c.example");
}

static void N9_one_insecure_stage_makes_it_all_insecure(void **state)
{
	struct world *w = *state;

	put_cname(script("a.example", DNS_TLSA, 0, false), "a.example", "b.example");
	put_bytes(script("b.example", DNS_TLSA, 0, true), "b.example", DNS_TLSA, 300,
	    "\3\1\1xyz", 6);
	assert_int_equal(ask(w, "TLSA a.example")->state, ANSWER_INSECURE);
}

static void N10_an_error_at_any_stage_fails_the_whole(void **state)
{
	struct world *w = *state;

	put_cname(script("a.example", DNS_TLSA, 0, true), "a.example", "b.example");
	(void)script("b.example", DNS_TLSA, 0, true);
	fake.script[1].failure = FAILURE_SERVFAIL;
	assert_int_equal(ask(w, "TLSA a.example")->state, ANSWER_FAILED);
	assert_int_equal(w->ask.answer->failure, FAILURE_SERVFAIL);
}

static void N10_an_endless_chain_fails(void **state)
{
	struct world *w = *state;
	char name[2][16];

	for (int i = 0; i < 9; i++) {
		snprintf(name[0], sizeof(name[0]), "n%d.example", i);
		snprintf(name[1], sizeof(name[1]), "n%d.example", i + 1);
		put_cname(script(name[0], DNS_MX, 0, true), name[0], name[1]);
	}
	assert_int_equal(ask(w, "MX n0.example")->state, ANSWER_FAILED);
	assert_int_equal(w->ask.answer->failure, FAILURE_MALFORMED);
	assert_int_equal(fake.next, 9);
}

static void N3_the_reply_to_another_question_is_none(void **state)
{
	struct world *w = *state;

	put_mx(script("other.example", DNS_MX, 0, true), "other.example", 10, "mx.example");
	assert_int_equal(ask(w, "MX a.example")->failure, FAILURE_MALFORMED);
}

static void N3_silence_is_a_failure(void **state)
{
	struct world *w = *state;

	fake.silent = true;
	assert_int_equal(ask(w, "ADDR a.example")->state, ANSWER_FAILED);
	assert_int_equal(w->ask.answer->failure, FAILURE_TIMEOUT);
	assert_int_equal(fake.cancelled, 2);
}

static void N3_NXDOMAIN_with_records_is_malformed(void **state)
{
	struct world *w = *state;

	put_mx(script("a.example", DNS_MX, 3, true), "a.example", 10, "mx.example");
	assert_int_equal(ask(w, "MX a.example")->failure, FAILURE_MALFORMED);
}

static void N5_denials_are_answers(void **state)
{
	struct world *w = *state;

	(void)script("a.example", DNS_MX, 3, true);
	assert_int_equal(ask(w, "MX a.example")->state, ANSWER_ABSENT_SECURE);
	assert_true(w->ask.answer->nxdomain);
	answer_unref(w->ask.answer);
	list_remove(&w->ask.arrived);
	(void)script("a.example", DNS_MX, 0, false);
	assert_int_equal(ask(w, "MX a.example")->state, ANSWER_ABSENT_INSECURE);
	assert_false(w->ask.answer->nxdomain);
}

static void L4_only_the_root_is_null_mx(void **state)
{
	struct world *w = *state;
	struct packet *p;

	put_mx(script("a.example", DNS_MX, 0, true), "a.example", 0, ".");
	assert_true(ask(w, "MX a.example")->null_mx);
	answer_unref(w->ask.answer);
	list_remove(&w->ask.arrived);
	p = script("a.example", DNS_MX, 0, true);
	put_mx(p, "a.example", 0, ".");
	put_mx(p, "a.example", 20, "b.example");
	put_mx(p, "a.example", 10, "c.example");
	assert_false(ask(w, "MX a.example")->null_mx);
	assert_int_equal(w->ask.answer->count, 2);
	assert_string_equal(w->ask.answer->mx[0].host, "c.example");
}

static void L16_a_record_too_short_to_read_is_there(void **state)
{
	struct world *w = *state;

	put_bytes(script("a.example", DNS_TLSA, 0, true), "a.example", DNS_TLSA, 300, "\3\1", 2);
	assert_int_equal(ask(w, "TLSA a.example")->state, ANSWER_SECURE);
	assert_int_equal(w->ask.answer->count, 1);
	assert_int_equal(w->ask.answer->tlsa[0].len, 0);
}

static void S2_strings_of_one_record_are_joined(void **state)
{
	struct world *w = *state;
	struct packet *p = script("_mta-sts.a.example", DNS_TXT, 0, false);

	put_bytes(p, "_mta-sts.a.example", DNS_TXT, 300, "\12v=STSv1; i\5d=77;", 17);
	put_bytes(p, "_mta-sts.a.example", DNS_TXT, 300, "\3foo", 4);
	assert_string_equal(ask(w, "STSTXT a.example")->id, "77");
}

static void S3_other_TXT_records_are_no_record(void **state)
{
	struct world *w = *state;

	put_bytes(script("_mta-sts.a.example", DNS_TXT, 0, true), "_mta-sts.a.example", DNS_TXT,
	    300, "\3foo", 4);
	assert_int_equal(ask(w, "STSTXT a.example")->state, ANSWER_ABSENT_SECURE);
}

static void a_TXT_record_with_damaged_strings_fails(void **state)
{
	struct world *w = *state;

	put_bytes(script("_mta-sts.a.example", DNS_TXT, 0, true), "_mta-sts.a.example", DNS_TXT,
	    300, "\11foo", 4);
	assert_int_equal(ask(w, "STSTXT a.example")->failure, FAILURE_MALFORMED);
}

static void both_families_become_one_answer(void **state)
{
	struct world *w = *state;

	put_bytes(script("a.example", DNS_A, 0, true), "a.example", DNS_A, 1, "\300\0\2\1", 4);
	put_bytes(script("a.example", DNS_AAAA, 0, true), "a.example", DNS_AAAA, 999999,
	    "0123456789abcdef", 16);
	assert_int_equal(ask(w, "ADDR a.example")->count, 2);
	assert_int_equal(w->ask.answer->addr[0].family, 6);
	assert_in_range(w->ask.answer->expires - clock_now(), ANSWER_TTL_MIN - 2,
	    ANSWER_TTL_MIN);
}

static void times_are_kept_in_bounds(void **state)
{
	struct world *w = *state;
	struct packet *p = script("a.example", DNS_TLSA, 0, true);

	put_bytes(p, "a.example", DNS_TLSA, 999999, "\3\1\1x", 4);
	ask(w, "TLSA a.example");
	assert_in_range(w->ask.answer->expires - clock_now(), ANSWER_TTL_MAX - 2,
	    ANSWER_TTL_MAX);
}

static void N2_the_way_to_the_resolver_must_be_trusted(void **state)
{
	struct world *w = *state;
	struct dns_conf conf = conf_of(w);
	char problem[DNS_PROBLEM] = "";

	conf.mode = DNS_TRUST_AD;
	conf.resolver = "127.0.0.1 192.0.2.1";
	assert_int_equal(dns_check(&conf, problem), DANESTS_EINVAL);
	assert_non_null(strstr(problem, "N2"));
	conf.resolver = "recursive";
	assert_int_equal(dns_check(&conf, problem), DANESTS_EINVAL);
	conf.resolver = "127.0.0.1";
	conf.stub = "/nonexistent/stub";
	assert_int_equal(dns_check(&conf, problem), DANESTS_ERESOLVER);
	conf.mode = DNS_VALIDATE;
	conf.resolver = "192.0.2.1";
	assert_int_equal(dns_check(&conf, problem), DANESTS_OK);
	conf.trust_anchor = "/nonexistent/anchor";
	assert_int_equal(dns_check(&conf, problem), DANESTS_ERESOLVER);
}

static void why_bogus_is_said_shortly(void **state)
{
	static const struct {
		const char *theirs, *ours;
	} cases[] = {
		{ "validation failure <a. MX IN>: signature expired from 192.0.2.1",
		    "signature expired" },
		{ "validation failure <a. MX IN>: no signatures from 192.0.2.1 for DS a.",
		    "no signatures" },
		{ "validation failure <a. MX IN>: something\x1b new", "something? new" },
		{ "", "" },
	};
	char out[DNS_WHY];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		dns_why_bogus(cases[i].theirs, out);
		assert_string_equal(out, cases[i].ours);
	}
	dns_why_bogus(NULL, out);
	assert_string_equal(out, "");
}

int main(void)
{
#define DNS_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		DNS_TEST(N10_an_unfinished_alias_is_asked_on),
		DNS_TEST(N9_one_insecure_stage_makes_it_all_insecure),
		DNS_TEST(N10_an_error_at_any_stage_fails_the_whole),
		DNS_TEST(N10_an_endless_chain_fails),
		DNS_TEST(N3_the_reply_to_another_question_is_none),
		DNS_TEST(N3_silence_is_a_failure),
		DNS_TEST(N3_NXDOMAIN_with_records_is_malformed),
		DNS_TEST(N5_denials_are_answers),
		DNS_TEST(L4_only_the_root_is_null_mx),
		DNS_TEST(L16_a_record_too_short_to_read_is_there),
		DNS_TEST(S2_strings_of_one_record_are_joined),
		DNS_TEST(S3_other_TXT_records_are_no_record),
		DNS_TEST(a_TXT_record_with_damaged_strings_fails),
		DNS_TEST(both_families_become_one_answer),
		DNS_TEST(times_are_kept_in_bounds),
		DNS_TEST(N2_the_way_to_the_resolver_must_be_trusted),
		DNS_TEST(why_bogus_is_said_shortly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
