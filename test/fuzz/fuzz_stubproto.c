/* SPDX-License-Identifier: BSD-2-Clause */
/* Input: what comes over the socket, either way. Laws: a frame never reaches
 * beyond the input; what is accepted is written again octet by octet. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "danests.h"
#include "source/stubproto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(struct buf *b, const uint8_t *frame, size_t len)
{
	if (b->bad || b->len != len || memcmp(b->data, frame, len) != 0)
		abort();
	buf_free(b);
}

static void check(const uint8_t *frame, size_t len)
{
	struct stub_question q;
	struct stub_reply reply;
	struct buf b = {0};

	if (stub_get_question(&q, frame, len) == DANESTS_OK) {
		if (strlen(q.name) == 0 || strlen(q.name) > DOMAIN_MAX)
			abort();
		stub_put_question(&b, &q);
		same(&b, frame, len);
	}
	if (stub_get_reply(&reply, frame, len) == DANESTS_OK) {
		if (reply.packet + reply.len != frame + len)
			abort();
		stub_put_reply(&b, &reply);
		same(&b, frame, len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int frame;

	while ((frame = stub_frame(data, size)) > 0) {
		if ((size_t)frame > size || frame <= STUBPROTO_HEAD)
			abort();
		check(data, (size_t)frame);
		data += frame;
		size -= (size_t)frame;
	}
	return 0;
}
