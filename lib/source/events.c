/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/events.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define EVENTS_MAX 1024  /* that wait */
#define EVENTS_TEXT 512  /* octets of one text, NUL included */

struct event {
	struct list node;
	enum danests_event_kind kind;
	char *text;      /* behind the domain, in the same block */
	char domain[];
};

void events_init(struct events *events)
{
	memset(events, 0, sizeof(*events));
	list_init(&events->queue);
}

void events_clear(struct events *events)
{
	struct event *e;

	while (!list_empty(&events->queue)) {
		e = CONTAINER_OF(events->queue.next, struct event, node);
		list_remove(&e->node);
		free(e);
	}
	free(events->given);
	events_init(events);
}

static struct event *event_new(const char *domain, const char *text)
{
	size_t domain_len = strlen(domain), text_len = strlen(text);
	struct event *e = malloc(sizeof(*e) + domain_len + 1 + text_len + 1);

	if (e == NULL)
		return NULL;
	e->text = e->domain + domain_len + 1;
	/* File names and what servers say may stand in them. */
	text_printable(e->domain, domain_len + 1, domain, domain_len);
	text_printable(e->text, text_len + 1, text, text_len);
	return e;
}

void events_add(struct events *events, enum danests_event_kind kind, const char *domain,
    const char *fmt, ...)
{
	char text[EVENTS_TEXT];
	struct event *e = NULL;
	va_list ap;
	int n;

	if (events->heard != NULL)
		events->heard(events->arg, kind, domain);
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		text[0] = '\0';
	if (events->count < EVENTS_MAX)
		e = event_new(domain, text);
	if (e == NULL) {
		/* Who missed that a policy changed would go on with the old one. */
		if (kind == DANESTS_EVENT_CHANGED)
			events->all_changed = true;
		else
			events->dropped++;
		return;
	}
	e->kind = kind;
	list_append(&events->queue, &e->node);
	events->count++;
}

bool events_next(struct events *events, struct danests_event *out)
{
	struct event *e;

	free(events->given);
	events->given = NULL;
	if (events->all_changed) {
		events->all_changed = false;
		*out = (struct danests_event){ DANESTS_EVENT_CHANGED, "", "" };
		return true;
	}
	if (list_empty(&events->queue))
		return false;
	e = CONTAINER_OF(events->queue.next, struct event, node);
	list_remove(&e->node);
	events->count--;
	events->given = e;
	*out = (struct danests_event){ e->kind, e->domain, e->text };
	return true;
}
