/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libdanests: how must mail for this destination be secured?
 *
 * Given a nexthop ("example.com", "[mx.example.com]:587") the library finds the
 * MX hosts with DNSSEC, their TLSA records (SMTP DANE, RFC 7672) and the MTA-STS
 * policy (RFC 8461), and says what a sender has to do.
 *
 * 1. Blocking:
 *
 *	danests *ctx;
 *	danests_policy *policy;
 *
 *	if (danests_new(&ctx) != DANESTS_OK)
 *		...
 *	if (danests_lookup(ctx, "example.com", &policy) == DANESTS_OK) {
 *		if (danests_policy_level(policy) == DANESTS_LEVEL_DEFER)
 *			puts(danests_policy_reason(policy));
 *		danests_policy_unref(policy);
 *	}
 *	danests_free(ctx);
 *
 * 2. In an event loop. Nothing calls you back: start, process, reap.
 *
 *	danests_start(ctx, nexthop, tag);            as many as you like
 *	poll danests_fd(ctx) for POLLIN, at most danests_timeout(ctx) ms
 *	danests_process(ctx);
 *	while (danests_reap(ctx, &done))
 *		... done.tag, done.error, done.policy ...
 *
 * 3. Inside a TLS handshake, in any thread, without a context:
 *
 *	danests_verify(policy, trust, mx_host, chain, count, time(NULL), &verdict);
 *	if (!verdict.deliver)
 *		... verdict.fault->code, verdict.fault->token, verdict.reason ...
 *
 * A domain whose DNS is bogus is no error of the library: the lookup succeeds,
 * and its policy says DANESTS_LEVEL_DEFER and why.
 *
 * Threads: a context belongs to one thread at a time; contexts are independent
 * of each other. Policies and trust stores are immutable and may be shared by any
 * threads; verifying and linting need no context. The library has no threads of its
 * own, never logs by itself, never exits, and leaves signals, environment, locale and
 * working directory alone.
 */
#ifndef DANESTS_H
#define DANESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct danests        danests;        /* lookup context: one thread at a time */
typedef struct danests_policy danests_policy; /* immutable, counted: share freely */

/* Errors: something went wrong on our side. Always negative. */
enum danests_error {
	DANESTS_OK        = 0,
	DANESTS_ENOMEM    = -1, /* out of memory */
	DANESTS_EINVAL    = -2, /* a documented precondition does not hold */
	DANESTS_ENAME     = -3, /* not a name we can look up */
	DANESTS_EBUSY     = -4, /* too many lookups, or settings are frozen */
	DANESTS_ERESOLVER = -5, /* no resolver or no trust anchor */
	DANESTS_ECACHE    = -6, /* cache unreadable, or not ours */
	DANESTS_ETRUST    = -7, /* CA certificates missing or unreadable */
	DANESTS_ESYSTEM   = -8  /* a system call failed; see errno */
};

/* Levels: what the domain asks of a sender. */
enum danests_level {
	DANESTS_LEVEL_NONE    = 0, /* nothing published: local default applies */
	DANESTS_LEVEL_TESTING = 1, /* MTA-STS testing: deliver, report failures */
	DANESTS_LEVEL_ENCRYPT = 2, /* TLSA published, none usable: TLS, peer unchecked */
	DANESTS_LEVEL_STS     = 3, /* MTA-STS enforce */
	DANESTS_LEVEL_DANE    = 4, /* usable TLSA records: one has to match */
	DANESTS_LEVEL_DEFER   = 5  /* not securely known: do not deliver now */
};

/* What DANE says of a destination as a whole. */
enum danests_dane {
	DANESTS_DANE_NONE     = 0, /* no secure TLSA records */
	DANESTS_DANE_FULL     = 1, /* every reachable MX host has usable ones */
	DANESTS_DANE_PARTIAL  = 2, /* some hosts have usable ones, others do not */
	DANESTS_DANE_HALF     = 3, /* some have, but the MX records are insecure */
	DANESTS_DANE_UNUSABLE = 4, /* there are records, none usable */
	DANESTS_DANE_UNKNOWN  = 5, /* none seen, but a lookup failed */
	DANESTS_DANE_BOGUS    = 6, /* DNSSEC says forged or broken */
	DANESTS_DANE_ERROR    = 7  /* DNS did not answer */
};

