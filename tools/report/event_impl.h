/* SPDX-License-Identifier: BSD-2-Clause */
/* Between event*.c only. Readers set out->kind last; what they cannot use stays EVENT_NONE. */
#ifndef REPORT_EVENT_IMPL_H
#define REPORT_EVENT_IMPL_H

#include "tools/report/event.h"

/* Takes what stands before the first `mark`, and the mark. False: *s stays. */
static inline bool event_take_until(struct slice *s, char mark, struct slice *front)
{
	const char *at = s->len == 0 ? NULL : memchr(s->p, mark, s->len);

	if (at == NULL)
		return false;
	*front = (struct slice){ s->p, (size_t)(at - s->p) };
	*s = slice_after(*s, front->len + 1);
	return true;
}

/* Takes "HOST[ADDR]:PORT: " or "HOST[/PATH]: ". False: *s stays. */
bool event_take_peer(struct slice *s, struct slice *peer);

/* Behind the first `with` from there on that has no '\\' in front; 0: there is none. */
size_t event_shut(struct slice s, size_t from, char with);

/* s: what follows "QID: to=<". EVENT_DELIVERY or EVENT_STRANGE. */
void event_read_delivery(struct slice s, struct event *out);

/* HOST[ADDR]:PORT from the back, as HOST is the least to be trusted. */
bool event_split_peer(struct slice peer, struct slice *host, struct slice *address,
    uint16_t *port);

/* Lines of smtp and lmtp without a queue id; of tlsproxy, whose sessions smtp logs too. */
void event_read_tls(struct slice text, bool proxy, struct event *out);
void event_read_tlsrpt(struct slice s, struct event *out);
enum cause event_cause_of(struct slice text);

/* A fault of this side, such as a table that cannot be read. */
bool event_is_local(struct slice text);

#endif
