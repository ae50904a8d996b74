/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/netstring.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The length in front of ':'; *head is how many octets it takes. */
static enum netstring_result head_parse(const char *data, size_t len, size_t max,
    size_t *head, size_t *value)
{
	size_t n = 0, v = 0;

	for (n = 0; n < len && text_is_digit(data[n]); n++) {
		if (n == NETSTRING_DIGITS)
			return NETSTRING_BAD;
		/* max is small, so v * 10 cannot overflow before this says no. */
		v = v * 10 + (size_t)(data[n] - '0');
		if (v > max)
			return NETSTRING_BAD;
	}
	if (n == len)
		return NETSTRING_MORE;
	if (n == 0 || data[n] != ':')
		return NETSTRING_BAD;
	*head = n + 1;
	*value = v;
	return NETSTRING_OK;
}

enum netstring_result netstring_parse(const char *data, size_t len, size_t max,
    struct netstring *out)
{
	enum netstring_result r;
	size_t head, payload;

	r = head_parse(data, len, max, &head, &payload);
	if (r != NETSTRING_OK)
		return r;
	if (len - head <= payload)
		return NETSTRING_MORE;
	if (data[head + payload] != ',')
		return NETSTRING_BAD;
	out->payload = data + head;
	out->len = payload;
	out->frame_len = head + payload + 1;
	return NETSTRING_OK;
}

size_t netstring_frame(char *out, const char *payload, size_t len)
{
	char head[NETSTRING_OVERHEAD + 1];
	size_t n;

	n = (size_t)snprintf(head, sizeof(head), "%zu:", len);
	memmove(out + n, payload, len);
	memcpy(out, head, n);
	out[n + len] = ',';
	return n + len + 1;
}