/* What MTA-STS says. */
enum danests_sts_state {
	DANESTS_STS_ABSENT  = 0,
	DANESTS_STS_NONE    = 1,
	DANESTS_STS_TESTING = 2,
	DANESTS_STS_ENFORCE = 3,
	DANESTS_STS_ERROR   = 4  /* TXT or fetch failed, and no policy is known */
};

/* What DANE says of one MX host. */
enum danests_host_state {
	DANESTS_HOST_NONE     = 0, /* no secure TLSA records */
	DANESTS_HOST_USABLE   = 1, /* usable secure ones */
	DANESTS_HOST_UNUSABLE = 2, /* secure ones, none usable */
	DANESTS_HOST_FAILED   = 3, /* a lookup on the way failed */
	DANESTS_HOST_GONE     = 4  /* the host has no address */
};

/* Results: RFC 8460, section 4.3. Values are those of libtlsrpt, so a cast converts. */
enum danests_result {
	DANESTS_SUCCESS                   = 0,
	DANESTS_STARTTLS_NOT_SUPPORTED    = 201,
	DANESTS_CERTIFICATE_HOST_MISMATCH = 202,
	DANESTS_CERTIFICATE_NOT_TRUSTED   = 203,
	DANESTS_CERTIFICATE_EXPIRED       = 204,
	DANESTS_VALIDATION_FAILURE        = 205,
	DANESTS_STS_POLICY_FETCH_ERROR    = 301,
	DANESTS_STS_POLICY_INVALID        = 302,
	DANESTS_STS_WEBPKI_INVALID        = 303,
	DANESTS_TLSA_INVALID              = 304,
	DANESTS_DNSSEC_INVALID            = 305,
	DANESTS_DANE_REQUIRED             = 306
};

/* RFC 6698 2.1. Borrowed from its policy. */
struct danests_tlsa {
	uint8_t        usage, selector, mtype;
	size_t         len;
	const uint8_t *data;
};

/* RFC 8461 3.2. Borrowed from its policy. */
struct danests_sts {
	const char        *id;       /* of the TXT record it was fetched for */
	uint32_t           max_age;  /* seconds */
	size_t             mx_count;
	const char *const *mx;       /* "mail.example.com", "*.example.net" */
	const char        *text;     /* as fetched, for TLSRPT; ends with NUL */
	size_t             text_len;
	time_t             expires;
};

/* One MX host. Borrowed from its policy; later versions may add members. */
struct danests_host {
	const char                *name;       /* as in the MX record, A-labels */
	const char                *base;       /* TLSA base domain; name when there is none better */
	unsigned int               preference;
	enum danests_host_state    state;
	bool                       address_secure; /* DNSSEC vouches for its address */
	size_t                     tlsa_count;
	const struct danests_tlsa *tlsa;       /* all secure ones, usable or not */
	const char                *reason;     /* why failed, gone or unusable; or "" */
	const char                *token;      /* of a failed one: danests(7); else "" */
};

/* What one lookup came to. The caller owns policy (NULL when error is not 0). */
struct danests_done {
	void           *tag;
	int             error;
	danests_policy *policy;
};

/* ---- Context ---- */

/* A context with the defaults of danestsd.conf(5). DANESTS_OK, DANESTS_ENOMEM,
 * DANESTS_ESYSTEM. */
int danests_new(danests **out);

/* Cancels everything. NULL is fine. */
void danests_free(danests *ctx);

/*
 * One setting, by its name in danestsd.conf(5): resolver, root_hints, dnssec,
 * trust_anchor, ca_file, cache_size, private_policy_hosts, dns_timeout,
 * https_timeout, max_lookups, cache_dir ("": policies are held in memory only, which
 * is the default of a context), refresh. DANESTS_OK; DANESTS_EINVAL for an unknown name or
 * a bad value, DANESTS_EBUSY after the first lookup or danests_open():
 * danests_problem() then says what is wrong.
 */
