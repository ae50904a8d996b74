/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/processes.h"

#include "base/map.h"
#include "tools/report/places.h"
#include "tools/report/process_impl.h"
#include "tools/report/seconds.h"

void processes_init(struct processes *all, const uint64_t seed[2], size_t processes,
    size_t peers, uint64_t *forgotten)
{
	*all = (struct processes){ .seed = seed };
	keep_init(&all->processes, sizeof(struct process), processes, forgotten);
	keep_init(&all->peers, sizeof(struct peer), peers, forgotten);
}

void processes_free(struct processes *all)
{
	keep_free(&all->processes);
	keep_free(&all->peers);
}

/* ---- Finding them ---- */

/* A line without a process id belongs to nobody. What was known before a start is void. */
struct process *process_find(struct processes *all, const struct speaker *who, bool make)
{
	uint64_t key = keep_mix(all->seed, (uint64_t)who->where->id << 32 | who->pid);
	struct process *p;

	if (who->pid == 0)
		return NULL;
	p = keep_get(&all->processes, key);
	if (p == NULL && make && (p = keep_add(&all->processes, key)) != NULL)
		p->starts = who->where->starts;
	if (p == NULL || p->starts == who->where->starts)
		return p;
	keep_del(&all->processes, p);
	return process_find(all, who, make);
}

uint64_t process_number(const struct processes *all, struct slice text)
{
	uint64_t number = map_hash(all->seed, text.p, text.len);

	return number + (number == 0);
}

struct peer *process_peer(struct processes *all, const struct speaker *who, uint64_t number,
    bool make)
{
	uint64_t key = who->where->root ^ number;
	struct peer *peer = keep_get(&all->peers, key);

	return peer != NULL || !make ? peer : keep_add(&all->peers, key);
}

/* ---- Sessions ---- */

static unsigned trust_index(enum trust trust)
{
	return trust == TRUST_VERIFIED;
}

static bool holds(const struct proved *proved, int64_t us)
{
	return proved->there && seconds(proved->first) <= seconds(us) &&
	    (us < proved->last || seconds_near(proved->last, us, PROOF_HOLDS));
}

/* What is older than that is a copy. */
static void extend(struct proved *proved, int64_t us)
{
	if (proved->there && us < proved->last)
		return;
	if (!proved->there || !seconds_near(proved->last, us, PROOF_HOLDS))
		proved->first = us;
	proved->last = us;
	proved->there = true;
}

/* A server that stands for domains of both kinds: only what its own process logged proves
 * a session. */
static bool is_mixed(const struct peer *peer, int64_t us)
{
	return peer->dane && peer->names > 0 && seconds_near(peer->dane_us, us, PROOF_HOLDS) &&
	    seconds_near(peer->name_us, us, PROOF_HOLDS);
}

/* With DANE-TA the name that matched is logged first. */
static void note_kind(struct peer *peer, const struct event *event, int64_t us)
{
	if (event->proof.proof == PROOF_DANE) {
		if (event->proof.anchor && peer->names > 0)
			peer->names--;
		peer->dane = true;
		peer->dane_us = us;
	} else if (event->proof.proof == PROOF_NAME) {
		if (!seconds_near(peer->name_us, us, PROOF_HOLDS))
			peer->names = 0;
		peer->names++;
		peer->name_us = us;
	}
}

/*
 * A session that was resumed is not proved again: the last proof of the same side holds for as
 * long as Postfix remembers sessions, if there was one kind of it only, and of the same trust:
 * half-dane is Trusted, all else that has a proof is Verified.
 */
static enum proof inherited(const struct peer *peer, enum trust trust, int64_t us)
{
	const struct proved *proofs = peer->proofs[trust_index(trust)];
	enum proof found = PROOF_NONE;

	if (is_mixed(peer, us))
		return PROOF_NONE;
	for (unsigned i = PROOF_NONE + 1; i < PEER_PROOFS; i++) {
		if (!holds(&proofs[i], us) || (trust != TRUST_VERIFIED && i != PROOF_DANE))
			continue;
		if (found != PROOF_NONE)
			return PROOF_NONE;
		found = (enum proof)i;
	}
	return found;
}

static enum proof own_proof(struct process *p, const struct peer *peer, uint64_t number,
    int64_t us)
{
	enum proof proof = PROOF_NONE;

	if (p->proved.peer == number && seconds_since(p->proved.us, us, OWN_NEAR))
		proof = (enum proof)p->proof;
	else if (peer != NULL && peer->proof != PROOF_NONE && !is_mixed(peer, us) &&
	    seconds_since(peer->proof_us, us, PROXY_NEAR))
		proof = (enum proof)peer->proof;
	p->proved = (struct note){0};
	return proof;
}

static enum proof find_proof(struct processes *all, const struct speaker *who,
    struct process *p, uint64_t number, enum trust trust)
{
	struct peer *peer = process_peer(all, who, number, false);
	enum proof proof;

