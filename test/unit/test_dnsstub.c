/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of the trust-ad back end that real servers do not reach; the rest is in
 * test/dns and test/live. */
#include "source/dns_stub_impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SENT 300000

static struct stub st;
static struct dns_query busy[200];
static uint32_t ids[SENT];

/* A helper that takes everything and says nothing. */
static int open_stub(void **state)
{
	(void)state;
	memset(&st, 0, sizeof(st));
	if (loop_new(&st.setup.loop) != DANESTS_OK)
		return -1;
	st.helper.loop = st.setup.loop;
	st.helper.pid = 1;
	return 0;
}

static int close_stub(void **state)
{
	(void)state;
	loop_untimer(st.setup.loop, &st.helper.flush);
	buf_free(&st.helper.out);
	loop_free(st.setup.loop);
	free(st.slot);
	return 0;
}

static uint32_t send_one(struct dns_query *q)
{
	struct stub_question sent;
	int frame;

	*q = (struct dns_query){ .qname = "lab", .qtype = 15 };
	buf_reset(&st.helper.out);
	assert_int_equal(stub_send(&st, q, 0, 0), DANESTS_OK);
	frame = stub_frame((uint8_t *)st.helper.out.data, st.helper.out.len);
	assert_true(frame > 0);
	assert_int_equal(stub_get_question(&sent, (uint8_t *)st.helper.out.data, (size_t)frame),
	    DANESTS_OK);
	return sent.id;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* A late reply must not meet another question. */
static void an_id_does_not_return_while_its_reply_may_be_late(void **state)
{
	struct dns_query q, *found;
	unsigned try;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(busy); i++)
		(void)send_one(&busy[i]);
	for (size_t i = 0; i < SENT; i++) {
		ids[i] = send_one(&q);
		assert_true(stub_find(&st, ids[i], &found, &try));
		assert_ptr_equal(found, &q);
		assert_int_equal(try, 0);
		stub_forget(&st, &q);
		assert_true(stub_find(&st, ids[i], &found, &try));
		assert_null(found);
	}
	for (size_t i = 0; i < COUNT_OF(busy); i++)
		stub_forget(&st, &busy[i]);
	qsort(ids, SENT, sizeof(ids[0]), compare);
	for (size_t i = 1; i < SENT; i++)
		assert_int_not_equal(ids[i - 1], ids[i]);
}

static void held_replies_are_bounded_and_go_with_their_questions(void **state)
{
	static uint8_t packet[UINT16_MAX];
	struct stub_reply reply = { .status = STUB_PACKET, .packet = packet,
	    .len = sizeof(packet) };
	size_t most = STUB_HELD_MAX / sizeof(packet), count = 0;
	struct dns_query *q = calloc(most + 1, sizeof(*q));
	struct list list;

	(void)state;
	assert_non_null(q);
	list_init(&list);
	for (; count <= most; count++) {
		(void)send_one(&q[count]);
		if (!stub_hold(&st, &q[count], &reply, &list))
			break;
		assert_true(stub_holds(&st, &q[count]));
	}
	assert_in_range(count, most - 2, most);
	assert_false(stub_holds(&st, &q[count]));
	for (size_t i = 0; i <= count; i++)
		stub_forget(&st, &q[i]);
	assert_true(list_empty(&list));
	assert_int_equal(st.held_octets, 0);
	free(q);
}

static void on_up(void *arg) { ++*(unsigned *)arg; }
static void on_death(void *arg) { (void)arg; }

static void a_helper_that_nothing_would_start_again_is_retried(void **state)
{
	unsigned ups = 0;
	struct dns_helper h = { .loop = st.setup.loop, .program = "/nonexistent",
	    .timeout_ms = 1000, .on_up = on_up, .on_death = on_death, .arg = &ups };

	(void)state;
	helper_start(&h);
	assert_int_not_equal(h.error, 0);
	h.program = "/bin/sh";
	h.started_ms -= 1000;
	helper_retry(&h); /* its timer will do it */
	assert_int_equal(ups, 0);
	loop_untimer(h.loop, &h.restart); /* as when there was no memory for it */
	helper_retry(&h);
	assert_int_equal(ups, 1);
	assert_int_equal(h.error, 0);
	helper_stop(&h);
	h.error = 1;
	helper_retry(&h); /* not so soon */
	assert_int_equal(ups, 1);
	helper_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_id_does_not_return_while_its_reply_may_be_late,
		    open_stub, close_stub),
		cmocka_unit_test_setup_teardown(
		    held_replies_are_bounded_and_go_with_their_questions, open_stub, close_stub),
		cmocka_unit_test_setup_teardown(
		    a_helper_that_nothing_would_start_again_is_retried, open_stub, close_stub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