int danests_set(danests *ctx, const char *name, const char *value);

/* Where danests-stub(8) is, the helper of dnssec = trust-ad, when it is not where
 * it was installed. Errors as danests_set(). */
int danests_set_stub(danests *ctx, const char *path);

/*
 * Freeze the settings and open what they name. Optional: the first lookup does
 * it too, but a service wants to know early. DANESTS_OK, DANESTS_ENOMEM,
 * DANESTS_EINVAL (settings that do not go together), DANESTS_ERESOLVER,
 * DANESTS_ETRUST, DANESTS_ECACHE (cache_dir), DANESTS_EBUSY (another process has
 * cache_dir), DANESTS_ESYSTEM: danests_problem() says what is wrong and what to
 * do about it.
 */
int danests_open(danests *ctx);

/*
 * Take over the settings of model, a context that was never opened, as if ctx had been
 * opened with them, the files that they name read anew. Lookups under way end as they
 * began; what is cached stays, but for answers judged by another resolver or trust
 * anchor, be it in the same file: then DANESTS_EVENT_CHANGED of "" comes, too. cache_dir
 * cannot change. As danests_open(), and DANESTS_EINVAL for that; on failure all is as
 * before.
 */
int danests_change(danests *ctx, const danests *model);

/* In words, what the last failed call on this context stumbled over; "" if none
 * did. Valid until the next call. */
const char *danests_problem(const danests *ctx);

/* Does DNSSEC work from here? */
enum danests_trust_state {
	DANESTS_TRUST_TESTING = 0, /* no answer yet */
	DANESTS_TRUST_GOOD    = 1, /* a live answer was validated */
	DANESTS_TRUST_FAILED  = 2  /* it was not: lookups defer until one is */
};

/* How long something took: count[i] of them at most danests_times_limit(i) ms, the
 * last one any time. Not cumulative. */
#define DANESTS_TIMES 16
struct danests_times {
	uint64_t count[DANESTS_TIMES];
	uint64_t sum_us;
};
/* 1, 2, 5, 10, 20, 50 ... 50000 ms; 0 for the last, which has no limit. */
unsigned int danests_times_limit(size_t i);

struct danests_status {
	enum danests_trust_state dnssec;
	const char *dnssec_text;   /* source of trust and how the self-test went */
	const char *resolver_text; /* which resolvers are used */
	size_t      lookups;       /* under way */
	size_t      parked;        /* of those, the ones that only wait for a policy host:
	                            * max_lookups does not count them */
	size_t      cache_entries, cache_bytes; /* in memory */
	size_t      held;          /* policies, on disk or in memory, that are not over */
	uint64_t    snapshot_bytes, journal_bytes; /* of the persistent cache's files */
	uint64_t    folds;         /* journals folded into a new snapshot, since the start */
	uint64_t    bytes_written; /* to those files, since the start */
	size_t      unsaved;       /* policies the disk has refused so far */
	const char *cache_text;    /* where policies are kept, or why they are not */
	size_t      queries;       /* DNS questions in flight */
	size_t      fetches;       /* policy fetches in flight, those that wait included */
	uint64_t    queries_done, queries_failed;
	uint64_t    refreshes, refreshes_failed;
	/* Since the start: fetches by how they ended, one of DANESTS_SUCCESS, the three
	 * STS_ results; and how long they took. */
	uint64_t    fetched, fetch_errors, fetch_invalid, fetch_webpki;
	struct danests_times fetch_times, query_times;
};

/* The strings are valid until the next call on this context. */
void danests_get_status(danests *ctx, struct danests_status *out);

/* ---- What the library found out by itself: for the caller's log ---- */

