/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/stubproto.h"

#include <string.h>

#include "base/span.h"
#include "base/text.h"
#include "danests.h"

void stub_put_question(struct buf *out, const struct stub_question *q)
{
	size_t len = strlen(q->name);

	buf_u32(out, (uint32_t)(8 + len));
	buf_u32(out, q->id);
	buf_u8(out, q->server);
	buf_u8(out, q->flags);
	buf_u16(out, q->qtype);
	buf_add(out, q->name, len);
}

void stub_put_reply(struct buf *out, const struct stub_reply *reply)
{
	buf_u32(out, (uint32_t)(5 + reply->len));
	buf_u32(out, reply->id);
	buf_u8(out, (uint8_t)reply->status);
	buf_add(out, reply->packet, reply->len);
}

int stub_frame(const uint8_t *data, size_t len)
{
	struct span s = span_of(data, len);
	uint32_t size = span_u32(&s);

	if (s.bad)
		return 0;
	if (size == 0 || size > STUBPROTO_MAX)
		return -1;
	return span_left(&s) >= size ? (int)(STUBPROTO_HEAD + size) : 0;
}

/* "." or letters, digits, '-', '_' and single dots between. */
static bool name_valid(const char *name, size_t len)
{
	if (len == 1 && name[0] == '.')
		return true;
	if (len == 0 || len > DOMAIN_MAX || name[0] == '.' || name[len - 1] == '.')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!text_is_alnum(name[i]) && strchr("-_.", name[i]) == NULL)
			return false;
		if (name[i] == '\0' || (name[i] == '.' && name[i + 1] == '.'))
			return false;
	}
	return true;
}

int stub_get_question(struct stub_question *out, const uint8_t *frame, size_t len)
{
	struct span s = span_of(frame, len);
	struct stub_question q = {0};
	const uint8_t *name;
	size_t name_len;

	(void)span_u32(&s);
	q.id = span_u32(&s);
	q.server = span_u8(&s);
	q.flags = span_u8(&s);
	q.qtype = span_u16(&s);
	name = span_rest(&s, &name_len);
	if (s.bad || !name_valid((const char *)name, name_len) ||
	    (q.flags & ~(STUB_CHECKING_DISABLED | STUB_PROBE)) != 0)
		return DANESTS_EINVAL;
	memcpy(q.name, name, name_len);
	*out = q;
	return DANESTS_OK;
}

int stub_get_reply(struct stub_reply *out, const uint8_t *frame, size_t len)
{
	struct span s = span_of(frame, len);
	struct stub_reply reply;
	uint8_t status;

	(void)span_u32(&s);
	reply.id = span_u32(&s);
	status = span_u8(&s);
	reply.packet = span_rest(&s, &reply.len);
	if (s.bad || status > STUB_ERROR || reply.len > UINT16_MAX)
		return DANESTS_EINVAL;
	/* A packet has at least its header; a failure has none. */
	if (status == STUB_PACKET ? reply.len < 12 : reply.len != 0)
		return DANESTS_EINVAL;
	reply.status = (enum stub_status)status;
	*out = reply;
	return DANESTS_OK;
}
