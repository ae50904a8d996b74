/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages come and go. */
#include "tools/report/join_impl.h"

/* Once for each message that was tried. */
static void tell_gone(struct join *j, struct message *m, bool expired)
{
	if (m->told || m->serial == 0)
		return;
	m->told = true;
	j->next.gone(j->next.arg, m->serial, expired, j->us);
}

static uint64_t key_of(const struct join *j, const struct heard *h, struct slice qid)
{
	return messages_key(&j->messages, h->where->root, qid);
}

/* The message that ends with this line. Nothing comes after that, so a line from before its
 * last one is a copy, of its own or of one that had its id before. */
static struct message *find_ending(struct join *j, const struct heard *h)
{
	struct message *m = messages_find(&j->messages, key_of(j, h, h->event->qid));

	return m == NULL || h->second < m->last ? NULL : m;
}

/* ---- Birth ---- */

/* Does a message with this id begin here, though another one that has it was not removed?
 * What comes from pickup or smtpd is the first line of one; cleanup's and the others follow. */
static bool begins_another(const struct message *m, const struct heard *h)
{
	struct slice id = h->event->born.message_id;

	if (h->second <= m->last)
		return false;
	if (!m->delivered)
		return id.p == NULL;
	return id.len == 0 || !m->has_id || !slice_equal(id, message_id(m));
}

/* After postsuper -r a message has another queue id, and is the same one. m NULL: the line is
 * a copy, and so was what made the old one. */
static void requeue(struct join *j, const struct heard *h, struct message *m)
{
	struct message *old = messages_find(&j->messages, key_of(j, h, h->event->born.old_qid));

	if (old == NULL || old == m || h->second < old->last)
		return;
	if (m != NULL && m->serial == 0 && old->serial != 0)
		messages_move(&j->messages, m, old);
	messages_del(&j->messages, old);
}

void join_born(struct join *j, const struct heard *h)
{
	const uint64_t key = key_of(j, h, h->event->qid);
	struct message *m = messages_find(&j->messages, key);
	bool first = true;

	join_lived(j, h);
	if (m == NULL) {
		m = messages_add(&j->messages, key, h->second);
		if (m == NULL) {
			j->counts.out_of_memory = true;
			return;
		}
	} else if (h->second < m->born) {
		if (h->event->born.old_qid.len > 0)
			requeue(j, h, NULL);
		return;
	} else if (begins_another(m, h)) {
		tell_gone(j, m, false);
		messages_empty(&j->messages, m, h->second);
	} else {
		first = !m->has_id || h->second > m->last;
		m->last = h->second > m->last ? h->second : m->last;
	}
	if (h->event->born.old_qid.len > 0)
		requeue(j, h, m);
	if (first && h->event->born.message_id.p != NULL &&
	    !messages_set_id(&j->messages, m, h->event->born.message_id))
		j->counts.out_of_memory = true;
}

/* ---- Life ---- */

void join_sender(struct join *j, const struct heard *h)
{
	const uint64_t key = key_of(j, h, h->event->qid);
	struct message *m = messages_find(&j->messages, key);

	join_lived(j, h);
	if (m != NULL && h->second < m->born)
		return;
	if (m == NULL && (m = messages_add(&j->messages, key, h->second)) == NULL) {
		j->counts.out_of_memory = true;
		return;
	}
	m->last = h->second > m->last ? h->second : m->last;
	if (!messages_set_sender(&j->messages, m, h->event->sender.sender))
		j->counts.out_of_memory = true;
}

/* Postfix tries, and qmgr says so, more often than every few days: in a log without
 * qmgr's lines an id that comes again later is another message's. */
#define SILENT (5 * 86400)

/* The message of a delivery that was not seen before. */
struct message *join_message(struct join *j, const struct heard *h)
{
	const uint64_t key = key_of(j, h, h->event->qid);
	struct message *m = messages_find(&j->messages, key);

	if (m == NULL)
		m = messages_add(&j->messages, key, h->second);
	if (m == NULL) {
		j->counts.out_of_memory = true;
		return NULL;
	}
	if (m->delivered && h->second - m->last > SILENT) {
		tell_gone(j, m, false);
		messages_empty(&j->messages, m, h->second);
	}
	m->delivered = true;
	m->last = h->second > m->last ? h->second : m->last;
	return m;
}

/* ---- End ---- */

void join_expired(struct join *j, const struct heard *h)
{
	struct message *m = find_ending(j, h);

	if (m != NULL)
		tell_gone(j, m, true);
}

void join_removed(struct join *j, const struct heard *h)
{
	struct message *m = find_ending(j, h);

	join_lived(j, h);
	if (m == NULL)
		return;
	tell_gone(j, m, false);
	messages_del(&j->messages, m);
}