enum danests_event_kind {
	/* The policy held for domain is another one, or is gone: forget what was made of
	 * the old one. domain "": forget that of all domains, for answers of DNS are not
	 * believed any more or it is not known which policy it was. text is "" or says what is
	 * worth a warning, such as another mode. */
	DANESTS_EVENT_CHANGED        = 0,
	/* domain's policy could not be refreshed; the one that is held goes on (S14). */
	DANESTS_EVENT_REFRESH_FAILED = 1,
	/* A refresh found another policy behind the same id. It is held now. */
	DANESTS_EVENT_SAME_ID        = 2,
	/* The persistent cache: damage, a disk that refuses; domain is "" mostly. */
	DANESTS_EVENT_CACHE_TROUBLE  = 3,
	/* It works again, or something that is good to know of it. */
	DANESTS_EVENT_CACHE_NOTE     = 4
};

struct danests_event {
	enum danests_event_kind kind;
	const char *domain; /* A-labels, or "" */
	const char *text;   /* one line, printable ASCII */
};

/* The oldest one not handed out yet; false when there is none. Look after each
 * danests_process() and danests_open(). The strings are valid until the next call. */
bool danests_next_event(danests *ctx, struct danests_event *out);

/* ---- MTA-STS policies that are held (RFC 8461 3.3) ---- */

/* One of them. Borrowed: valid until the next call on the context. */
struct danests_held {
	const char            *domain;  /* policy domain, A-labels */
	enum danests_sts_state mode;    /* NONE, TESTING or ENFORCE */
	const char            *id;
	const char            *text;    /* as fetched; ends with NUL */
	size_t                 text_len;
	uint32_t               max_age; /* seconds */
	time_t                 fetched; /* or confirmed by a refresh */
	time_t                 expires;
	time_t                 used;    /* asked for last, exact to a day */
};

/* 1: *out is the unexpired policy held for this domain. 0: none is. */
int danests_held_get(danests *ctx, const char *domain, struct danests_held *out);

/*
 * Hold this policy as if it had been fetched at that time; its mode, max_age and
 * expires follow from the text, and what they say in held is ignored. DANESTS_OK;
 * DANESTS_EINVAL with danests_problem(): not a domain, no policy, over, or from the
 * future; DANESTS_ENOMEM. Durable after danests_sync().
 */
int danests_held_put(danests *ctx, const struct danests_held *held);

/* Forget the policy of domain. DANESTS_OK, also when none is held, DANESTS_ENOMEM. */
int danests_held_drop(danests *ctx, const char *domain);

/*
 * Forget the answers of DNS and the failures that are remembered; policies stay.
 * DANESTS_OK. DANESTS_EBUSY (many questions of former resolvers are still under way: try
 * again in a minute), or as danests_open(), with danests_problem(): then the resolver
 * inside of the library has not forgotten, and goes on as it was.
 */
int danests_forget(danests *ctx);

/* Make puts and drops durable; what lookups learn is so before they are reaped.
 * DANESTS_OK; DANESTS_ECACHE with danests_problem(): the disk refuses, they are in
 * force all the same, and it is tried again. */
int danests_sync(danests *ctx);

/* All unexpired ones, in no order. Free it before the context; other calls may come
 * in between, and what they change is shown or not. PAUSE: a while was worked without
 * finding one; call again. */
typedef struct danests_walk danests_walk;
enum danests_walk_step { DANESTS_WALK_END = 0, DANESTS_WALK_HELD = 1, DANESTS_WALK_PAUSE = 2 };
danests_walk          *danests_walk_new(danests *ctx); /* NULL without memory */
enum danests_walk_step danests_walk_next(danests_walk *walk, struct danests_held *out);
void                   danests_walk_free(danests_walk *walk); /* NULL is fine */

/*
 * The one spelling of a nexthop, for tables of the caller's own: lower-case
 * A-labels, no final dot, no ":25". Octets of any kind may come in. Writes it
 * with a NUL; returns its length, DANESTS_ENAME when it is not a name to look
 * up, DANESTS_ENOMEM, or DANESTS_EINVAL when size is too small
 * (DANESTS_NEXTHOP_MAX + 1 never is).
 */
#define DANESTS_NEXTHOP_MAX 261
int danests_nexthop_key(const char *nexthop, size_t len, char *out, size_t size);

/* ---- Lookups: start, process, reap. Nothing calls you back. ---- */