	if (trust != TRUST_VERIFIED && trust != TRUST_TRUSTED)
		return PROOF_NONE;
	proof = own_proof(p, peer, number, who->us);
	if (trust != TRUST_VERIFIED && proof != PROOF_DANE)
		proof = PROOF_NONE; /* a name that matched proves nothing without a chain */
	if (proof == PROOF_NONE)
		return peer != NULL ? inherited(peer, trust, who->us) : PROOF_NONE;
	if (peer == NULL)
		peer = process_peer(all, who, number, true);
	if (peer != NULL)
		extend(&peer->proofs[trust_index(trust)][proof], who->us);
	return proof;
}

static bool note_session(struct processes *all, const struct speaker *who,
    const struct event *event)
{
	const uint64_t number = process_number(all, event->session.peer);
	struct process *p = process_find(all, who, true);
	enum proof proof;
	bool again;

	if (p == NULL)
		return who->pid == 0;
	again = p->session.peer == number && p->session.qid == 0 &&
	    p->trust == event->session.trust && seconds(p->session.us) == seconds(who->us);
	proof = find_proof(all, who, p, number, event->session.trust);
	if (proof != PROOF_NONE || !again)
		p->session_proof = (uint8_t)proof;
	p->session = (struct note){ number, 0, who->us };
	p->trust = (uint8_t)event->session.trust;
	p->reused = event->session.reused;
	return true;
}

/* ---- Other lines ---- */

static bool note_of_proxy(struct processes *all, const struct speaker *who,
    const struct event *event, uint64_t number)
{
	struct peer *peer = process_peer(all, who, number, true);

	if (peer == NULL)
		return false;
	if (event->kind == EVENT_PROOF) {
		/* DANE-TA prints the name that matched, too: DANE it is. */
		if (peer->proof != PROOF_DANE || !seconds_near(peer->proof_us, who->us, 1))
			peer->proof = (uint8_t)event->proof.proof;
		peer->proof_us = who->us;
	} else if (event->kind == EVENT_CAUSE) {
		peer->cause = (uint8_t)event->cause.cause;
		peer->cause_us = who->us;
	} else if (event->kind == EVENT_UNUSABLE) {
		peer->unusable = true;
		peer->unusable_us = who->us;
	} else if (event->kind == EVENT_TLSRPT) {
		peer->tlsrpt = all->proxy_reports = true;
		peer->tlsrpt_word = (uint8_t)event->tlsrpt.word;
		peer->tlsrpt_us = who->us;
	}
	return true;
}

static void note_proof(struct process *p, const struct note *note, enum proof proof)
{
	bool both = p->proved.peer == note->peer && p->proof == PROOF_DANE &&
	    seconds_near(p->proved.us, note->us, 1);

	p->proved = *note;
	if (!both)
		p->proof = (uint8_t)proof;
}

static void note_own(struct process *p, const struct note *note, const struct event *event)
{
	switch (event->kind) {
	case EVENT_PROOF:
		note_proof(p, note, event->proof.proof);
		return;
	case EVENT_CAUSE:
		p->failed = *note;
		p->cause = (uint8_t)event->cause.cause;
		return;
	case EVENT_UNUSABLE:
		p->unusable = *note;
		return;
	case EVENT_TLSRPT:
		p->tlsrpt = *note;
		p->tlsrpt_word = (uint8_t)event->tlsrpt.word;
		return;
	case EVENT_STS_MX:
		p->sts_mx = *note;
		return;
	case EVENT_LOCAL:
		p->no_proxy = *note;
		return;
	default:
		p->policy = *note;
		return;
	}
}

/* tlsproxy works for many: a report is told apart by its domain, too. */
uint64_t process_report_number(const struct processes *all, struct slice mx,
    struct slice domain)
{
	return process_number(all, mx) ^ keep_mix(all->seed, process_number(all, domain));
}

static uint64_t number_of(const struct processes *all, const struct event *event, bool proxy,
    uint64_t nexthop)
{
	switch (event->kind) {
	case EVENT_PROOF:
		return process_number(all, event->proof.peer);
	case EVENT_CAUSE:
		return process_number(all, event->cause.peer);
	case EVENT_UNUSABLE:
		return process_number(all, event->unusable.peer);
	case EVENT_TLSRPT:
		return proxy ? process_report_number(all, event->tlsrpt.mx,
		    event->tlsrpt.domain) : process_number(all, event->tlsrpt.mx);
	case EVENT_STS_MX:
		return process_number(all, event->sts_mx.domain);
	default:
		return nexthop;
	}
}

bool processes_note(struct processes *all, const struct speaker *who, const struct event *event,
    uint64_t nexthop)
{
	struct process *p;
	struct peer *peer;
	uint64_t number;

	if (event->kind == EVENT_SESSION)
		return who->proxy || note_session(all, who, event);
	number = number_of(all, event, who->proxy, nexthop);
	if (number == 0)
		return true;
	if (event->kind == EVENT_PROOF) {
		if ((peer = process_peer(all, who, number, true)) == NULL)
			return false;
		note_kind(peer, event, who->us);
	}
	if (who->proxy)
		return note_of_proxy(all, who, event, number);
	p = process_find(all, who, true);
	if (p == NULL)
		return who->pid == 0;
	note_own(p, &(struct note){ number, 0, who->us }, event);
	return true;
}
