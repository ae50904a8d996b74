/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages in queues: from the line that gives one a queue id to the one that takes it away
 * (maillog.md A.6). Short queue ids are used again, but never within the same second: a line
 * that is older than the message that has the id now is of one before it, read again, and is
 * passed over; a birth that is not younger than the message's last line is a copy of its own.
 */
#ifndef REPORT_MESSAGES_H
#define REPORT_MESSAGES_H

#include "tools/report/keep.h"
#include "tools/report/line.h"
#include "tools/report/seen.h"

#define MESSAGE_SENT 2     /* recipients who have it that are remembered in the record */
#define MESSAGE_TEXT_MAX 1024 /* octets of a sender or message id; the rest is cut off */
#define TEXT_CLASSES 7     /* 32 to 2048 octets */

struct message {
	struct keep_node node;
	uint64_t serial;       /* 0: no delivery yet */
	int64_t born, last;    /* seconds */
	uint64_t sent[MESSAGE_SENT];
	char *text;            /* message id, sender */
	uint16_t id_len, sender_len;
	uint8_t class;         /* of text */
	bool has_id, has_sender;
	bool delivered;        /* under this queue id */
	bool told;             /* that it is gone */
};

struct messages {
	const uint64_t *seed;
	struct keep keep;
	size_t octets, max_octets;
	void *spare[TEXT_CLASSES];
	uint64_t serial;
};

void messages_init(struct messages *all, const uint64_t seed[2], size_t max, size_t octets,
    uint64_t *forgotten);
void messages_free(struct messages *all);

/* root: of struct where. */
uint64_t messages_key(const struct messages *all, uint64_t root, struct slice qid);
struct message *messages_find(struct messages *all, uint64_t key);
/* It must not be there; NULL: no memory. */
struct message *messages_add(struct messages *all, uint64_t key, int64_t second);
void messages_del(struct messages *all, struct message *m);
/* As if it had just come. */
void messages_empty(struct messages *all, struct message *m, int64_t second);
/* All that is known of from, but for its queue id; from is empty then. */
void messages_move(struct messages *all, struct message *to, struct message *from);

/* false: no memory, and it stays as it was. */
bool messages_set_id(struct messages *all, struct message *m, struct slice id);
bool messages_set_sender(struct messages *all, struct message *m, struct slice sender);
/* NULL where they are not known; until the message changes. */
struct slice message_id(const struct message *m);
struct slice message_sender(const struct message *m);

/* The number that it has in struct delivery. */
uint64_t messages_serial(struct messages *all, struct message *m);
/* Had this recipient got it before? From now on, yes. */
bool messages_sent(const struct messages *all, struct message *m, struct seen *seen,
    struct slice recipient);

#endif