/*
 * Begin looking up a nexthop. DANESTS_OK: exactly one danests_reap() will carry
 * this tag. DANESTS_ENAME: not a name to look up (an address literal, a path,
 * garbage): no policy applies. DANESTS_EBUSY: max_lookups are under way, not
 * counting those that only wait for a policy host.
 * Also what danests_open() returns.
 */
int danests_start(danests *ctx, const char *nexthop, void *tag);

/* No lookup with this tag is reaped after this. What it asked goes on and is kept. */
void danests_cancel(danests *ctx, const void *tag);

int danests_fd(const danests *ctx);      /* never changes; wait for POLLIN */
int danests_timeout(const danests *ctx); /* milliseconds, -1 for none */

/* Do what can be done without waiting. DANESTS_OK, or DANESTS_ESYSTEM when the
 * descriptors themselves fail. */
int danests_process(danests *ctx);

/* One finished lookup, oldest first; false when there is none. */
bool danests_reap(danests *ctx, struct danests_done *out);

/*
 * As danests_start(), and ask for what no decision needs, but who explains one to
 * people does: what comes is among the answers of the policy (danests_policy_answer()).
 * extra: a set of these; DANESTS_EINVAL: there are others in it.
 */
enum danests_extra {
	DANESTS_EXTRA_TEXTS = 1, /* TXT at _mta-sts and _smtp._tls of the domain, as they are */
	DANESTS_EXTRA_CHAIN = 2  /* DS of every name above the domain and its MX hosts: how
	                          * far down DNSSEC reaches */
};
int danests_start_extra(danests *ctx, const char *nexthop, unsigned int extra, void *tag);

/*
 * The policy that an earlier lookup of this nexthop came to, while it holds: true, and
 * the caller owns the reference in *out. False: look it up. Nothing is asked, nothing
 * allocated but, at the first call, the memory of the last some thousand policies: it is
 * lookups that begin after it which are remembered.
 */
bool danests_cached(danests *ctx, const char *nexthop, danests_policy **out);

/* Start, wait and reap in one. For a context without other lookups. On
 * DANESTS_OK the caller owns *out. */
int danests_lookup(danests *ctx, const char *nexthop, danests_policy **out);

/* ---- Policies. Getters cannot fail; what they return lives as long as the policy. ---- */

danests_policy *danests_policy_ref(danests_policy *policy);
void            danests_policy_unref(danests_policy *policy); /* NULL is fine */

const char              *danests_policy_nexthop(const danests_policy *policy); /* canonical */
const char              *danests_policy_domain(const danests_policy *policy);  /* policy domain */
enum danests_level       danests_policy_level(const danests_policy *policy);
enum danests_result      danests_policy_result(const danests_policy *policy);
enum danests_dane        danests_policy_dane(const danests_policy *policy);
enum danests_sts_state   danests_policy_sts_state(const danests_policy *policy);
const struct danests_sts *danests_policy_sts(const danests_policy *policy); /* or NULL */
bool                     danests_policy_mx_secure(const danests_policy *policy);
bool                     danests_policy_no_mail(const danests_policy *policy); /* NXDOMAIN, null MX */
const char              *danests_policy_token(const danests_policy *policy);  /* danests(7), or "" */
const char              *danests_policy_reason(const danests_policy *policy); /* or "" */
time_t                   danests_policy_expires(const danests_policy *policy);
size_t                   danests_policy_hosts(const danests_policy *policy);
const struct danests_host *danests_policy_host(const danests_policy *policy, size_t host);

/* What a policy rests on: one answer. Borrowed from its policy; later versions may add
 * members. */
enum danests_security {
	DANESTS_SECURE          = 0, /* data, and DNSSEC vouches for it */
	DANESTS_INSECURE        = 1, /* data, some link of it is in an unsigned zone */
	DANESTS_ABSENT_SECURE   = 2, /* DNSSEC proves that there is none */
	DANESTS_ABSENT_INSECURE = 3, /* there is none, unproved */
	DANESTS_FAILED          = 4  /* could not find out (RFC 7672 2.1.1) */
};

struct danests_answer {
	const char *kind;    /* MX ADDR CNAME TLSA TXT DS; STSTXT STSHELD STS: of MTA-STS */
	const char *name;    /* owner, A-labels; STSTXT, STSHELD, STS: the policy domain */
	enum danests_security security;
	bool        bogus;   /* it failed because DNSSEC says forged or broken */
	const char *alias;   /* end of the CNAME chain, or "" */
	const char *reason;  /* why it failed, or "" */
	time_t      expires;
	size_t      count;   /* records; a null MX (RFC 7505) is the last of them */
};

size_t danests_policy_answers(const danests_policy *policy);
bool   danests_policy_answer(const danests_policy *policy, size_t i, struct danests_answer *out);
/* A record of that answer as in a zone file, TXT without quotes, ADDR an address, STS and
 * STSTXT the id; printable ASCII with a NUL, as snprintf(3). -1: there is none. */
int    danests_policy_record(const danests_policy *policy, size_t answer, size_t record,
    char *out, size_t size);
/* The octets themselves, of any kind: of a TXT record, its strings joined; of STS and
 * STSHELD the policy as it was fetched. NULL: none there. Do not count on a NUL. */
const char *danests_policy_text(const danests_policy *policy, size_t answer, size_t record,
    size_t *len);

/* What a sender has to do at this MX host (RFC 7672 2.2, RFC 8461 5): by the host's own
 * records where it has some, by MTA-STS where that enforces. */
enum danests_need {
	DANESTS_NEED_NOTHING = 0, /* TLS where offered, without authentication */
	DANESTS_NEED_TLS     = 1, /* TLS, peer unchecked (L18) */
	DANESTS_NEED_STS     = 2, /* TLS, a certificate that MTA-STS accepts */
	DANESTS_NEED_DANE    = 3, /* TLS, a certificate that matches a TLSA record */
	DANESTS_NEED_WAIT    = 4  /* do not connect: not securely known (N8) */
};
enum danests_need danests_policy_need(const danests_policy *policy, size_t host);
const char       *danests_need_name(enum danests_need need);
/* The name to send in SNI: the TLSA base domain (U15) where DANE decides, else the
 * name of the host (S18). */
const char       *danests_policy_sni(const danests_policy *policy, size_t host);

/*
 * A policy from material of the caller's own: a resolver or a policy cache of an MTA,
 * records that are yet to be published. DANESTS_OK: the caller owns *out, which has this
 * one host. DANESTS_ENAME: a name is none; DANESTS_EINVAL: the MTA-STS policy is none;
 * problem says which and why (printable ASCII, with a NUL). DANESTS_ENOMEM.
 */
struct danests_made {
	const char *host;                /* name in the MX record */
	const char *base;                /* TLSA base domain; NULL: host */
	const char *const *nexthops;     /* further reference names of DANE-TA (RFC 7672 */
	size_t nexthop_count;            /* 3.2.2): nexthop, its expansion. None: host */
	const struct danests_tlsa *tlsa; /* all that DNSSEC vouches for, usable or not */
	size_t tlsa_count;
	const char *sts_text;            /* the MTA-STS policy in force, as published; or NULL */
	size_t sts_len;
};
int danests_policy_make(danests_policy **out, const struct danests_made *made, char *problem,
    size_t size);

/* ---- Faults: the same words and codes wherever a failure is told of (danests(7)) ---- */

struct danests_fault {
	const char *token;          /* "tlsa-invalid" */
	const char *code;           /* enhanced status, "4.7.323" (5 for 4 once mail is given
	                             * up); "": there is none */
	enum danests_result result; /* RFC 8460; SUCCESS: there is none */
	const char *hint;           /* what the recipient's postmaster can do, a sentence */
};
/* By its token; NULL: no such. Static. dane-required has two: the first is for a
 * destination without DNSSEC, the second for one without usable TLSA records. */
const struct danests_fault *danests_fault(const char *token);
/* All of them, by number; NULL past the last. */
const struct danests_fault *danests_fault_at(size_t i);

/* ---- Verification: any thread, no context, no clock, no I/O ---- */

/* Certification authorities, for MTA-STS. Immutable, counted. DANESTS_OK, DANESTS_ENOMEM,
 * DANESTS_ETRUST: none there, or not readable. */
typedef struct danests_trust danests_trust;
int            danests_trust_system(danests_trust **out);
int            danests_trust_file(danests_trust **out, const char *path); /* PEM */
danests_trust *danests_trust_ref(danests_trust *trust);
void           danests_trust_unref(danests_trust *trust); /* NULL is fine */

struct danests_der { const uint8_t *data; size_t len; }; /* a certificate or key; borrowed */

enum danests_judged {
	DANESTS_NOT_JUDGED = 0, /* nothing is published */
	DANESTS_PASS       = 1,
	DANESTS_FAIL       = 2,
	DANESTS_UNUSABLE   = 3  /* DANE: there are records, none usable (L18) */
};

/* What one mechanism says of a server. */
#define DANESTS_REASON_SIZE 256
struct danests_judgement {
	enum danests_judged         state;
	const struct danests_fault *fault;  /* of FAIL, else NULL */
	const char                 *hint;   /* what to change, for this very cause; static,
	                                     * never NULL where fault is not, or when UNUSABLE */
	enum danests_result         result; /* RFC 8460 */
	int  tlsa;  /* PASS by DANE: which of the host's records matched; else -1 */
	int  depth; /* and which certificate, 0 being the server's own; -1: an anchor that
	             * was not sent */
	char reason[DANESTS_REASON_SIZE]; /* printable ASCII: "3 1 1 matches the certificate" */
};

/* May mail go to this server? */
struct danests_verdict {
	bool                        deliver;
	enum danests_need           by;     /* what decided */
	const struct danests_fault *fault;  /* why not; also when a policy that does not
	                                     * enforce would have failed (S20); else NULL */
	const char                 *hint;   /* as in the judgement that it is from */
	enum danests_result         result; /* for TLSRPT */
	char                        reason[DANESTS_REASON_SIZE];
	struct danests_judgement    dane, sts; /* each as if it stood alone (S1) */
};

/*
 * The chain as the server sent it, its own certificate first, in DER. host: the name of
 * one of the policy's MX hosts, any case. now: seconds since 1970, the time it is judged at.
 * DANESTS_OK: *out is the verdict, good or bad. DANESTS_EINVAL: no such host, no
 * certificate, or trust is NULL where MTA-STS decides (DANESTS_NEED_STS); DANESTS_ENOMEM.
 * Where MTA-STS does not decide and trust is NULL, it is not judged.
 * A certificate that is garbage is a bad verdict, not an error. (RFC 7672 3, RFC 8461 4.)
 */
int danests_verify(const danests_policy *policy, const danests_trust *trust, const char *host,
    const struct danests_der *chain, size_t count, time_t now, struct danests_verdict *out);

/* The server showed a raw public key (RFC 7250), a SubjectPublicKeyInfo: only 3 1 x
 * records can match it (U13). As above. */
int danests_verify_key(const danests_policy *policy, const char *host,
    const struct danests_der *key, struct danests_verdict *out);

/* There is no TLS. detail: what the server or the TLS library said, any octets; or NULL. */
enum danests_no_tls {
	DANESTS_NOT_OFFERED = 0, /* no STARTTLS in the reply to EHLO */
	DANESTS_REFUSED     = 1, /* the command was not answered with 220 */
	DANESTS_HANDSHAKE   = 2  /* TLS itself failed */
};
int danests_verify_no_tls(const danests_policy *policy, const char *host,
    enum danests_no_tls why, const char *detail, struct danests_verdict *out);

/* Is this the certificate of a policy host, as RFC 8461 3.3 wants it (S7)? */
int danests_verify_web(const danests_trust *trust, const char *host,
    const struct danests_der *chain, size_t count, time_t now, struct danests_judgement *out);

/* One certificate, for those who show it. DANESTS_EINVAL: not a certificate. Strings are
 * printable ASCII and live as long as it does. */
typedef struct danests_cert danests_cert;
int         danests_cert_read(danests_cert **out, const struct danests_der *der);
void        danests_cert_free(danests_cert *cert); /* NULL is fine */
const char *danests_cert_subject(const danests_cert *cert); /* distinguished name */
const char *danests_cert_issuer(const danests_cert *cert);
const char *danests_cert_key(const danests_cert *cert);     /* "ECDSA 256", "RSA 2048" */
time_t      danests_cert_begins(const danests_cert *cert);
time_t      danests_cert_ends(const danests_cert *cert);
bool        danests_cert_is_ca(const danests_cert *cert);
size_t      danests_cert_names(const danests_cert *cert);   /* DNS-IDs */
const char *danests_cert_name(const danests_cert *cert, size_t i);
/* The association data of a TLSA record for it (RFC 6698 2.1): its length, or 0 when
 * size is too small or there is no such selector or matching type. */
size_t      danests_cert_tlsa(const danests_cert *cert, uint8_t selector, uint8_t mtype,
    uint8_t *out, size_t size);

/* ---- TLSA records and lint: what is to be published, looked at before ---- */

/* "3 1 1 HEX", blanks within HEX are fine. The data goes to data[], which has room for
 * len / 2 octets. DANESTS_OK; DANESTS_EINVAL: not of that form. */
int danests_tlsa_read(struct danests_tlsa *out, uint8_t *data, const char *text, size_t len);
/* Why it cannot authenticate an SMTP server (U1-U4), in words; NULL: it can. Static. */
const char *danests_tlsa_unusable(const struct danests_tlsa *rec);

/*
 * What 'danests lint' prints, line by line; the first is the verdict. DANESTS_OK (also for
 * what is invalid), DANESTS_ENOMEM. Texts may hold octets of any kind; the lines are
 * printable ASCII.
 */
typedef struct danests_lint danests_lint;
struct danests_text { const char *data; size_t len; }; /* borrowed */
int danests_lint_sts_record(danests_lint **out, const struct danests_text *txt, size_t count);
int danests_lint_sts_policy(danests_lint **out, const char *text, size_t len);
int danests_lint_tlsrpt_record(danests_lint **out, const struct danests_text *txt, size_t count);
int danests_lint_tlsa(danests_lint **out, const struct danests_text *records, size_t count);
int danests_lint_mx_match(danests_lint **out, const char *pattern, const char *host);
void        danests_lint_free(danests_lint *lint); /* NULL is fine */
bool        danests_lint_good(const danests_lint *lint); /* valid; mx_match: match */
size_t      danests_lint_lines(const danests_lint *lint);
const char *danests_lint_line(const danests_lint *lint, size_t i);

/* ---- What Postfix is told (smtp_tls_policy_maps) ---- */

struct danests_postfix {
	bool tlsrpt;           /* add the TLSRPT attributes (Postfix 3.10 or later) */
	bool report_testing;   /* with tlsrpt: answer a testing policy with "may ..." */
	bool insecure_mx_may;  /* insecure_mx = may */
	bool mixed_secure;     /* dane_sts_mixed = secure */
	bool no_dane;          /* a local decision: as if DNSSEC secured nothing there */
	bool no_sts;           /* likewise: as if there were no MTA-STS policy */
};

/*
 * The reply in socketmap form: "OK dane-only", "NOTFOUND ", "TEMP reason". Writes
 * at most size octets and no NUL; returns the length, or 0 when even the
 * enforceable part does not fit. 100 000 octets are always enough.
 */
size_t danests_postfix_reply(const danests_policy *policy,
    const struct danests_postfix *options, char *out, size_t size);

/* The level word of that reply: dane-only dane secure may NOTFOUND TEMP. Static. */
const char *danests_postfix_level(const danests_policy *policy,
    const struct danests_postfix *options);

/* ---- Names. Static strings; result names are spelled as in RFC 8460. ---- */

const char *danests_strerror(int error);
const char *danests_level_name(enum danests_level level);
const char *danests_result_name(enum danests_result result);
const char *danests_dane_name(enum danests_dane dane);
const char *danests_sts_state_name(enum danests_sts_state state);
const char *danests_host_state_name(enum danests_host_state state);
const char *danests_version(void);

#ifdef __cplusplus
}
#endif
#endif
